// SPDX-License-Identifier: Apache-2.0
// os.date: strftime of C99 in the C locale, written here because the C library's reads time-zone files.
#include "base/bytes.h"
#include "runtime/lua/functions.h"
#include "runtime/lua/os_time.h"
#include "runtime/lua/time_values.h"

#include <lauxlib.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *const day_names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                        "Thursday", "Friday", "Saturday"};
static const char *const month_names[] = {"January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December"};

enum { FIELD_SIZE = 64 };

static int hour_of_twelve(const struct calendar_time *time)
{
    return time->hour % 12 == 0 ? 12 : time->hour % 12;
}

// Weeks of the year that begin on `first_day` (0 is Sunday); days before the first one are in week 0.
static int week_of_year(const struct calendar_time *time, int first_day)
{
    return (time->year_day + 7 - (time->week_day - first_day + 7) % 7) / 7;
}

static int64_t floor_hundred(int64_t year)
{
    return year / 100 - (year % 100 < 0 ? 1 : 0);
}

// Conversions that are a shorthand for others.
static const char *expansion_of(char conversion)
{
    static const struct {
        char conversion;
        const char *format;
    } shorthands[] = {
        {'c', "%a %b %e %H:%M:%S %Y"},
        {'D', "%m/%d/%y"},
        {'F', "%Y-%m-%d"},
        {'r', "%I:%M:%S %p"},
        {'R', "%H:%M"},
        {'T', "%H:%M:%S"},
        {'x', "%m/%d/%y"},
        {'X', "%H:%M:%S"},
    };
    for (size_t i = 0; i < sizeof(shorthands) / sizeof(shorthands[0]); i++)
        if (shorthands[i].conversion == conversion)
            return shorthands[i].format;
    return NULL;
}

// Numbers: false if the conversion is none.
static bool number_of(const struct calendar_time *time, char conversion, long long *ret_value,
                      const char **ret_format)
{
    int64_t iso_year;
    int iso_week = calendar_iso_week(time, &iso_year);
    const int64_t century = floor_hundred(time->year);
    const struct {
        char conversion;
        const char *format;
        long long value;
    } numbers[] = {
        {'C', "%02lld", century},
        {'d', "%02lld", time->day},
        {'e', "%2lld", time->day},
        {'g', "%02lld", iso_year - floor_hundred(iso_year) * 100},
        {'G', "%lld", iso_year},
        {'H', "%02lld", time->hour},
        {'I', "%02lld", hour_of_twelve(time)},
        {'j', "%03lld", time->year_day + 1},
        {'m', "%02lld", time->month},
        {'M', "%02lld", time->minute},
        {'S', "%02lld", time->second},
        {'u', "%lld", time->week_day == 0 ? 7 : time->week_day},
        {'U', "%02lld", week_of_year(time, 0)},
        {'V', "%02lld", iso_week},
        {'w', "%lld", time->week_day},
        {'W', "%02lld", week_of_year(time, 1)},
        {'y', "%02lld", time->year - century * 100},
        {'Y', "%lld", time->year},
    };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (numbers[i].conversion == conversion) {
            *ret_value = numbers[i].value;
            *ret_format = numbers[i].format;
            return true;
        }
    }
    return false;
}

// NULL if the conversion is not a text.
static const char *text_of(const struct calendar_time *time, char conversion)
{
    switch (conversion) {
    case 'A':
        return day_names[time->week_day];
    case 'B':
        return month_names[time->month - 1];
    case 'n':
        return "\n";
    case 'p':
        return time->hour < 12 ? "AM" : "PM";
    case 't':
        return "\t";
    case 'z':
        return "+0000";
    case 'Z':
        return "UTC";
    case '%':
        return "%";
    default:
        return NULL;
    }
}

static bool add_conversion(luaL_Buffer *out, const struct calendar_time *time, char conversion)
{
    const char *text = text_of(time, conversion);
    const char *format;
    long long value;
    if (text != NULL) {
        luaL_addstring(out, text);
    } else if (conversion == 'a') {
        luaL_addlstring(out, day_names[time->week_day], 3);
    } else if (conversion == 'b' || conversion == 'h') {
        luaL_addlstring(out, month_names[time->month - 1], 3);
    } else if (number_of(time, conversion, &value, &format)) {
        char *field = luaL_prepbuffsize(out, FIELD_SIZE);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        luaL_addsize(out, (size_t)snprintf(field, FIELD_SIZE, format, value));
#pragma GCC diagnostic pop
    } else {
        return false;
    }
    return true;
}

// Reads "d", "Ex" or "Od"; the modifiers change nothing in the C locale. NULL if it is no conversion.
static const char *read_conversion(const char *at, const char *end, char *ret_conversion)
{
    static const char plain[] = "aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%";
    const char *allowed = plain;
    if (at < end && (*at == 'E' || *at == 'O'))
        allowed = *at++ == 'E' ? "cCxXyY" : "deHImMSuUVwWy";
    if (at >= end || *at == '\0' || strchr(allowed, *at) == NULL)
        return NULL;
    *ret_conversion = *at;
    return at + 1;
}

static void add_formatted(lua_State *L, luaL_Buffer *out, const struct calendar_time *time,
                          struct bytes format)
{
    const char *at = format.data, *end = format.data + format.length;
    while (at < end) {
        if (*at != '%') {
            luaL_addchar(out, *at++);
            continue;
        }
        char conversion;
        const char *next = read_conversion(at + 1, end, &conversion);
        if (next == NULL) {
            char shown[4] = {0};
            memcpy(shown, at, (size_t)(end - at < 2 ? end - at : 2));
            luaL_argerror(L, 1, lua_pushfstring(L, "invalid conversion specifier '%s'", shown));
            return;
        }
        at = next;
        const char *expansion = expansion_of(conversion);
        if (expansion != NULL)
            add_formatted(L, out, time, bytes_of_text(expansion));
        else
            add_conversion(out, time, conversion);
    }
}

int plugin_os_date(lua_State *L)
{
    struct bytes format;
    format.data = luaL_optlstring(L, 1, "%c", &format.length);
    lua_Integer unix_s = lua_isnoneornil(L, 2) ? unix_time_now(L) : luaL_checkinteger(L, 2);
    if (format.length > 0 && format.data[0] == '!') // UTC, which it always is
        format = bytes_of(format.data + 1, format.length - 1);
    struct calendar_time time;
    if (!calendar_from_unix(unix_s, &time))
        return luaL_error(L, "date result cannot be represented in this installation");
    if (format.length >= 2 && memcmp(format.data, "*t", 2) == 0) {
        push_calendar_table(L, &time);
        return 1;
    }
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    add_formatted(L, &out, &time, format);
    luaL_pushresult(&out);
    return 1;
}
