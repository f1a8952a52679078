// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/doctor.h"

#include "sandboxctl/doctor_baits.h"
#include "sandboxctl/doctor_report.h"
#include "sandboxctl/doctor_round.h"
#include "sandboxctl/local_run.h"
#include "sandboxctl/refusal.h"

#include <string.h>
#include <unistd.h>

const struct option_spec doctor_options[] = {
    {"policy", 'p', "NAME|FILE", "a stock policy or a policy document (default: default)", "policy"},
    {0},
};

// Time must stand still for a plugin of a deterministic policy: its own work would show in a moving clock.
static const char clock_code[] = "if not os then return true end\n"
                                 "local clock, time = os.clock or os.time, os.time or os.clock\n"
                                 "if not clock then return true end\n"
                                 "local c, t = clock(), time()\n"
                                 "for i = 1, 200000 do end\n"
                                 "return clock() == c and time() == t\n";

static void clock_told(void *user, const struct run_result *result)
{
    struct doctor_report *report = user;
    bool stood_still = result->outcome == OUTCOME_OK && bytes_equal_text(result->output, "true");
    doctor_report_add_check(report, "timing by the plugin's clocks", LAYER_LUA_ENVIRONMENT, stood_still,
                            result->outcome != OUTCOME_OK ? result->message
                            : stood_still                 ? "they stand still"
                                                          : "they move");
}

static bool try_clocks(struct local_engine *local, struct doctor_report *report, struct error *err)
{
    char code[sizeof clock_code];
    memcpy(code, clock_code, sizeof code);
    struct bundle bundle = {.module_count = 1};
    bundle.modules[0] =
        (struct bundle_module){.name = (char[]){"main.lua"}, .code = code, .length = strlen(code)};
    struct local_job job = {
        .bundle = &bundle, .limits = local_engine_limits(local), .done = clock_told, .user = report};
    if (!local_engine_submit(local, &job, err))
        return false;
    local_engine_finish(local, &report->interrupted);
    return !report->interrupted || error_set(err, ERROR_CLOSED, "interrupted");
}

// The real zygote's own account, and what only real Lua can show.
static bool read_layers(const char *policy, struct doctor_report *report, struct policy **ret_policy,
                        struct error *err)
{
    struct local_engine *local = local_engine_new_with(
        &(struct local_engine_setup){.policy = policy, .concurrency = 1, .try_interpreter = true}, err);
    if (local == NULL)
        return false;
    bool told = local_engine_isolation(local, &report->layers) ||
                error_set(err, ERROR_CLOSED, "the zygote ended before it could tell of its layers");
    if (told) {
        *ret_policy = policy_ref(local_engine_policy(local));
        report->policy = *ret_policy;
    }
    bool done = told && (!report->policy->deterministic || try_clocks(local, report, err));
    local_engine_free(local);
    return done;
}

static bool attack(const char *policy, struct doctor_report *report, struct error *err)
{
    struct doctor_baits baits;
    doctor_baits_lay(&baits);
    bool done = doctor_round_run(ROUND_WHOLE, policy, &baits.values, report, err) &&
                doctor_round_run(ROUND_OPEN, policy, &baits.values, report, err);
    doctor_baits_take_in(&baits);
    return done;
}

enum exit_status doctor_command(const struct invocation *invocation)
{
    const char *name = invocation_option(invocation, "policy");
    const char *policy = name != NULL ? name : "default";
    struct doctor_report report = {0};
    struct policy *owned = NULL;
    struct error err = {0};
    enum exit_status status;
    if (!read_layers(policy, &report, &owned, &err) || !attack(policy, &report, &err)) {
        status = report.interrupted ? STATUS_INTERRUPTED : refuse(invocation, &err);
    } else {
        if (invocation->json)
            doctor_print_json(stdout, &report);
        else
            doctor_print(stdout, invocation->colour, &report);
        status = doctor_count(&report, JUDGED_BROKEN) == 0 ? STATUS_SUCCESS : STATUS_FAILURE;
    }
    doctor_report_free(&report);
    policy_unref(owned);
    return status;
}
