// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/os_time.h"

#include <limits.h>

enum { SECONDS_PER_DAY = 86400, DAYS_PER_ERA = 146097, YEARS_PER_ERA = 400, DAYS_TO_EPOCH = 719468 };

static int64_t floor_divide(int64_t value, int64_t by)
{
    return value / by - (value % by < 0 ? 1 : 0);
}

int64_t calendar_days(int64_t year, int month, int64_t day)
{
    year -= month <= 2 ? 1 : 0; // years that begin in March have their leap day at the end
    int64_t era = floor_divide(year, YEARS_PER_ERA);
    int64_t year_of_era = year - era * YEARS_PER_ERA;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - DAYS_TO_EPOCH + day - 1;
}

static void set_date(int64_t days, struct calendar_time *time)
{
    int64_t shifted = days + DAYS_TO_EPOCH;
    int64_t era = floor_divide(shifted, DAYS_PER_ERA);
    int64_t day_of_era = shifted - era * DAYS_PER_ERA;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    time->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    time->month = (int)(month < 10 ? month + 3 : month - 9);
    time->year = year_of_era + era * YEARS_PER_ERA + (time->month <= 2 ? 1 : 0);
    time->week_day = (int)(days + 4 - floor_divide(days + 4, 7) * 7);
    time->year_day = (int)(days - calendar_days(time->year, 1, 1));
}

bool calendar_from_unix(int64_t unix_s, struct calendar_time *ret_time)
{
    int64_t days = floor_divide(unix_s, SECONDS_PER_DAY);
    // Far beyond the years that are given, and near enough to be reckoned with.
    if (days > INT_MAX * 366LL || days < INT_MIN * 366LL)
        return false;
    struct calendar_time time;
    set_date(days, &time);
    if (time.year - 1900 > INT_MAX || time.year - 1900 < INT_MIN)
        return false;
    int seconds = (int)(unix_s - days * SECONDS_PER_DAY);
    time.hour = seconds / 3600;
    time.minute = seconds / 60 % 60;
    time.second = seconds % 60;
    *ret_time = time;
    return true;
}

int calendar_iso_week(const struct calendar_time *time, int64_t *ret_year)
{
    // The week belongs to the year that its Thursday is in.
    int64_t days = calendar_days(time->year, time->month, time->day);
    struct calendar_time thursday;
    set_date(days + 3 - (time->week_day + 6) % 7, &thursday);
    *ret_year = thursday.year;
    return thursday.year_day / 7 + 1;
}
