// SPDX-License-Identifier: Apache-2.0
// Calendar arithmetic in UTC on the proleptic Gregorian calendar, without the C library's time zones (which
// read files). Days from and to civil dates after Howard Hinnant, "chrono-Compatible Low-Level Date
// Algorithms". Pure; any process.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct calendar_time {
    int64_t year;
    int month, day; // from 1
    int hour, minute, second;
    int week_day; // 0 is Sunday
    int year_day; // 0 is the first of January
};

// Days since 1970-01-01. `month` 1..12; `day` may be anything.
int64_t calendar_days(int64_t year, int month, int64_t day);
// False if the year does not fit an int, as C's struct tm would have it.
bool calendar_from_unix(int64_t unix_s, struct calendar_time *ret_time);
// Week number and its year of ISO 8601.
int calendar_iso_week(const struct calendar_time *time, int64_t *ret_year);

// What os.time() gives where the policy is deterministic.
enum { FROZEN_UNIX_S = 946684800 }; // 2000-01-01T00:00:00Z
