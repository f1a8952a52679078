// SPDX-License-Identifier: Apache-2.0
#include "policies/units.h"

#include <inttypes.h>
#include <stdio.h>

struct unit {
    enum limit_unit kind;
    const char *name;
    uint64_t factor;
};

// Ascending within a kind.
static const struct unit units[] = {
    {UNIT_MS, "ms", 1},
    {UNIT_MS, "s", 1000},
    {UNIT_MS, "min", 60 * 1000},
    {UNIT_MS, "h", 60 * 60 * 1000},
    {UNIT_BYTES, "B", 1},
    {UNIT_BYTES, "KiB", 1ULL << 10},
    {UNIT_BYTES, "MiB", 1ULL << 20},
    {UNIT_BYTES, "GiB", 1ULL << 30},
    {UNIT_BYTES, "TiB", 1ULL << 40},
};
enum { UNIT_ROWS = sizeof units / sizeof *units };

// Units that people write and that we refuse because they can be read in two ways.
static const struct {
    enum limit_unit kind;
    const char *written, *meant;
} ambiguous[] = {
    {UNIT_BYTES, "KB", "KiB"},  {UNIT_BYTES, "kB", "KiB"},  {UNIT_BYTES, "K", "KiB"},
    {UNIT_BYTES, "k", "KiB"},   {UNIT_BYTES, "MB", "MiB"},  {UNIT_BYTES, "M", "MiB"},
    {UNIT_BYTES, "GB", "GiB"},  {UNIT_BYTES, "G", "GiB"},   {UNIT_BYTES, "T", "TiB"},
    {UNIT_BYTES, "TB", "TiB"},  {UNIT_BYTES, "mib", "MiB"}, {UNIT_BYTES, "kib", "KiB"},
    {UNIT_BYTES, "gib", "GiB"}, {UNIT_MS, "m", "min"},      {UNIT_MS, "sec", "s"},
    {UNIT_MS, "S", "s"},
};

static const char *expected(enum limit_unit unit)
{
    switch (unit) {
    case UNIT_MS:
        return "a whole number of milliseconds, or a string such as \"500ms\", \"10s\", \"5min\" or \"1h\"";
    case UNIT_BYTES:
        return "a whole number of bytes, or a string such as \"64KiB\", \"256MiB\" or \"1GiB\"";
    case UNIT_COUNT:
        break;
    }
    return "a whole number, written without quotes";
}

static bool refuse_unit(struct bytes name, enum limit_unit unit, struct error *err)
{
    for (size_t i = 0; i < sizeof ambiguous / sizeof *ambiguous; i++)
        if (ambiguous[i].kind == unit && bytes_equal_text(name, ambiguous[i].written))
            return error_set(err, ERROR_INVALID, "expected %s; did you mean \"%s\"?", expected(unit),
                             ambiguous[i].meant);
    return error_set(err, ERROR_INVALID, "expected %s", expected(unit));
}

bool units_parse(struct bytes text, enum limit_unit unit, uint64_t *ret_value, struct error *err)
{
    uint64_t number = 0;
    size_t digits = 0;
    while (digits < text.length && text.data[digits] >= '0' && text.data[digits] <= '9') {
        uint64_t digit = (uint64_t)(text.data[digits] - '0');
        if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, digit, &number))
            return error_set(err, ERROR_INVALID, "the number is too large");
        digits++;
    }
    size_t name_at = digits;
    if (name_at < text.length && text.data[name_at] == ' ')
        name_at++;
    struct bytes name = bytes_of(text.data + name_at, text.length - name_at);
    if (digits == 0 || name.length == 0 || unit == UNIT_COUNT)
        return error_set(err, ERROR_INVALID, "expected %s", expected(unit));
    for (size_t i = 0; i < UNIT_ROWS; i++) {
        if (units[i].kind != unit || !bytes_equal_text(name, units[i].name))
            continue;
        if (__builtin_mul_overflow(number, units[i].factor, &number))
            return error_set(err, ERROR_INVALID, "the number is too large");
        *ret_value = number;
        return true;
    }
    return refuse_unit(name, unit, err);
}

static void format_grouped(uint64_t value, char *text, size_t size)
{
    char plain[24];
    int length = snprintf(plain, sizeof plain, "%" PRIu64, value);
    size_t used = 0;
    for (int i = 0; i < length && used + 2 < size; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text[used++] = ',';
        text[used++] = plain[i];
    }
    text[used] = '\0';
}

// The largest unit whose factor is at most `value`; with `exact`, that also divides it.
static const struct unit *unit_for(uint64_t value, enum limit_unit unit, bool exact)
{
    const struct unit *best = NULL;
    for (size_t i = 0; i < UNIT_ROWS; i++) {
        if (units[i].kind != unit)
            continue;
        bool fits = value >= units[i].factor && (!exact || value % units[i].factor == 0);
        if (!best || fits)
            best = &units[i];
    }
    return best;
}

void units_format(uint64_t value, enum limit_unit unit, char text[UNITS_TEXT_SIZE])
{
    const struct unit *best = unit == UNIT_COUNT ? NULL : unit_for(value, unit, true);
    char number[UNITS_TEXT_SIZE - 8];
    format_grouped(best ? value / best->factor : value, number, sizeof number);
    if (best)
        snprintf(text, UNITS_TEXT_SIZE, "%s %s", number, best->name);
    else
        snprintf(text, UNITS_TEXT_SIZE, "%s", number);
}

void units_spell(uint64_t value, enum limit_unit unit, char text[UNITS_TEXT_SIZE])
{
    const struct unit *best = unit_for(value, unit, true);
    snprintf(text, UNITS_TEXT_SIZE, "%" PRIu64 "%s", value / best->factor, best->name);
}

void units_format_rounded(uint64_t value, enum limit_unit unit, char text[UNITS_TEXT_SIZE])
{
    const struct unit *best = unit == UNIT_COUNT ? NULL : unit_for(value, unit, false);
    if (!best || value % best->factor == 0) {
        units_format(value, unit, text);
        return;
    }
    double scaled = (double)value / (double)best->factor;
    snprintf(text, UNITS_TEXT_SIZE, "%.*f %s", scaled < 10 ? 2 : scaled < 100 ? 1 : 0, scaled, best->name);
}

static uint64_t round_up_binary(uint64_t value)
{
    for (uint64_t step = 1024; step < 1ULL << 60; step *= 2) {
        if (value <= step)
            return step;
        if (value <= step + step / 2)
            return step + step / 2;
    }
    return value;
}

static uint64_t round_up_decimal(uint64_t value)
{
    static const uint64_t tenths[] = {10, 15, 20, 25, 30, 40, 50, 60, 80, 100};
    if (value <= 10)
        return value;
    for (uint64_t step = 1; step < UINT64_MAX / 1000; step *= 10)
        for (size_t i = 0; i < sizeof tenths / sizeof *tenths; i++)
            if (value <= tenths[i] * step)
                return tenths[i] * step;
    return value;
}

uint64_t units_round_up(uint64_t value, enum limit_unit unit)
{
    return unit == UNIT_BYTES ? round_up_binary(value) : round_up_decimal(value);
}
