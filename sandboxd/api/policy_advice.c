// SPDX-License-Identifier: Apache-2.0
// GET /v1/policies/{name}/advice: limits that fit what runs used, for the policy and for each of its plugins.
#include "policies/diff.h"
#include "policies/units.h"
#include "sandboxd/api/answer_json.h"
#include "sandboxd/api/later.h"
#include "sandboxd/api/query_string.h"
#include "sandboxd/api/routes.h"
#include "sandboxd/store/run_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_RUNS = 1000, PLUGINS_MAX = 50 };

struct advising {
    const struct policy *policy;
    const char *plugin; // NULL: all
    unsigned runs;
    json_t *limits;  // of the policy, or of that plugin
    json_t *plugins; // NULL: not asked for
    json_t *document;
    size_t looked_at;
};

// The figure in the limit's own unit: milliseconds with their fraction.
static json_t *figure(enum run_limit limit, uint64_t value)
{
    unsigned scale = run_samples_scale(limit);
    return scale == 1 ? json_integer((json_int_t)value) : json_real((double)value / scale);
}

static json_t *limit_advice(const struct policy *policy, enum run_limit limit,
                            const struct limit_advice *advice)
{
    char suggestion[UNITS_TEXT_SIZE], current[64];
    units_format(advice->suggestion, run_limit_table[limit].unit, suggestion);
    limit_value_in_words(limit, policy->limits.value[limit], current, sizeof(current));
    return json_pack("{s:s, s:I, s:o, s:o, s:o, s:I, s:I, s:I, s:s++}", "limit", run_limit_table[limit].name,
                     "current", (json_int_t)policy->limits.value[limit], "p50", figure(limit, advice->p50),
                     "p99", figure(limit, advice->p99), "maximum", figure(limit, advice->maximum),
                     "suggestion", (json_int_t)advice->suggestion, "would_fail",
                     (json_int_t)advice->would_fail, "runs", (json_int_t)advice->run_count, "words", current,
                     " → ", suggestion);
}

// One row for each limit that runs are measured by.
static json_t *advise(const struct policy *policy, struct run_samples *samples, json_t *document)
{
    json_t *rows = json_array();
    for (unsigned i = 0; rows != NULL && i < RUN_LIMIT_COUNT; i++) {
        enum run_limit limit = (enum run_limit)i;
        struct limit_advice advice;
        // Instructions are counted, and make sense to limit, only where they are limited.
        bool counted = limit != LIMIT_INSTRUCTIONS || policy->limits.value[limit] > 0;
        if (samples->ended[limit] == NULL || !counted ||
            !limit_advise(limit, samples->ended[limit], samples->ended_count, samples->cut_off[limit],
                          samples->cut_off_count, run_samples_scale(limit), &advice))
            continue;
        enum limit_unit unit = run_limit_table[limit].unit;
        char text[UNITS_TEXT_SIZE] = "";
        if (unit != UNIT_COUNT)
            units_spell(advice.suggestion, unit, text);
        json_object_set_new(document, run_limit_table[limit].name,
                            unit == UNIT_COUNT ? json_integer((json_int_t)advice.suggestion)
                                               : json_string(text));
        json_array_append_new(rows, limit_advice(policy, limit, &advice));
    }
    return rows;
}

static bool read_one(struct database *db, struct advising *advising, const char *plugin, json_t *document,
                     json_t **ret_rows, size_t *ret_looked_at, struct error *err)
{
    struct run_samples samples;
    if (!run_samples_read(db, advising->policy->name, plugin, advising->runs, &samples, err))
        return false;
    *ret_looked_at = samples.ended_count + samples.cut_off_count;
    *ret_rows = advise(advising->policy, &samples, document);
    run_samples_free(&samples);
    return true;
}

static void add_plugin(void *names, const char *plugin)
{
    json_array_append_new(names, json_string(plugin));
}

static bool read_plugins(struct database *db, struct advising *advising, struct error *err)
{
    json_t *names = json_array();
    bool good =
        run_plugins_read(db, advising->policy->name, advising->runs, PLUGINS_MAX, add_plugin, names, err);
    for (size_t i = 0; good && i < json_array_size(names); i++) {
        const char *plugin = json_string_value(json_array_get(names, i));
        json_t *rows = NULL, *document = json_object();
        size_t looked_at;
        good = read_one(db, advising, plugin, document, &rows, &looked_at, err);
        json_decref(document);
        if (good)
            json_array_append_new(advising->plugins, json_pack("{s:s, s:I, s:o}", "plugin", plugin, "runs",
                                                               (json_int_t)looked_at, "limits", rows));
    }
    json_decref(names);
    return good;
}

static bool read_advice(struct database *db, void *advising_, struct error *err)
{
    struct advising *advising = advising_;
    return read_one(db, advising, advising->plugin, advising->document, &advising->limits,
                    &advising->looked_at, err) &&
           (advising->plugins == NULL || read_plugins(db, advising, err));
}

static void answer(struct service *service, struct http_request *request, struct advising *advising)
{
    struct error err;
    advising->document = json_object();
    advising->plugins = advising->plugin == NULL ? json_array() : NULL;
    if (!store_read(service->store, read_advice, advising, &err)) {
        json_decref(advising->limits);
        json_decref(advising->document);
        json_decref(advising->plugins);
        answer_store_failed(request, &err);
        return;
    }
    json_t *body = json_pack("{s:s, s:s, s:o, s:I, s:o, s:{s:o}}", "policy", advising->policy->name,
                             "version", advising->policy->version, "plugin",
                             json_text_or_null(advising->plugin), "runs", (json_int_t)advising->looked_at,
                             "limits", advising->limits, "document", "limits", advising->document);
    if (advising->plugins != NULL && body != NULL)
        json_object_set_new(body, "plugins", advising->plugins);
    answer_json(request, 200, body);
}

static void advice(struct service *service, struct http_request *request)
{
    char plugin[129], limit[16];
    const struct query_field fields[] = {{"plugin", plugin, sizeof(plugin)}, {"limit", limit, sizeof(limit)}};
    struct advising advising = {0};
    if (!query_read(request, fields, sizeof(fields) / sizeof(fields[0])) ||
        !query_limit(request, limit, DEFAULT_RUNS, &advising.runs))
        return;
    struct policy *policy = live_policy(service, http_parameter(request, 0).data);
    if (policy == NULL) {
        http_refuse(request, PROBLEM_NOT_FOUND,
                    "there is no policy of this name; GET /v1/policies lists them");
        return;
    }
    advising.policy = policy;
    advising.plugin = plugin[0] != '\0' ? plugin : NULL;
    answer(service, request, &advising);
    policy_unref(policy);
}

void policies_advice(void *app, struct http_request *request)
{
    struct service *service = app;
    answer_later(service, request, service->queries, advice);
}
