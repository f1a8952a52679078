// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/doctor_round.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "runtime/engine/locations.h"
#include "sandboxctl/doctor_outside.h"
#include "sandboxctl/local_run.h"
#include "sandboxctl/progress.h"

#include <stdlib.h>
#include <string.h>

enum {
    ATTEMPT_WALL_MS = 5000,      // for one that hangs
    LIST_OUTPUT_BYTES = 1 << 20, // more than the policy may give a plugin
    HOLD_LOG_BYTES = 1024,
};

// The worker that the others attack.
struct victim {
    bool alive;
    bool ended_by_itself; // only its time was over
    int64_t pid;          // as its zygote's workers see it; 0: not said yet
    char text[160];       // how it ended
};

struct round {
    struct local_engine *local;
    struct doctor_report *report;
    enum doctor_round which;
    struct probe_baits baits;
    struct victim victim;
};

// One order, and how it ended.
struct errand {
    bool done;
    long syscall; // what to look for in audit mode; -1: nothing
    struct attempt_end end;
    json_t *output; // owned
};

static void take_audited(struct errand *errand, const struct run_result *result)
{
    for (uint32_t i = 0; i < result->audit_count; i++)
        if (result->audit[i].number == errand->syscall)
            errand->end =
                (struct attempt_end){.ending = ATTEMPT_DENIED, .value = (int)result->audit[i].number};
}

static void errand_done(void *user, const struct run_result *result)
{
    struct errand *errand = user;
    struct attempt_end *end = &errand->end;
    *end = (struct attempt_end){.ending = ATTEMPT_LOST};
    errand->done = true;
    if (result->outcome == OUTCOME_OK) {
        errand->output = json_loadb(result->output.data, result->output.length, JSON_DECODE_ANY, NULL);
        end->value = (int)json_integer_value(errand->output);
        end->ending = end->value == 0 ? ATTEMPT_SUCCEEDED : ATTEMPT_REFUSED;
        take_audited(errand, result);
    } else if (result->outcome == OUTCOME_SYSCALL_DENIED && result->syscall_known) {
        *end = (struct attempt_end){.ending = ATTEMPT_DENIED, .value = (int)result->syscall_number};
    } else {
        bool killed = result->outcome == OUTCOME_CRASHED || result->outcome == OUTCOME_SYSCALL_DENIED;
        end->ending = killed ? ATTEMPT_KILLED : ATTEMPT_LOST;
        snprintf(end->text, sizeof end->text, "%s", result->message);
    }
}

static void victim_done(void *user, const struct run_result *result)
{
    struct victim *victim = user;
    victim->alive = false;
    victim->ended_by_itself = result->outcome == OUTCOME_WALL_LIMIT || result->outcome == OUTCOME_CANCELLED;
    snprintf(victim->text, sizeof victim->text, "%s", result->message);
}

static void victim_said(void *user, const struct run_log_line *line)
{
    struct victim *victim = user;
    char text[24];
    snprintf(text, sizeof text, "%.*s", (int)line->message.length, line->message.data);
    victim->pid = strtoll(text, NULL, 10);
}

static bool submit(struct round *round, const struct probe_order *order, struct local_job *job,
                   struct error *err)
{
    struct buffer code = buffer_make(64), context = buffer_make(1024);
    probe_order_encode(&code, order);
    probe_baits_encode(&context, &round->baits);
    struct bundle bundle = {.module_count = 1};
    bundle.modules[0] =
        (struct bundle_module){.name = (char[]){"probe"}, .code = code.data, .length = code.length};
    job->bundle = &bundle;
    job->context = bytes_of(context.data, context.length);
    job->limits = local_engine_limits(round->local);
    uint64_t *limits = job->limits.limits.value;
    if (order->kind == PROBE_LIST)
        limits[LIMIT_OUTPUT_BYTES] = LIST_OUTPUT_BYTES;
    if (order->kind == PROBE_HOLD)
        limits[LIMIT_LOG_BYTES] = HOLD_LOG_BYTES;
    else if (limits[LIMIT_WALL_MS] > ATTEMPT_WALL_MS)
        limits[LIMIT_WALL_MS] = ATTEMPT_WALL_MS;
    bool sent = buffer_ok(&code) && buffer_ok(&context) ? local_engine_submit(round->local, job, err)
                                                        : error_set(err, ERROR_MEMORY, "out of memory");
    buffer_free(&code);
    buffer_free(&context);
    return sent;
}

static bool step(struct round *round, struct error *err)
{
    if (local_engine_step(round->local))
        return true;
    round->report->interrupted = true;
    return error_set(err, ERROR_CLOSED, "interrupted");
}

static bool run_order(struct round *round, const struct probe_order *order, struct errand *errand,
                      struct error *err)
{
    struct local_job job = {.done = errand_done, .user = errand};
    if (!submit(round, order, &job, err))
        return false;
    bool going = true;
    while (!errand->done)
        going = step(round, err) && going;
    return going;
}

// Makes sure that there is another worker, and that it is known by its number.
static bool keep_victim(struct round *round, struct error *err)
{
    struct victim *victim = &round->victim;
    if (victim->alive)
        return true;
    *victim = (struct victim){.alive = true};
    struct local_job job = {.done = victim_done, .log = victim_said, .user = victim};
    if (!submit(round, &(struct probe_order){.kind = PROBE_HOLD}, &job, err)) {
        victim->alive = false;
        return false;
    }
    while (victim->alive && victim->pid == 0)
        if (!step(round, err))
            return false;
    round->baits.value[BAIT_VICTIM_PID] = victim->pid;
    return victim->alive || error_set(err, ERROR_UNSUPPORTED, "the probe's worker ended: %s", victim->text);
}

static bool make_attempt(struct round *round, uint32_t number, struct doctor_attempt *attempt,
                         struct error *err)
{
    struct errand before = {.syscall = -1}, errand = {.syscall = attempt->syscall};
    if (!keep_victim(round, err) ||
        (attempt->before && !run_order(round, &(struct probe_order){PROBE_BEFORE, number}, &before, err)) ||
        !run_order(round, &(struct probe_order){PROBE_TRY, number}, &errand, err)) {
        json_decref(before.output);
        return false;
    }
    json_decref(before.output);
    json_decref(errand.output);
    struct attempt_end *end = &attempt->ends[round->which];
    *end = errand.end;
    if (!round->victim.alive && !round->victim.ended_by_itself) {
        end->ending = ATTEMPT_LOST;
        snprintf(end->text, sizeof end->text, "another worker suffered: %.100s", round->victim.text);
    }
    return true;
}

static bool take_list(struct round *round, struct error *err)
{
    struct errand errand = {.syscall = -1};
    if (!run_order(round, &(struct probe_order){.kind = PROBE_LIST}, &errand, err))
        return false;
    if (doctor_report_take_list(round->report, errand.output))
        return true;
    return error_set(err, ERROR_PROTOCOL, "the probe did not say what it can try: %s",
                     errand.end.text[0] != '\0' ? errand.end.text : "is it the one of this release?");
}

static bool make_all(struct round *round, struct error *err)
{
    struct doctor_report *report = round->report;
    if (local_engine_policy(round->local)->max_concurrency < 2)
        return error_set(err, ERROR_INVALID,
                         "policy %s lets one run go on at a time, and the attempts are made beside another",
                         report->policy->name);
    if (!local_engine_isolation(round->local, &report->probed[round->which]))
        return error_set(err, ERROR_CLOSED, "the probe ended");
    if (report->list == NULL && !take_list(round, err))
        return false;
    if (round->which == ROUND_WHOLE) {
        if (!keep_victim(round, err))
            return false;
        doctor_look_from_outside(round->victim.pid, report);
    }
    struct progress progress = progress_begin(stderr, false, "attempts", report->attempt_count);
    bool made = true;
    for (uint32_t i = 0; made && i < report->attempt_count; i++) {
        made = make_attempt(round, i, &report->attempts[i], err);
        progress_at(&progress, clock_monotonic_ns(), i + 1);
    }
    progress_end(&progress);
    return made;
}

bool doctor_round_run(enum doctor_round which, const char *policy, const struct probe_baits *baits,
                      struct doctor_report *report, struct error *err)
{
    char path[PATH_MAX];
    if (!location_of_probe(which == ROUND_WHOLE, path, err))
        return false;
    struct round round = {.report = report, .which = which, .baits = *baits};
    round.local = local_engine_new_with(
        &(struct local_engine_setup){.policy = policy, .concurrency = 2, .zygote_path = path}, err);
    if (round.local == NULL)
        return false;
    bool done = make_all(&round, err), interrupted;
    local_engine_cancel(round.local);
    local_engine_finish(round.local, &interrupted);
    local_engine_free(round.local);
    return done;
}
