// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/cost_remote.h"

#include "sandboxctl/json_table.h"
#include "sandboxctl/remote.h"
#include "sandboxctl/remote_change.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array_) (sizeof(array_) / sizeof *(array_))
#define USAGE_COLUMNS \
    {"RUNS", "runs", COLUMN_COUNT}, {"FAILURES", "failures", COLUMN_COUNT}, \
        {"CPU S", "cpu_seconds", COLUMN_SECONDS}, {"GIB S", "memory_gib_seconds", COLUMN_SECONDS}, \
    { \
        "COST", "cost_micros", COLUMN_MONEY \
    }

const struct option_spec cost_top_options[] = {
    {"top", 'n', "N", "how many tenants (default: 10)", NULL},
    {"from", 0, "DATE", "the first day (default: the first of the month)", NULL},
    {"to", 0, "DATE", "the last day (default: today)", NULL},
    REMOTE_OPTIONS,
    {0},
};

static const char *const names[] = {"from", "to", "top"};

static void show_days(const struct invocation *invocation, const json_t *body)
{
    static const struct column columns[] = {{"DATE", "date", COLUMN_TEXT}, USAGE_COLUMNS};
    (void)invocation;
    json_t *rows = json_copy(json_object_get(body, "items"));
    json_t *total = json_copy(json_object_get(body, "total"));
    json_object_set_new(total, "date", json_string("total"));
    json_array_append_new(rows, total);
    json_table_show(stdout, columns, COUNT(columns), rows);
    json_decref(rows);
}

static void show_tenants(const struct invocation *invocation, const json_t *body)
{
    static const struct column columns[] = {{"TENANT", "tenant", COLUMN_TEXT}, USAGE_COLUMNS};
    (void)invocation;
    json_table_show(stdout, columns, COUNT(columns), json_object_get(body, "items"));
}

static void show_projection(const struct invocation *invocation, const json_t *body)
{
    static const struct column columns[] = {{"today", "today_micros", COLUMN_MONEY},
                                            {"daily limit", "daily_limit_micros", COLUMN_MONEY},
                                            {"month so far", "so_far_micros", COLUMN_MONEY},
                                            {"a day", "per_day_micros", COLUMN_MONEY},
                                            {"whole month", "projected_micros", COLUMN_MONEY},
                                            {"which ends", "to", COLUMN_TEXT}};
    (void)invocation;
    json_record_show(stdout, columns, COUNT(columns), body);
}

enum exit_status cost_daily_command(const struct invocation *invocation)
{
    return remote_do(invocation, "GET", remote_query(invocation, "/v1/costs/daily", names, 2), NULL,
                     show_days);
}

enum exit_status cost_top_command(const struct invocation *invocation)
{
    return remote_do(invocation, "GET", remote_query(invocation, "/v1/costs/tenants", names, 3), NULL,
                     show_tenants);
}

enum exit_status cost_projection_command(const struct invocation *invocation)
{
    return remote_do(invocation, "GET", strdup("/v1/costs/projection"), NULL, show_projection);
}
