// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/time_option.h"

#include <string.h>

bool time_option_ago(const char *text, int64_t now_unix_ms, char ret_time[CLOCK_TEXT_SIZE])
{
    static const char units[] = "smhd";
    static const int64_t unit_ms[] = {1000, 60 * 1000, 60 * 60 * 1000, 24 * 60 * 60 * 1000};
    size_t digits = strspn(text, "0123456789");
    const char *unit = text[digits] != '\0' && text[digits + 1] == '\0' ? strchr(units, text[digits]) : NULL;
    // So few that nothing overflows, and some ten thousand days.
    if (digits == 0 || digits > 6 || unit == NULL)
        return false;
    int64_t count = 0;
    for (size_t i = 0; i < digits; i++)
        count = count * 10 + (text[i] - '0');
    int64_t ago_ms = count * unit_ms[unit - units];
    if (ago_ms > now_unix_ms)
        return false;
    clock_format_rfc3339(now_unix_ms - ago_ms, ret_time);
    return true;
}
