// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/json_write.h"
#include "base/utf8.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
    RECORD_MAX = 16384, // bytes of one record, its newline included
    VALUE_MAX = 2048,   // bytes of one value before escaping
    TAIL_ROOM = 32,     // kept free for the mark of a cut record
};

static const char *const severity_names[SEVERITY_COUNT] = {"trace", "debug", "info",
                                                           "warn",  "error", "fatal"};
static const char *const secret_keys[] = {"authorization", "api_key", "apikey", "token",
                                          "password",      "secret",  "cookie"};
static const char REDACTED[] = "[redacted]";
static const char KEY_PREFIX[] = "sbx_";

const char *severity_name(enum severity severity)
{
    return (unsigned)severity < SEVERITY_COUNT ? severity_names[severity] : "unknown";
}

bool severity_by_name(const char *name, enum severity *ret_severity)
{
    for (unsigned i = 0; i < SEVERITY_COUNT; i++) {
        if (strcasecmp(name, severity_names[i]) == 0) {
            *ret_severity = (enum severity)i;
            return true;
        }
    }
    return false;
}

static bool names_a_secret(const char *key)
{
    for (size_t i = 0; i < sizeof secret_keys / sizeof *secret_keys; i++)
        if (strcasestr(key, secret_keys[i]) != NULL)
            return true;
    return false;
}

static bool belongs_to_key(char byte)
{
    return isalnum((unsigned char)byte) != 0 || byte == '_' || byte == '-';
}

// `text` with our own keys replaced, at most VALUE_MAX bytes and never half a character; `ret_cut` tells.
static void redact(struct buffer *out, const char *text, bool *ret_cut)
{
    const char *key;
    while ((key = strstr(text, KEY_PREFIX)) != NULL && buffer_ok(out)) {
        buffer_append(out, text, (size_t)(key - text));
        buffer_append_text(out, REDACTED);
        text = key;
        while (belongs_to_key(*text))
            text++;
    }
    size_t room = out->maximum - out->length;
    struct bytes rest = bytes_of_text(text);
    size_t length = utf8_cut(rest, room);
    buffer_append(out, text, length);
    *ret_cut = length < rest.length || !buffer_ok(out);
}

static bool reads_plainly(struct bytes text)
{
    if (text.length == 0)
        return false;
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] <= ' ' || text.data[i] == '"' || text.data[i] == '=' || text.data[i] == '\\')
            return false;
    return utf8_valid(text);
}

static void put_text(struct buffer *out, enum log_format format, const char *text)
{
    char memory[VALUE_MAX + 1];
    struct buffer clean = buffer_over(memory, sizeof memory);
    bool cut = false;
    redact(&clean, text, &cut);
    // What overflowed in the middle of a replacement left nothing behind it: show what fits.
    struct bytes shown = bytes_of(clean.data, clean.length);
    if (cut) {
        shown.length = utf8_cut(shown, sizeof memory - 4);
        memcpy(memory + shown.length, "...", 3);
        shown.length += 3;
    }
    if (format == LOG_FORMAT_TEXT && reads_plainly(shown))
        buffer_append(out, shown.data, shown.length);
    else
        json_put_string(out, shown);
}

static void put_value(struct buffer *out, enum log_format format, const struct log_field *field)
{
    switch (field->type) {
    case FIELD_TEXT:
        put_text(out, format, names_a_secret(field->key) ? REDACTED : field->text);
        return;
    case FIELD_INTEGER:
        json_put_integer(out, field->integer);
        return;
    case FIELD_DOUBLE:
        if (isfinite(field->number))
            json_put_double(out, field->number);
        else
            buffer_append_text(out, "null");
        return;
    case FIELD_BOOL:
        buffer_append_text(out, field->boolean ? "true" : "false");
        return;
    }
}

// Appends one field, or nothing of it if it does not fit.
static bool put_field(struct buffer *out, enum log_format format, const struct log_field *field)
{
    size_t before = out->length;
    if (format == LOG_FORMAT_JSON) {
        json_put_name(out, field->key);
    } else {
        buffer_append_byte(out, ' ');
        buffer_append_text(out, field->key);
        buffer_append_byte(out, '=');
    }
    put_value(out, format, field);
    if (buffer_ok(out))
        return true;
    out->length = before;
    out->failed = false;
    return false;
}

static void put_head(struct buffer *out, const struct logger *logger, enum severity severity,
                     const char *message)
{
    char time[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(clock_unix_ms(), time);
    if (logger->format == LOG_FORMAT_JSON) {
        buffer_append_byte(out, '{');
        json_put_name(out, "time");
        json_put_text(out, time);
        json_put_name(out, "level");
        json_put_text(out, severity_name(severity));
        json_put_name(out, "msg");
        put_text(out, LOG_FORMAT_JSON, message);
        json_put_name(out, "service");
        json_put_text(out, logger->service);
        return;
    }
    char level[8];
    snprintf(level, sizeof level, "%-5s", severity_name(severity));
    for (char *at = level; *at != '\0'; at++)
        *at = (char)toupper((unsigned char)*at);
    buffer_append_text(out, time);
    buffer_append_byte(out, ' ');
    buffer_append_text(out, level);
    buffer_append_byte(out, ' ');
    // The message is prose, so spaces in it are fine; what could break the line is not.
    char memory[VALUE_MAX * 6 + 8];
    struct buffer quoted = buffer_over(memory, sizeof memory);
    put_text(&quoted, LOG_FORMAT_JSON, message);
    buffer_append(out, quoted.data + 1, quoted.length - 2);
}

void log_event(struct logger *logger, enum severity severity, const char *message,
               const struct log_field *fields, unsigned count)
{
    if ((int)severity < atomic_load_explicit(&logger->minimum, memory_order_relaxed))
        return;
    char memory[RECORD_MAX + 1];
    struct buffer out = buffer_over(memory, sizeof memory);
    out.maximum -= TAIL_ROOM;
    put_head(&out, logger, severity, message);
    bool whole = true;
    for (unsigned i = 0; i < count; i++)
        if (fields[i].type != FIELD_TEXT || fields[i].text != NULL)
            whole &= put_field(&out, logger->format, &fields[i]);
    out.maximum += TAIL_ROOM;
    if (!whole)
        put_field(&out, logger->format, &LOG_BOOL("truncated", true));
    buffer_append_text(&out, logger->format == LOG_FORMAT_JSON ? "}\n" : "\n");
    // A log that cannot be written has nobody to be told to.
    (void)fd_write_all(logger->fd, out.data, out.length, NULL);
}
