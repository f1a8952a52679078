// SPDX-License-Identifier: Apache-2.0
// What the answers about usage and cost share: days as dates of UTC, and sums as JSON.
#pragma once

#include "sandboxd/api/answer_json.h"
#include "sandboxd/store/usage_rows.h"

enum { DATE_SIZE = 11 };

// "2026-11-21" of a number of days since 1970.
void date_format(int64_t day, char text[DATE_SIZE]);
bool date_parse(const char *text, int64_t *ret_day);
int64_t date_of_month(int64_t day);      // its first day
int64_t date_of_next_month(int64_t day); // likewise

// Reads "from" and "to" of a query, both within; the month so far where they are not given. `extra` is one
// more parameter, or NULL. False: the request is answered.
struct query_field;
bool query_days(struct http_request *request, const struct query_field *extra,
                struct usage_filter *ret_filter);

// {"runs", "failures", "cpu_seconds", "memory_gib_seconds", "cost_micros"} and, before them, `name`: `value`.
json_t *usage_json(const char *name, const char *value, const struct usage_sum *sum);
void usage_sum_add(struct usage_sum *sum, const struct usage_sum *more);
