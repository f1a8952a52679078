// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/api/usage_answer.h"

#include "base/clock.h"
#include "sandboxd/api/query_string.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { DAY_S = 24 * 3600, DAYS_MAX = 366 };
#define KIB_MS_PER_GIB_S (1048576.0 * 1000)

static struct tm parts_of(int64_t day)
{
    time_t seconds = (time_t)day * DAY_S;
    struct tm parts;
    gmtime_r(&seconds, &parts);
    return parts;
}

void date_format(int64_t day, char text[DATE_SIZE])
{
    struct tm parts = parts_of(day);
    strftime(text, DATE_SIZE, "%Y-%m-%d", &parts);
}

bool date_parse(const char *text, int64_t *ret_day)
{
    char whole[CLOCK_TEXT_SIZE];
    int64_t unix_ms;
    if (strlen(text) != DATE_SIZE - 1)
        return false;
    snprintf(whole, sizeof(whole), "%sT00:00:00Z", text);
    if (!clock_parse_rfc3339(whole, &unix_ms))
        return false;
    *ret_day = unix_ms / 1000 / DAY_S;
    return true;
}

static int64_t first_of(int64_t day, int months_on)
{
    struct tm parts = parts_of(day);
    struct tm first = {.tm_year = parts.tm_year, .tm_mon = parts.tm_mon + months_on, .tm_mday = 1};
    return (int64_t)timegm(&first) / DAY_S;
}

int64_t date_of_month(int64_t day)
{
    return first_of(day, 0);
}

int64_t date_of_next_month(int64_t day)
{
    return first_of(day, 1);
}

static bool take_date(struct http_request *request, const char *name, const char *text, int64_t *day)
{
    if (text[0] == '\0' || date_parse(text, day))
        return true;
    http_refuse(request, PROBLEM_INVALID_REQUEST,
                "the query parameter \"%s\" must be a date such as \"2026-11-30\"", name);
    return false;
}

bool query_days(struct http_request *request, const struct query_field *extra,
                struct usage_filter *ret_filter)
{
    char from[16], to[16];
    const struct query_field fields[] = {{"from", from, sizeof(from)},
                                         {"to", to, sizeof(to)},
                                         extra != NULL ? *extra : (struct query_field){0}};
    int64_t today = clock_unix_ms() / 1000 / DAY_S;
    ret_filter->to_day = today;
    if (!query_read(request, fields, extra != NULL ? 3 : 2) ||
        !take_date(request, "to", to, &ret_filter->to_day))
        return false;
    ret_filter->from_day = date_of_month(ret_filter->to_day);
    if (!take_date(request, "from", from, &ret_filter->from_day))
        return false;
    if (ret_filter->from_day <= ret_filter->to_day && ret_filter->to_day - ret_filter->from_day <= DAYS_MAX)
        return true;
    http_refuse(request, PROBLEM_INVALID_REQUEST,
                "\"from\" must not be after \"to\", nor more than %d days before it", DAYS_MAX);
    return false;
}

json_t *usage_json(const char *name, const char *value, const struct usage_sum *sum)
{
    json_t *body = json_object();
    if (name != NULL)
        json_object_set_new(body, name, json_text_or_null(value));
    json_object_set_new(body, "runs", json_integer((json_int_t)sum->runs));
    json_object_set_new(body, "failures", json_integer((json_int_t)sum->failures));
    json_object_set_new(body, "cpu_seconds", json_real((double)sum->cpu_us / 1e6));
    json_object_set_new(body, "memory_gib_seconds", json_real((double)sum->memory_kib_ms / KIB_MS_PER_GIB_S));
    json_object_set_new(body, "cost_micros", json_integer((json_int_t)sum->cost_micros));
    return body;
}

void usage_sum_add(struct usage_sum *sum, const struct usage_sum *more)
{
    sum->runs += more->runs;
    sum->failures += more->failures;
    sum->cpu_us += more->cpu_us;
    sum->memory_kib_ms += more->memory_kib_ms;
    sum->cost_micros += more->cost_micros;
}
