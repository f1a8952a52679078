// SPDX-License-Identifier: Apache-2.0
#include "base/json_write.h"

#include "base/json_number.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void put_escape(struct buffer *out, uint8_t byte)
{
    static const char letters[256] = {
        ['"'] = '"', ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't',
    };
    if (letters[byte] != 0) {
        const char escape[2] = {'\\', letters[byte]};
        buffer_append(out, escape, sizeof escape);
        return;
    }
    char escape[8];
    snprintf(escape, sizeof escape, "\\u%04x", byte);
    buffer_append(out, escape, 6);
}

void json_put_string(struct buffer *out, struct bytes text)
{
    const uint8_t *bytes = (const uint8_t *)text.data;
    size_t done = 0;
    size_t at = 0;
    buffer_append_byte(out, '"');
    while ((at = utf8_plain_run(bytes, at, text.length)) < text.length) {
        size_t sequence = bytes[at] < 0x80 ? 0 : utf8_sequence(bytes + at, text.length - at);
        if (sequence > 0) {
            at += sequence;
            continue;
        }
        buffer_append(out, text.data + done, at - done);
        if (bytes[at] < 0x80) {
            put_escape(out, bytes[at]);
            at++;
        } else {
            buffer_append_text(out, "\xef\xbf\xbd");
            at += utf8_broken(bytes + at, text.length - at);
        }
        done = at;
    }
    buffer_append(out, text.data + done, text.length - done);
    buffer_append_byte(out, '"');
}

void json_put_text(struct buffer *out, const char *text)
{
    json_put_string(out, bytes_of_text(text));
}

// Digits by hand: this is most of what is written, and printf would cost ten times as much.
static void put_digits(struct buffer *out, uint64_t value, bool negative)
{
    char text[24];
    size_t at = sizeof text;
    do {
        text[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    if (negative)
        text[--at] = '-';
    buffer_append(out, text + at, sizeof text - at);
}

void json_put_integer(struct buffer *out, int64_t value)
{
    put_digits(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0);
}

void json_put_unsigned(struct buffer *out, uint64_t value)
{
    put_digits(out, value, false);
}

void json_put_double(struct buffer *out, double value)
{
    char text[JSON_DOUBLE_TEXT_SIZE];
    buffer_append(out, text, json_number_text(value, text));
}

void json_put_ms_from_us(struct buffer *out, uint64_t us)
{
    json_put_unsigned(out, us / 1000);
    unsigned rest = (unsigned)(us % 1000);
    if (rest == 0)
        return;
    char text[] = {'.', (char)('0' + rest / 100), (char)('0' + rest / 10 % 10), (char)('0' + rest % 10)};
    size_t length = sizeof text;
    while (text[length - 1] == '0')
        length--;
    buffer_append(out, text, length);
}

void json_put_name(struct buffer *out, const char *name)
{
    if (out->length > 0 && out->data[out->length - 1] != '{')
        buffer_append_byte(out, ',');
    json_put_text(out, name);
    buffer_append_byte(out, ':');
}
