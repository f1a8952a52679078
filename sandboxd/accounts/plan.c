// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/accounts/plan.h"

#include "base/hidden_text.h"
#include "policies/json_text.h"
#include "policies/members.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A million units of the currency, so that sums stay far from the end of 64 bits.
#define MICROS_MAX UINT64_C(1000000000000)
#define COUNT_MAX UINT64_C(1000000000000)

const struct plan_figure_info plan_figure_table[PLAN_FIGURE_COUNT] = {
    [PLAN_PRIORITY] = {NULL, "priority", 1, 100, 1},
    [PLAN_REQUESTS_PER_MINUTE] = {"requests", "per_minute", 1, COUNT_MAX, PLAN_UNLIMITED},
    [PLAN_REQUESTS_PER_HOUR] = {"requests", "per_hour", 1, COUNT_MAX, PLAN_UNLIMITED},
    [PLAN_REQUESTS_PER_DAY] = {"requests", "per_day", 1, COUNT_MAX, PLAN_UNLIMITED},
    [PLAN_KEY_REQUESTS_PER_MINUTE] = {"requests_per_key", "per_minute", 1, COUNT_MAX, PLAN_UNLIMITED},
    [PLAN_KEY_REQUESTS_PER_HOUR] = {"requests_per_key", "per_hour", 1, COUNT_MAX, PLAN_UNLIMITED},
    [PLAN_KEY_REQUESTS_PER_DAY] = {"requests_per_key", "per_day", 1, COUNT_MAX, PLAN_UNLIMITED},
    [PLAN_CONCURRENT_RUNS] = {NULL, "concurrent_runs", 1, 100000, PLAN_UNLIMITED},
    [PLAN_COST_PER_DAY] = {"cost_micros", "per_day", 1, MICROS_MAX, PLAN_UNLIMITED},
    [PLAN_COST_PER_MONTH] = {"cost_micros", "per_month", 1, MICROS_MAX, PLAN_UNLIMITED},
    [PLAN_PRICE_RUN] = {"prices_micros", "run", 0, MICROS_MAX, 0},
    [PLAN_PRICE_CPU_SECOND] = {"prices_micros", "cpu_second", 0, MICROS_MAX, 0},
    [PLAN_PRICE_GIB_SECOND] = {"prices_micros", "gib_second", 0, MICROS_MAX, 0},
};

static const char *const sections[] = {"requests", "requests_per_key", "cost_micros", "prices_micros"};

static void fault(struct diagnostics *faults, const char *pointer, const char *text)
{
    diagnostics_add(faults, DIAGNOSTIC_REQUEST, 0, 0, pointer, "%s", text);
}

static bool whole_number(const json_t *value, uint64_t minimum, uint64_t maximum, const char *pointer,
                         struct diagnostics *faults)
{
    if (json_is_integer(value) && json_integer_value(value) >= (json_int_t)minimum &&
        json_integer_value(value) <= (json_int_t)maximum)
        return true;
    diagnostics_add(faults, DIAGNOSTIC_REQUEST, 0, 0, pointer, "expected a whole number from %llu to %llu",
                    (unsigned long long)minimum, (unsigned long long)maximum);
    return false;
}

static bool read_figure(struct plan *plan, const char *section, const char *name, const json_t *value,
                        struct diagnostics *faults)
{
    for (unsigned i = 0; i < PLAN_FIGURE_COUNT; i++) {
        const struct plan_figure_info *info = &plan_figure_table[i];
        bool same_section = section == NULL ? info->section == NULL
                                            : info->section != NULL && strcmp(section, info->section) == 0;
        if (!same_section || strcmp(name, info->name) != 0)
            continue;
        char pointer[128];
        snprintf(pointer, sizeof pointer, "/%s%s%s", section != NULL ? section : "",
                 section != NULL ? "/" : "", name);
        if (!json_is_null(value) && whole_number(value, info->minimum, info->maximum, pointer, faults))
            plan->figure[i] = (uint64_t)json_integer_value(value);
        return true;
    }
    return false;
}

static void unknown_member(struct diagnostics *faults, const char *section, const char *name)
{
    char pointer[128];
    snprintf(pointer, sizeof pointer, "%s%s/%.64s", section[0] != '\0' ? "/" : "", section, name);
    fault(faults, pointer, "unknown member");
}

static void read_section(struct plan *plan, const char *section, json_t *value, struct diagnostics *faults)
{
    char pointer[64];
    snprintf(pointer, sizeof pointer, "/%s", section);
    const char *name;
    json_t *member;
    if (!json_is_object(value))
        fault(faults, pointer, "expected an object");
    json_object_foreach(value, name, member)
    {
        if (!read_figure(plan, section, name, member, faults))
            unknown_member(faults, section, name);
    }
}

static void read_ceilings(struct plan *plan, json_t *value, struct diagnostics *faults)
{
    const char *name;
    json_t *member;
    if (!json_is_object(value))
        fault(faults, "/ceilings", "expected an object");
    json_object_foreach(value, name, member)
    {
        enum run_limit limit;
        if (!run_limit_by_name(name, strlen(name), &limit)) {
            unknown_member(faults, "ceilings", name);
            continue;
        }
        char pointer[128];
        snprintf(pointer, sizeof pointer, "/ceilings/%s", name);
        const struct run_limit_info *info = &run_limit_table[limit];
        if (json_is_null(member) || !whole_number(member, info->minimum, info->maximum, pointer, faults))
            continue;
        plan->has_ceiling[limit] = true;
        plan->ceiling[limit] = (uint64_t)json_integer_value(member);
    }
}

static void read_policies(struct plan *plan, json_t *value, struct diagnostics *faults)
{
    if (json_is_null(value))
        return;
    if (!json_is_array(value) || json_array_size(value) == 0 || json_array_size(value) > PLAN_POLICIES_MAX) {
        fault(faults, "/policies", "expected a list of 1 to 64 names of policies, or null for all");
        return;
    }
    size_t index;
    json_t *item;
    json_array_foreach(value, index, item)
    {
        char pointer[64];
        snprintf(pointer, sizeof pointer, "/policies/%zu", index);
        const char *name = json_string_value(item);
        if (name == NULL || !policy_name_valid(bytes_of_text(name)))
            fault(faults, pointer, "expected the name of a policy");
        else
            memcpy(plan->policies[plan->policy_count++], name, strlen(name) + 1);
    }
}

static void check_description(const json_t *value, struct diagnostics *faults)
{
    uint32_t hidden;
    if (!json_is_string(value))
        fault(faults, "/description", "expected a text");
    else if (hidden_find(bytes_of(json_string_value(value), json_string_length(value)), true, &hidden))
        diagnostics_add(faults, DIAGNOSTIC_REQUEST, 0, 0, "/description", HIDDEN_TEXT_FAULT, hidden);
}

static void read_member(struct plan *plan, const char *name, json_t *value, struct diagnostics *faults)
{
    for (unsigned i = 0; i < sizeof sections / sizeof *sections; i++) {
        if (strcmp(name, sections[i]) == 0) {
            read_section(plan, sections[i], value, faults);
            return;
        }
    }
    if (strcmp(name, "ceilings") == 0)
        read_ceilings(plan, value, faults);
    else if (strcmp(name, "policies") == 0)
        read_policies(plan, value, faults);
    else if (strcmp(name, "description") == 0)
        check_description(value, faults);
    else if (strcmp(name, "name") == 0 &&
             (!json_is_string(value) || strcmp(json_string_value(value), plan->name) != 0))
        fault(faults, "/name", "expected the name of the plan, as in the path");
    else if (strcmp(name, "name") != 0 && !read_figure(plan, NULL, name, value, faults))
        unknown_member(faults, "", name);
}

struct plan *plan_read(const char *name, struct bytes document, struct diagnostics *faults)
{
    size_t before = faults->told;
    json_error_t where;
    struct plan *plan = calloc(1, sizeof *plan);
    json_t *root = json_read(document, JSON_REJECT_DUPLICATES, &where);
    const char *member;
    json_t *value;
    if (plan == NULL || (root == NULL && json_error_code(&where) == json_error_out_of_memory)) {
        diagnostics_exhaust(faults, DIAGNOSTIC_REQUEST);
    } else if (!json_is_object(root)) {
        diagnostics_add(faults, DIAGNOSTIC_REQUEST, 0, 0, "", "expected a JSON object%s%s",
                        root == NULL ? ": " : "", root == NULL ? where.text : "");
    } else {
        atomic_init(&plan->references, 1);
        snprintf(plan->name, sizeof plan->name, "%s", name);
        for (unsigned i = 0; i < PLAN_FIGURE_COUNT; i++)
            plan->figure[i] = plan_figure_table[i].absent;
        json_object_foreach(root, member, value) read_member(plan, member, value, faults);
    }
    json_decref(root);
    if (faults->told == before)
        return plan;
    free(plan);
    return NULL;
}

struct plan *plan_ref(struct plan *plan)
{
    atomic_fetch_add(&plan->references, 1);
    return plan;
}

void plan_unref(struct plan *plan)
{
    if (plan != NULL && atomic_fetch_sub(&plan->references, 1) == 1)
        free(plan);
}

bool plan_names_policy(const struct plan *plan, const char *policy)
{
    for (unsigned i = 0; i < plan->policy_count; i++)
        if (strcmp(plan->policies[i], policy) == 0)
            return true;
    return false;
}

bool plan_allows_policy(const struct plan *plan, const char *policy)
{
    return plan->policy_count == 0 || plan_names_policy(plan, policy);
}

const char *plan_default_policy(const struct plan *plan)
{
    return plan->policy_count > 0 ? plan->policies[0] : "default";
}

bool account_name_valid(struct bytes name)
{
    if (name.length == 0 || name.length >= TENANT_ID_SIZE || !isalnum((unsigned char)name.data[0]))
        return false;
    for (size_t i = 0; i < name.length; i++) {
        char c = name.data[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_')
            return false;
    }
    return true;
}
