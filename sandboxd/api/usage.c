// SPDX-License-Identifier: Apache-2.0
// GET /v1/tenants/{id}/usage: what a tenant used and what it cost, per day, and within a day per plugin.
#include "sandboxd/api/later.h"
#include "sandboxd/api/routes.h"
#include "sandboxd/api/usage_answer.h"

struct report {
    struct usage_filter filter;
    json_t *days;
    json_t *plugins; // of the day that is being read, borrowed
    int64_t day;
    struct usage_sum of_day, total;
};

static bool end_day(struct report *report)
{
    if (report->plugins == NULL)
        return true;
    char date[DATE_SIZE];
    date_format(report->day, date);
    json_t *day = usage_json("date", date, &report->of_day);
    bool good = json_object_set_new(day, "plugins", report->plugins) == 0;
    report->plugins = NULL;
    return json_array_append_new(report->days, day) == 0 && good;
}

static bool put_row(void *report_, const struct usage_row *row)
{
    struct report *report = report_;
    if (report->plugins == NULL || report->day != row->day) {
        if (!end_day(report))
            return false;
        report->day = row->day;
        report->of_day = (struct usage_sum){0};
        report->plugins = json_array();
    }
    usage_sum_add(&report->of_day, &row->sum);
    usage_sum_add(&report->total, &row->sum);
    return json_array_append_new(report->plugins, usage_json("plugin", row->plugin, &row->sum)) == 0;
}

static bool read_report(struct database *db, void *report_, struct error *err)
{
    struct report *report = report_;
    return usage_by_plugin_read(db, &report->filter, put_row, report, err) &&
           (end_day(report) || error_set(err, ERROR_MEMORY, "out of memory"));
}

static void get(struct service *service, struct http_request *request)
{
    struct report report = {.filter.tenant = http_parameter(request, 0).data};
    char from[DATE_SIZE], to[DATE_SIZE];
    struct error err;
    if (!query_days(request, NULL, &report.filter))
        return;
    report.days = json_array();
    bool good = store_read(service->store, read_report, &report, &err);
    if (good && report.total.runs == 0 && !accounts_know_tenant(service->accounts, report.filter.tenant)) {
        http_refuse(request, PROBLEM_NOT_FOUND, "there is no tenant \"%s\"", report.filter.tenant);
    } else if (good) {
        date_format(report.filter.from_day, from);
        date_format(report.filter.to_day, to);
        answer_json(request, 200,
                    json_pack("{s:s, s:s, s:s, s:O, s:o}", "tenant", report.filter.tenant, "from", from, "to",
                              to, "days", report.days, "total", usage_json(NULL, NULL, &report.total)));
    } else {
        answer_store_failed(request, &err);
    }
    json_decref(report.plugins);
    json_decref(report.days);
}

void usage_get(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->queries, get);
}
