// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/api/run_request.h"

#include "base/cleanup.h"
#include "policies/units.h"
#include "sandboxd/api/envelope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A limit as a number of its unit, or as a text with a unit.
static bool take_limit(struct envelope *envelope, unsigned limit, const char *pointer, void *out)
{
    struct run_envelope *run = out;
    size_t faults = envelope->faults->told;
    uint64_t value = 0;
    if (envelope_peek(envelope) == '"' && run_limit_table[limit].unit != UNIT_COUNT) {
        struct bytes text = {0};
        autofree char *owned = NULL;
        struct error err = {0};
        if (!envelope_take_text(envelope, pointer, &text, &owned))
            return false;
        if (text.data != NULL && !units_parse(text, run_limit_table[limit].unit, &value, &err))
            envelope_fault(envelope, pointer, "%s", err.text);
    } else if (!envelope_take_unsigned(envelope, pointer, &value)) {
        return false;
    }
    if (envelope->faults->told == faults) {
        run->limit_given[limit] = true;
        run->limit[limit] = value;
    }
    return true;
}

static bool take_limits(struct envelope *envelope, const char *pointer, struct run_envelope *run)
{
    const char *names[RUN_LIMIT_COUNT];
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++)
        names[i] = run_limit_table[i].name;
    struct envelope_object limits = {.names = names, .count = RUN_LIMIT_COUNT, .take = take_limit};
    return envelope_take_object(envelope, &limits, pointer, run);
}

enum { OPTION_SEED, OPTION_CHUNK_NAME, OPTION_COUNT, OPTION_PROFILE };
static const char *const option_names[] = {"seed", "chunk_name", "count", "profile"};

static bool take_option(struct envelope *envelope, unsigned index, const char *pointer, void *out)
{
    struct run_envelope *run = out;
    switch (index) {
    case OPTION_SEED:
        run->seed_given = true;
        return envelope_take_unsigned(envelope, pointer, &run->seed);
    case OPTION_CHUNK_NAME:
        return envelope_take_short_text(envelope, pointer, run->chunk_name, sizeof(run->chunk_name));
    case OPTION_COUNT:
        return envelope_take_boolean(envelope, pointer, &run->count_instructions);
    default:
        return envelope_take_boolean(envelope, pointer, &run->profile);
    }
}

enum {
    MEMBER_CODE,
    MEMBER_PLUGIN,
    MEMBER_VERSION,
    MEMBER_CONTEXT,
    MEMBER_POLICY,
    MEMBER_LIMITS,
    MEMBER_OPTIONS,
    MEMBER_TENANT,
    MEMBER_COUNT,
};
static const char *const member_names[] = {"code",   "plugin", "version", "context",
                                           "policy", "limits", "options", "tenant"};
static const struct envelope_object options_object = {.names = option_names, .count = 4, .take = take_option};

static bool take_plugin(struct envelope *envelope, const char *pointer, struct run_envelope *run)
{
    struct bytes space, name;
    char plugin[PLUGIN_FULL_NAME_SIZE] = "";
    if (!envelope_take_short_text(envelope, pointer, plugin, sizeof(plugin)))
        return false;
    if (plugin[0] != '\0' && !plugin_full_name_split(bytes_of_text(plugin), &space, &name))
        envelope_fault(envelope, pointer, "expected a namespace and a name, such as \"acme/slugify\"");
    memcpy(run->plugin, plugin, sizeof(plugin));
    return true;
}

static bool take_member(struct envelope *envelope, unsigned index, const char *pointer, void *out)
{
    struct run_envelope *run = out;
    switch (index) {
    case MEMBER_CODE:
        return envelope_take_text(envelope, pointer, &run->code, &run->code_owned);
    case MEMBER_PLUGIN:
        return take_plugin(envelope, pointer, run);
    case MEMBER_VERSION:
        return envelope_take_short_text(envelope, pointer, run->version, sizeof(run->version));
    case MEMBER_CONTEXT:
        return envelope_take_raw(envelope, &run->context);
    case MEMBER_POLICY:
        run->policy_given = true;
        return envelope_take_short_text(envelope, pointer, run->policy, sizeof(run->policy));
    case MEMBER_TENANT:
        return envelope_take_short_text(envelope, pointer, run->tenant, sizeof(run->tenant));
    case MEMBER_LIMITS:
        return take_limits(envelope, pointer, run);
    default:
        return envelope_take_object(envelope, &options_object, pointer, run);
    }
}

// A text, or a plugin.
static void check_what_runs(const struct run_envelope *run, struct diagnostics *faults)
{
    bool is_plugin = run->plugin[0] != '\0';
    if (run->code.data == NULL && !is_plugin)
        diagnostics_add(faults, DIAGNOSTIC_REQUEST, 0, 0, "/code",
                        "it is missing: the Lua text to run, or \"plugin\" and the name of one");
    if (run->code.data != NULL && is_plugin)
        diagnostics_add(faults, DIAGNOSTIC_REQUEST, 0, 0, "/plugin",
                        "expected \"code\" or \"plugin\", not both");
    if (run->version[0] != '\0' && !is_plugin)
        diagnostics_add(faults, DIAGNOSTIC_REQUEST, 0, 0, "/version", "a version is for a \"plugin\"");
    if (run->chunk_name[0] != '\0' && is_plugin)
        diagnostics_add(faults, DIAGNOSTIC_REQUEST, 0, 0, "/options/chunk_name",
                        "a plugin's modules have names of their own");
}

bool run_envelope_read(struct bytes body, struct run_envelope *ret_envelope, struct diagnostics *faults,
                       struct json_fault *ret_fault)
{
    static const struct envelope_object object = {
        .names = member_names, .count = MEMBER_COUNT, .take = take_member};
    struct run_envelope *run = ret_envelope;
    memset(run, 0, sizeof(*run));
    run->context = bytes_of_text("null");
    strcpy(run->policy, "default");
    if (!envelope_read(body, &object, run, faults, ret_fault))
        return false;
    if (!diagnostics_any(faults))
        check_what_runs(run, faults);
    if (run->chunk_name[0] == '\0')
        strcpy(run->chunk_name, "main.lua");
    return true;
}

void run_envelope_free(struct run_envelope *envelope)
{
    free(envelope->code_owned);
    envelope->code_owned = NULL;
}

// The least of the policy's and the plan's ceiling, and whose it is.
struct ceiling {
    uint64_t value;
    bool none; // for a limit that may be unlimited
    const char *kind, *name;
};

static struct ceiling ceiling_of(const struct policy *policy, const struct plan *plan, unsigned limit)
{
    struct ceiling ceiling = {.value = policy->ceilings.value[limit],
                              .none = run_limit_table[limit].zero_is_unlimited &&
                                      policy->ceilings.value[limit] == 0,
                              .kind = "policy",
                              .name = policy->name};
    if (plan != NULL && plan->has_ceiling[limit] && (ceiling.none || plan->ceiling[limit] < ceiling.value))
        ceiling = (struct ceiling){.value = plan->ceiling[limit], .kind = "plan", .name = plan->name};
    return ceiling;
}

static void range_fault(const struct run_limit_info *info, const struct ceiling *ceiling,
                        struct diagnostics *faults)
{
    char pointer[64], low[UNITS_TEXT_SIZE], high[UNITS_TEXT_SIZE];
    uint64_t maximum = ceiling->none || ceiling->value > info->maximum ? info->maximum : ceiling->value;
    snprintf(pointer, sizeof(pointer), "/limits/%s", info->name);
    units_format(info->minimum, info->unit, low);
    units_format(maximum, info->unit, high);
    diagnostics_add(faults, DIAGNOSTIC_REQUEST, 0, 0, pointer, "%s \"%s\" allows %s to %s", ceiling->kind,
                    ceiling->name, low, high);
}

static bool within(const struct run_limit_info *info, const struct ceiling *ceiling, uint64_t asked)
{
    if (info->zero_is_unlimited && asked == 0)
        return ceiling->none;
    return asked >= info->minimum && asked <= info->maximum && (ceiling->none || asked <= ceiling->value);
}

bool run_limits_resolve(const struct policy *policy, const struct manifest *manifest, const struct plan *plan,
                        const struct run_envelope *envelope, struct effective_limits *ret_limits,
                        struct diagnostics *faults)
{
    struct effective_limits effective = {.limits = policy->limits}; // all set_by: policy
    size_t before = faults->told;
    if (manifest != NULL)
        manifest_lower_limits(manifest, &effective.limits, effective.set_by);
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++) {
        const struct run_limit_info *info = &run_limit_table[i];
        struct ceiling ceiling = ceiling_of(policy, plan, i);
        if (envelope->limit_given[i] && !within(info, &ceiling, envelope->limit[i])) {
            range_fault(info, &ceiling, faults);
        } else if (envelope->limit_given[i]) {
            effective.limits.value[i] = envelope->limit[i];
            effective.set_by[i] = ORIGIN_REQUEST;
        } else if (!within(info, &ceiling, effective.limits.value[i])) {
            effective.limits.value[i] = ceiling.value;
            effective.set_by[i] = ORIGIN_PLAN;
        }
    }
    *ret_limits = effective;
    return faults->told == before;
}
