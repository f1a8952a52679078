// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/text_style.h"

#include "base/hidden_text.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const sequences[STYLE_COUNT] = {
    [STYLE_PLAIN] = "",        [STYLE_BOLD] = "\033[1m", [STYLE_DIM] = "\033[2m",
    [STYLE_GOOD] = "\033[32m", [STYLE_BAD] = "\033[31m", [STYLE_WARN] = "\033[33m",
};

const char *style_begin(bool colour, enum style style)
{
    return colour ? sequences[style] : "";
}

const char *style_end(bool colour)
{
    return colour ? "\033[0m" : "";
}

// What is no UTF-8 is not shown either: some terminals take such bytes for control characters.
static unsigned put_characters(FILE *out, struct bytes text, bool with_lines)
{
    unsigned shown = 0;
    for (size_t i = 0, length; i < text.length; i += length, shown++) {
        const char *at = text.data + i;
        uint32_t code_point;
        size_t sequence = utf8_sequence((const uint8_t *)at, text.length - i);
        bool line = with_lines && (*at == '\n' || *at == '\t');
        length = sequence > 0 ? sequence : 1;
        if (sequence > 0 && (line || hidden_length(text, i, &code_point) == 0))
            fwrite(at, 1, length, out);
        else
            fputc('?', out);
    }
    return shown;
}

void put_foreign(FILE *out, const char *text, unsigned width)
{
    unsigned shown = text != NULL ? put_characters(out, bytes_of_text(text), false) : 0;
    for (; shown < width; shown++)
        fputc(' ', out);
}

void put_foreign_lines(FILE *out, struct bytes text)
{
    put_characters(out, text, true);
}

const char *figure_bytes(uint64_t bytes, char text[FIGURE_SIZE])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    unsigned unit = 0;
    double value = (double)bytes;
    while (value >= 1024 && unit + 1 < sizeof units / sizeof *units) {
        value /= 1024;
        unit++;
    }
    bool whole = value == (double)(uint64_t)value;
    snprintf(text, FIGURE_SIZE, whole ? "%.0f %s" : "%.1f %s", value, units[unit]);
    return text;
}

const char *figure_us(uint64_t us, char text[FIGURE_SIZE])
{
    if (us < 10000)
        snprintf(text, FIGURE_SIZE, "%.2f ms", (double)us / 1e3);
    else if (us < 1000000)
        snprintf(text, FIGURE_SIZE, "%.1f ms", (double)us / 1e3);
    else
        snprintf(text, FIGURE_SIZE, "%.2f s", (double)us / 1e6);
    return text;
}

const char *figure_count(uint64_t count, char text[FIGURE_SIZE])
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, count);
    char *out = text;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            *out++ = ',';
        *out++ = digits[i];
    }
    *out = '\0';
    return text;
}
