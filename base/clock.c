// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include "base/require.h"

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

uint64_t clock_thread_cpu_ns(void)
{
    return read_ns(CLOCK_THREAD_CPUTIME_ID);
}

int64_t clock_unix_ms(void)
{
    return (int64_t)(read_ns(CLOCK_REALTIME) / NS_PER_MS);
}

// `count` digits of a number, and what comes after it. Returns the end.
static char *put_digits(char *text, int count, int number, char after)
{
    for (int i = count - 1; i >= 0; i--, number /= 10)
        text[i] = (char)('0' + number % 10);
    text[count] = after;
    return text + count + 1;
}

void clock_format_rfc3339(int64_t unix_ms, char text[CLOCK_TEXT_SIZE])
{
    time_t seconds = (time_t)(unix_ms / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    // By hand: every log record has one, and strftime takes as long as the rest of it.
    text = put_digits(text, 4, utc.tm_year + 1900, '-');
    text = put_digits(text, 2, utc.tm_mon + 1, '-');
    text = put_digits(text, 2, utc.tm_mday, 'T');
    text = put_digits(text, 2, utc.tm_hour, ':');
    text = put_digits(text, 2, utc.tm_min, ':');
    text = put_digits(text, 2, utc.tm_sec, '.');
    text = put_digits(text, 3, (int)(unix_ms % 1000), 'Z');
    *text = '\0';
}

// `count` digits as a number; false if there are fewer.
static bool take_digits(const char **text, int count, int *ret_number)
{
    int number = 0;
    for (int i = 0; i < count; i++, (*text)++) {
        if (**text < '0' || **text > '9')
            return false;
        number = number * 10 + (**text - '0');
    }
    *ret_number = number;
    return true;
}

static bool take_byte(const char **text, char byte)
{
    return *(*text)++ == byte;
}

// Only where every byte before was as expected, so that no text is read past its end.
static bool take_date_time(const char **text, struct tm *ret_utc)
{
    struct tm utc = {0};
    if (!take_digits(text, 4, &utc.tm_year) || !take_byte(text, '-') || !take_digits(text, 2, &utc.tm_mon) ||
        !take_byte(text, '-') || !take_digits(text, 2, &utc.tm_mday) || !take_byte(text, 'T') ||
        !take_digits(text, 2, &utc.tm_hour) || !take_byte(text, ':') || !take_digits(text, 2, &utc.tm_min) ||
        !take_byte(text, ':') || !take_digits(text, 2, &utc.tm_sec))
        return false;
    utc.tm_year -= 1900;
    utc.tm_mon -= 1;
    *ret_utc = utc;
    return utc.tm_hour <= 23 && utc.tm_min <= 59 && utc.tm_sec <= 60;
}

static bool take_offset(const char **text, int *ret_minutes)
{
    int hours, minutes, sign = **text == '-' ? -1 : 1;
    if (**text == 'Z') {
        (*text)++;
        *ret_minutes = 0;
        return true;
    }
    if (**text != '+' && **text != '-')
        return false;
    (*text)++;
    if (!take_digits(text, 2, &hours) || !take_byte(text, ':') || !take_digits(text, 2, &minutes) ||
        hours > 23 || minutes > 59)
        return false;
    *ret_minutes = sign * (hours * 60 + minutes);
    return true;
}

bool clock_parse_rfc3339(const char *text, int64_t *ret_unix_ms)
{
    struct tm utc;
    int fraction_ms = 0, offset_minutes;
    if (!take_date_time(&text, &utc))
        return false;
    if (*text == '.') {
        const char *first = ++text;
        for (int scale = 100; *text >= '0' && *text <= '9'; text++, scale /= 10)
            fraction_ms += (*text - '0') * scale;
        if (text == first)
            return false;
    }
    if (!take_offset(&text, &offset_minutes) || *text != '\0')
        return false;
    int day = utc.tm_mday, month = utc.tm_mon, second = utc.tm_sec;
    utc.tm_sec = 0;
    int64_t seconds = timegm(&utc) + second;
    // A day that its month does not have comes back as another one.
    if (utc.tm_mday != day || utc.tm_mon != month)
        return false;
    seconds -= (int64_t)offset_minutes * 60;
    if (seconds < 0)
        return false;
    *ret_unix_ms = seconds * 1000 + fraction_ms;
    return true;
}
