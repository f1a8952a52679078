// SPDX-License-Identifier: Apache-2.0
// How fast the JSON scanner checks a text: megabytes per second for a few kinds of documents, each beside a
// memcpy of the same bytes, since absolute figures drift with the machine.
#include "base/buffer.h"
#include "base/clock.h"
#include "base/json_cursor.h"
#include "base/json_write.h"
#include "base/require.h"

#include <stdio.h>
#include <string.h>

enum { TEXT_BYTES = 1 << 20, ROUND_MS = 200 };

static void put_records(struct buffer *out, const char *separator)
{
    static const char *const words[] = {"alpha", "quite ordinary", "a longer sentence with a few words in it",
                                        "na\xc3\xafve caf\xc3\xa9", "line\nbreak"};
    buffer_append_byte(out, '[');
    for (int i = 0; out->length < TEXT_BYTES; i++) {
        if (i > 0)
            buffer_append_byte(out, ',');
        buffer_printf(out, "%s{\"id\":%d,%s\"active\":%s,\"price\":%d.%02d,\"name\":", separator, i * 37,
                      separator, i % 3 == 0 ? "true" : "false", i % 1000, i % 100);
        json_put_text(out, words[i % 5]);
        buffer_printf(
            out, ",%s\"tags\":[\"red\",\"large\",null],\"nested\":{\"created_at\":\"2026-11-20T10:11:12Z\"}}",
            separator);
    }
    buffer_append_byte(out, ']');
}

static void put_compact(struct buffer *out)
{
    put_records(out, "");
}

static void put_indented(struct buffer *out)
{
    put_records(out, "\n        ");
}

static void put_numbers(struct buffer *out)
{
    buffer_append_byte(out, '[');
    for (int i = 0; out->length < TEXT_BYTES; i++)
        buffer_printf(out, "%s%d.%d", i > 0 ? "," : "", i * 7919 % 100000, i % 1000);
    buffer_append_byte(out, ']');
}

static void put_one_string(struct buffer *out)
{
    buffer_append_byte(out, '"');
    while (out->length < TEXT_BYTES)
        buffer_append_text(out, "The quick brown fox jumps over the lazy dog. ");
    buffer_append_byte(out, '"');
}

static void put_cjk(struct buffer *out)
{
    buffer_append_byte(out, '"');
    while (out->length < TEXT_BYTES)
        buffer_append_text(out, "\xe6\xbc\xa2\xe5\xad\x97\xe3\x81\x8b\xe3\x81\xaa");
    buffer_append_byte(out, '"');
}

static double rate(uint64_t bytes, uint64_t ns)
{
    return (double)bytes / 1e6 / ((double)ns / 1e9);
}

static double scan_rate(struct bytes text)
{
    uint64_t begin = clock_process_cpu_ns();
    uint64_t bytes = 0;
    uint64_t spent;
    do {
        require(json_check(text, 64, NULL));
        bytes += text.length;
        spent = clock_process_cpu_ns() - begin;
    } while (spent < ROUND_MS * NS_PER_MS);
    return rate(bytes, spent);
}

static double copy_rate(struct bytes text, char *copy)
{
    uint64_t begin = clock_process_cpu_ns();
    uint64_t bytes = 0;
    uint64_t spent;
    do {
        memcpy(copy, text.data, text.length);
        __asm__ volatile("" : : "r"(copy) : "memory");
        bytes += text.length;
        spent = clock_process_cpu_ns() - begin;
    } while (spent < ROUND_MS * NS_PER_MS);
    return rate(bytes, spent);
}

int main(void)
{
    static const struct {
        const char *name;
        void (*put)(struct buffer *out);
    } documents[] = {
        {"records, compact", put_compact},
        {"records, indented", put_indented},
        {"numbers", put_numbers},
        {"one ASCII string", put_one_string},
        {"one string of three-byte characters", put_cjk},
    };
    printf("%-36s %12s %12s\n", "document of 1 MiB", "scan MB/s", "memcpy MB/s");
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        struct buffer text = buffer_make(2 * TEXT_BYTES);
        struct buffer copy = buffer_make(2 * TEXT_BYTES);
        documents[i].put(&text);
        require(buffer_ok(&text) && buffer_reserve(&copy, text.length) != NULL);
        struct bytes bytes = bytes_of(text.data, text.length);
        printf("%-36s %12.0f %12.0f\n", documents[i].name, scan_rate(bytes), copy_rate(bytes, copy.data));
        buffer_free(&text);
        buffer_free(&copy);
    }
    return 0;
}
