// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/api/limit_answer.h"

#include "sandboxd/accounts/price.h"
#include "sandboxd/observe/contexts.h"

#include <inttypes.h>
#include <stdio.h>

// The figure of a plan that a limit is, in each scope; none where PLAN_FIGURE_COUNT stands.
static const enum plan_figure figure_of[LIMIT_SCOPE_COUNT][QUOTA_UNIT_COUNT] = {
    [SCOPE_KEY] = {PLAN_KEY_REQUESTS_PER_MINUTE, PLAN_KEY_REQUESTS_PER_HOUR, PLAN_KEY_REQUESTS_PER_DAY,
                   PLAN_FIGURE_COUNT, PLAN_FIGURE_COUNT, PLAN_FIGURE_COUNT},
    [SCOPE_TENANT] = {PLAN_REQUESTS_PER_MINUTE, PLAN_REQUESTS_PER_HOUR, PLAN_REQUESTS_PER_DAY,
                      PLAN_CONCURRENT_RUNS, PLAN_COST_PER_DAY, PLAN_COST_PER_MONTH},
};

static uint64_t none_if_zero(uint64_t maximum)
{
    return maximum != 0 ? maximum : QUOTA_NONE;
}

static struct limit_wish wish_of(const struct service *service, const struct http_request *request,
                                 const struct plan *plan, unsigned units)
{
    const struct config *config = &service->config;
    struct limit_wish wish = {.key = request->identity.key_id,
                              .tenant = request->identity.tenant,
                              .units = units,
                              .quotas[SCOPE_GLOBAL].maximum = {
                                  [QUOTA_MINUTE] = none_if_zero(config->limits_per_minute),
                                  [QUOTA_HOUR] = none_if_zero(config->limits_per_hour),
                                  [QUOTA_DAY] = none_if_zero(config->limits_per_day),
                                  [QUOTA_CONCURRENCY] = QUOTA_NONE,
                                  [QUOTA_COST_DAY] = none_if_zero(config->limits_cost_per_day_micros),
                                  [QUOTA_COST_MONTH] = QUOTA_NONE,
                              }};
    for (unsigned scope = SCOPE_KEY; scope <= SCOPE_TENANT; scope++) {
        for (unsigned unit = 0; unit < QUOTA_UNIT_COUNT; unit++) {
            enum plan_figure figure = figure_of[scope][unit];
            wish.quotas[scope].maximum[unit] =
                plan != NULL && figure != PLAN_FIGURE_COUNT ? plan->figure[figure] : QUOTA_NONE;
        }
    }
    return wish;
}

static uint64_t seconds(uint64_t ms)
{
    return (ms + 999) / 1000;
}

// "minute" for the tenant's own, "key-minute" and "global-minute" for the others.
static const char *policy_name(enum limit_scope scope, enum quota_unit unit, char text[40])
{
    snprintf(text, 40, "%s%s%s", scope == SCOPE_TENANT ? "" : limit_scope_name(scope),
             scope == SCOPE_TENANT ? "" : "-", quota_unit_table[unit].name);
    return text;
}

static int put_policy(char *out, size_t size, enum limit_scope scope, enum quota_unit unit, uint64_t maximum)
{
    const struct quota_unit_info *info = &quota_unit_table[unit];
    char name[40], window[24] = "";
    if (info->window_s != 0)
        snprintf(window, sizeof(window), ";w=%" PRIu32, info->window_s);
    return snprintf(out, size, "\"%s\";q=%" PRIu64 "%s%s%s%s", policy_name(scope, unit, name), maximum,
                    info->header_unit != NULL ? ";qu=\"" : "",
                    info->header_unit != NULL ? info->header_unit : "", info->header_unit != NULL ? "\"" : "",
                    window);
}

// Every limit on requests that this one is under; those of runs are told where they refuse.
static void add_policies(struct http_request *request, const struct limit_wish *wish,
                         const struct limit_state *state)
{
    char text[RESPONSE_HEADER_SIZE] = "", one[96];
    size_t used = 0;
    for (unsigned scope = 0; scope < LIMIT_SCOPE_COUNT; scope++) {
        for (unsigned unit = 0; unit < QUOTA_UNIT_COUNT; unit++) {
            uint64_t maximum = wish->quotas[scope].maximum[unit];
            bool told = (wish->units & QUOTA_REQUESTS) != 0 ? (wish->units & 1U << unit) != 0
                                                            : scope == state->scope && unit == state->unit;
            if (!told || maximum == QUOTA_NONE || (scope == SCOPE_GLOBAL && state->scope != SCOPE_GLOBAL))
                continue;
            int length =
                put_policy(one, sizeof(one), (enum limit_scope)scope, (enum quota_unit)unit, maximum);
            if (used + (size_t)length + 3 < sizeof(text))
                used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used > 0 ? ", " : "", one);
        }
    }
    http_add_header(request, "RateLimit-Policy", "%s", text);
}

static void add_headers(struct http_request *request, const struct limit_wish *wish,
                        const struct limit_state *state)
{
    char name[40];
    http_add_header(request, "RateLimit", "\"%s\";r=%" PRIu64 ";t=%" PRIu64,
                    policy_name(state->scope, state->unit, name), state->rest.remaining,
                    seconds(state->rest.wait_ms != 0 ? state->rest.wait_ms : state->rest.reset_ms));
    add_policies(request, wish, state);
}

static void refuse(struct service *service, struct http_request *request, const struct limit_wish *wish,
                   const struct limit_state *state)
{
    if (state->maximum == QUOTA_NONE) {
        http_refuse(request, PROBLEM_INTERNAL_ERROR, "the server has no memory to count the request");
        return;
    }
    const struct quota_unit_info *info = &quota_unit_table[state->unit];
    const struct problem_limit limit = {.scope = limit_scope_name(state->scope),
                                        .name = info->name,
                                        .kind = info->kind,
                                        .maximum = state->maximum};
    uint64_t wait_s = seconds(state->rest.wait_ms);
    http_refuse_limit(request, PROBLEM_RATE_LIMITED, &limit,
                      "%s has a limit of %" PRIu64 " %s, and it is reached; ask again in %" PRIu64 " s",
                      state->scope == SCOPE_KEY      ? "this key"
                      : state->scope == SCOPE_TENANT ? "this tenant"
                                                     : "this server",
                      state->maximum, info->words, wait_s);
    http_add_header(request, "Retry-After", "%" PRIu64, wait_s);
    metrics_add(service->metrics, METRIC_RATE_LIMITED, 1, limit.scope, limit.name, NULL);
    add_headers(request, wish, state);
}

// Takes it, and tells of it: which limit refuses, or which is closest.
static bool take(struct service *service, const struct http_request *request, const struct limit_wish *wish,
                 struct limit_state *ret_state, struct limit_hold *ret_hold)
{
    bool fits = limits_take(service->limits, wish, ret_state, ret_hold);
    enum severity severity = fits ? LOG_TRACE : LOG_DEBUG;
    if (!log_may(&service->logger, severity) || ret_state->maximum == QUOTA_NONE)
        return fits;
    const struct log_context context = request_log_context(request);
    log_of(&service->logger, "limits", &context, severity, fits ? "limits let pass" : "limit refuses",
           LOG_TEXT("scope", limit_scope_name(ret_state->scope)),
           LOG_TEXT("unit", quota_unit_table[ret_state->unit].name),
           LOG_INTEGER("maximum", ret_state->maximum), LOG_INTEGER("remaining", ret_state->rest.remaining),
           LOG_INTEGER("wait_ms", ret_state->rest.wait_ms), LOG_INTEGER("cost_micros", wish->cost_micros));
    return fits;
}

static bool take_request(struct service *service, struct http_request *request, bool stands_in)
{
    struct plan *plan = accounts_plan(service->accounts, request->identity.tenant);
    struct limit_wish wish = wish_of(service, request, plan, QUOTA_REQUESTS);
    plan_unref(plan);
    if (stands_in) // an admin's key is in no plan, and all together have counted it
        for (unsigned unit = 0; unit < QUOTA_UNIT_COUNT; unit++)
            wish.quotas[SCOPE_KEY].maximum[unit] = wish.quotas[SCOPE_GLOBAL].maximum[unit] = QUOTA_NONE;
    struct limit_state state;
    bool fits = take(service, request, &wish, &state, NULL);
    if (!fits)
        refuse(service, request, &wish, &state);
    else if (state.maximum != QUOTA_NONE)
        add_headers(request, &wish, &state);
    return fits;
}

bool limit_request(struct service *service, struct http_request *request)
{
    return take_request(service, request, false);
}

bool limit_stand_in(struct service *service, struct http_request *request)
{
    request->response.header_count = 0; // of all together: the tenant's are told
    return take_request(service, request, true);
}

bool limit_run(struct service *service, struct http_request *request, const struct plan *plan,
               const struct run_limits *limits, struct limit_hold *ret_hold)
{
    struct limit_wish wish = wish_of(service, request, plan, QUOTA_RUNS);
    wish.cost_micros = price_estimate(plan, limits);
    wish.least_micros = price_least(plan);
    struct limit_state state;
    if (take(service, request, &wish, &state, ret_hold))
        return true;
    request->response.header_count = 0; // of the limits on requests, which let it pass
    refuse(service, request, &wish, &state);
    return false;
}
