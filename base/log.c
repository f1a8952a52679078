// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/json_write.h"
#include "base/redact.h"
#include "base/utf8.h"

#include <ctype.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

enum {
    RECORD_MAX = 16384, // bytes of one record, its newline included
    VALUE_MAX = 2048,   // bytes of one value before escaping
    TAIL_ROOM = 32,     // kept free for the mark of a cut record
};

// The folder of the file that logs; "service" for the program's own.
static const char *module_of(const struct logger *logger, const struct log_site *site,
                             char memory[LOG_MODULE_SIZE])
{
    if (site->module != NULL)
        return site->module;
    const char *end = strrchr(site->file, '/'), *start = end;
    while (start != NULL && start > site->file && start[-1] != '/')
        start--;
    size_t length = start != NULL ? (size_t)(end - start) : 0;
    if (length == 0 || length >= LOG_MODULE_SIZE ||
        (length == strlen(logger->service) && memcmp(start, logger->service, length) == 0))
        return "service";
    memcpy(memory, start, length);
    memory[length] = '\0';
    return memory;
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
    char memory[2 * VALUE_MAX + 1];
    struct buffer clean = buffer_over(memory, sizeof memory);
    struct bytes whole = bytes_of_text(text);
    size_t length = utf8_cut(whole, VALUE_MAX);
    redact_put(&clean, bytes_of(text, length));
    struct bytes shown = bytes_of(clean.data, clean.length);
    if (length < whole.length || !buffer_ok(&clean)) {
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
        put_text(out, format, redact_names_a_secret(bytes_of_text(field->key)) ? REDACTED : field->text);
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
    case FIELD_MS:
        json_put_ms_from_us(out, (uint64_t)field->integer);
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

static void put_head(struct buffer *out, const struct logger *logger, const struct log_site *site,
                     enum severity severity, const char *message)
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
        if (logger->version != NULL)
            put_field(out, LOG_FORMAT_JSON, &LOG_TEXT("version", logger->version));
        char module[LOG_MODULE_SIZE];
        put_field(out, LOG_FORMAT_JSON, &LOG_TEXT("module", module_of(logger, site, module)));
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
    char memory[2 * VALUE_MAX * 6 + 8];
    struct buffer quoted = buffer_over(memory, sizeof memory);
    put_text(&quoted, LOG_FORMAT_JSON, message);
    buffer_append(out, quoted.data + 1, quoted.length - 2);
}

static bool put_fields(struct buffer *out, enum log_format format, const struct log_field *fields,
                       unsigned count)
{
    bool whole = true;
    for (unsigned i = 0; i < count; i++)
        if (fields[i].type != FIELD_TEXT || fields[i].text != NULL)
            whole &= put_field(out, format, &fields[i]);
    return whole;
}

// In memory of RECORD_MAX bytes at least.
static void put_record(struct buffer *out, const struct logger *logger, const struct log_site *site,
                       enum severity severity, const char *message, const struct log_field *fields,
                       unsigned count)
{
    out->maximum -= TAIL_ROOM;
    put_head(out, logger, site, severity, message);
    bool whole = put_fields(out, logger->format, fields, count);
    for (const struct log_context *context = site->context; context != NULL; context = context->parent)
        whole &= put_fields(out, logger->format, context->field, context->count);
    out->maximum += TAIL_ROOM;
    if (!whole)
        put_field(out, logger->format, &LOG_BOOL("truncated", true));
    buffer_append_text(out, logger->format == LOG_FORMAT_JSON ? "}\n" : "\n");
}

bool log_wanted(const struct logger *logger, const struct log_site *site, enum severity severity)
{
    if (!log_may(logger, severity))
        return false;
    char module[LOG_MODULE_SIZE];
    return log_levels_pass(&logger->levels, module_of(logger, site, module), severity);
}

void log_put(struct buffer *out, const struct logger *logger, const struct log_site *site,
             enum severity severity, const char *message, const struct log_field *fields, unsigned count)
{
    char memory[RECORD_MAX + 1];
    struct buffer record = buffer_over(memory, sizeof memory);
    put_record(&record, logger, site, severity, message, fields, count);
    buffer_append(out, record.data, record.length);
}

// Whether the descriptor takes a line now. A pipe that does has room for 4 KiB at least, which nearly every
// line is below; a longer one, or several threads at once, may still wait for the reader.
static bool can_write(struct logger *logger)
{
    struct pollfd out = {.fd = logger->fd, .events = POLLOUT};
    bool ready = poll(&out, 1, atomic_load(&logger->stalled) ? 0 : LOG_PATIENCE_MS) == 1;
    if (ready == atomic_load(&logger->stalled))
        atomic_store(&logger->stalled, !ready);
    return ready;
}

void log_event(struct logger *logger, const struct log_site *site, enum severity severity,
               const char *message, const struct log_field *fields, unsigned count)
{
    uint32_t suppressed = 0;
    if (!log_wanted(logger, site, severity) ||
        (!site->every && severity >= LOG_INFO &&
         !log_limit_pass(&logger->limit, message, severity, clock_monotonic_ns() / NS_PER_S, &suppressed)))
        return;
    if (!can_write(logger)) {
        atomic_fetch_add(&logger->lost, 1);
        atomic_fetch_add(&logger->lost_untold, 1);
        return;
    }
    uint64_t lost = atomic_exchange(&logger->lost_untold, 0);
    struct log_context missing = {.parent = site->context};
    if (suppressed > 0)
        missing.field[missing.count++] = LOG_INTEGER("suppressed", suppressed);
    if (lost > 0)
        missing.field[missing.count++] = LOG_INTEGER("lines_lost", lost);
    struct log_site whole = *site;
    whole.context = &missing;
    char memory[RECORD_MAX + 1];
    struct buffer record = buffer_over(memory, sizeof memory);
    if (logger->priorities)
        buffer_printf(&record, "<%d>", severity_priority(severity));
    put_record(&record, logger, &whole, severity, message, fields, count);
    // A log that cannot be written has nobody to be told to.
    (void)fd_write_all(logger->fd, record.data, record.length, NULL);
}

void log_tell_suppressed(struct logger *logger, bool all)
{
    const struct log_site site = {.module = "service", .every = true};
    uint64_t now_s = all ? UINT64_MAX : clock_monotonic_ns() / NS_PER_S;
    struct log_suppressed left_out;
    while (log_limit_take(&logger->limit, now_s, &left_out)) {
        const struct log_field fields[] = {LOG_TEXT("of", left_out.message),
                                           LOG_INTEGER("suppressed", left_out.count)};
        log_event(logger, &site, left_out.severity, "more of the same was left out", fields, 2);
    }
}
