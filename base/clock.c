// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include "base/require.h"

#include <stdio.h>
#include <time.h>

static uint64_t read_ns(clockid_t id)
{
    struct timespec now;
    require(clock_gettime(id, &now) == 0);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

uint64_t clock_monotonic_ns(void)
{
    return read_ns(CLOCK_MONOTONIC);
}

uint64_t clock_process_cpu_ns(void)
{
    return read_ns(CLOCK_PROCESS_CPUTIME_ID);
}

int64_t clock_unix_ms(void)
{
    return (int64_t)(read_ns(CLOCK_REALTIME) / NS_PER_MS);
}

void clock_format_rfc3339(int64_t unix_ms, char text[CLOCK_TEXT_SIZE])
{
    time_t seconds = (time_t)(unix_ms / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    char date[24];
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text, CLOCK_TEXT_SIZE, "%s.%03dZ", date, (int)(unix_ms % 1000));
}
