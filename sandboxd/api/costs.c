// SPDX-License-Identifier: Apache-2.0
// GET /v1/costs/daily, /v1/costs/tenants and /v1/costs/projection: what all tenants together cost.
#include "base/clock.h"
#include "sandboxd/api/later.h"
#include "sandboxd/api/query_string.h"
#include "sandboxd/api/routes.h"
#include "sandboxd/api/usage_answer.h"

#include <stdio.h>

enum { TOP_DEFAULT = 10, DAY_MS = 24 * 3600 * 1000, RATE_DAYS = 7 };

struct report {
    struct usage_filter filter;
    json_t *items;
    struct usage_sum total;
};

static bool put_day(void *report_, const struct usage_row *row)
{
    struct report *report = report_;
    char date[DATE_SIZE];
    date_format(row->day, date);
    usage_sum_add(&report->total, &row->sum);
    return json_array_append_new(report->items, usage_json("date", date, &row->sum)) == 0;
}

static bool put_tenant(void *report_, const struct usage_row *row)
{
    struct report *report = report_;
    return json_array_append_new(report->items, usage_json("tenant", row->tenant, &row->sum)) == 0;
}

static bool read_days(struct database *db, void *report_, struct error *err)
{
    struct report *report = report_;
    return usage_by_day_read(db, &report->filter, put_day, report, err);
}

static bool read_tenants(struct database *db, void *report_, struct error *err)
{
    struct report *report = report_;
    return usage_by_tenant_read(db, &report->filter, put_tenant, report, err);
}

// Reads, and answers with the range and the items.
static void answer_report(struct service *service, struct http_request *request, struct report *report,
                          store_work *work, bool with_total)
{
    char from[DATE_SIZE], to[DATE_SIZE];
    struct error err;
    report->items = json_array();
    if (!store_read(service->store, work, report, &err)) {
        json_decref(report->items);
        answer_store_failed(request, &err);
        return;
    }
    date_format(report->filter.from_day, from);
    date_format(report->filter.to_day, to);
    json_t *body = json_pack("{s:s, s:s, s:o}", "from", from, "to", to, "items", report->items);
    if (with_total && body != NULL)
        json_object_set_new(body, "total", usage_json(NULL, NULL, &report->total));
    answer_json(request, 200, body);
}

static void daily(struct service *service, struct http_request *request)
{
    struct report report = {.items = NULL};
    if (query_days(request, NULL, &report.filter))
        answer_report(service, request, &report, read_days, true);
}

static void tenants(struct service *service, struct http_request *request)
{
    struct report report = {.items = NULL};
    char top[16];
    const struct query_field extra = {"top", top, sizeof(top)};
    if (query_days(request, &extra, &report.filter) &&
        query_limit(request, top, TOP_DEFAULT, &report.filter.limit))
        answer_report(service, request, &report, read_tenants, false);
}

// What the projection is made of.
struct costs {
    int64_t today, month, first_day;   // the first within RATE_DAYS that had runs
    uint64_t so_far, of_today, before; // `before`: of the RATE_DAYS before today
};

static bool add_cost(void *costs_, const struct usage_row *row)
{
    struct costs *costs = costs_;
    if (row->day >= costs->month)
        costs->so_far += row->sum.cost_micros;
    if (row->day == costs->today) {
        costs->of_today = row->sum.cost_micros;
    } else if (row->day >= costs->today - RATE_DAYS) {
        costs->before += row->sum.cost_micros;
        if (costs->first_day == 0)
            costs->first_day = row->day;
    }
    return true;
}

static bool read_costs(struct database *db, void *costs_, struct error *err)
{
    struct costs *costs = costs_;
    int64_t from = costs->today - RATE_DAYS < costs->month ? costs->today - RATE_DAYS : costs->month;
    struct usage_filter filter = {.from_day = from, .to_day = costs->today};
    return usage_by_day_read(db, &filter, add_cost, costs, err);
}

// By the last seven whole days, or those since the first run; on the first day of all, by its own pace.
static double day_rate(const struct costs *costs, double of_day)
{
    if (costs->first_day != 0)
        return (double)costs->before / (double)(costs->today - costs->first_day);
    return (double)costs->of_today / (of_day > 0.01 ? of_day : 0.01);
}

static void projection(struct service *service, struct http_request *request)
{
    int64_t now_ms = clock_unix_ms();
    struct costs costs = {.today = now_ms / DAY_MS};
    costs.month = date_of_month(costs.today);
    double of_day = (double)(now_ms % DAY_MS) / DAY_MS;
    struct error err;
    if (!query_read(request, NULL, 0))
        return;
    if (!store_read(service->store, read_costs, &costs, &err)) {
        answer_store_failed(request, &err);
        return;
    }
    double rate = day_rate(&costs, of_day);
    double left = (double)(date_of_next_month(costs.today) - costs.today) - of_day;
    uint64_t limit = service->config.limits_cost_per_day_micros;
    char month[DATE_SIZE], end[DATE_SIZE];
    date_format(costs.month, month);
    date_format(date_of_next_month(costs.today) - 1, end);
    answer_json(request, 200,
                json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:o}", "from", month, "to", end, "today_micros",
                          (json_int_t)costs.of_today, "so_far_micros", (json_int_t)costs.so_far,
                          "per_day_micros", (json_int_t)rate, "projected_micros",
                          (json_int_t)((double)costs.so_far + rate * left), "daily_limit_micros",
                          limit != 0 ? json_integer((json_int_t)limit) : json_null()));
}

void costs_daily(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->queries, daily);
}

void costs_tenants(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->queries, tenants);
}

void costs_projection(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->queries, projection);
}
