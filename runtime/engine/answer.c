// SPDX-License-Identifier: Apache-2.0
// The end of a run: what the worker said, its exit report and the engine's clock become one result.
#include "base/clock.h"
#include "runtime/engine/runs.h"
#include "runtime/engine/verdict.h"
#include "runtime/protocol/coverage.h"
#include "runtime/protocol/worker_memory.h"

#include <stdlib.h>

// The worker's last words, decoded; pointers are NULL where there are none.
struct last_words {
    struct worker_result result;
    struct denied_syscall denied;
    bool has_result;
    bool has_denied;
    struct profile *profile; // owned; too large for a stack
    struct bytes coverage;
};

static void decode_observations(struct worker_io *io, struct last_words *words)
{
    if (io->profile.length > 0)
        words->profile = malloc(sizeof *words->profile); // without memory the run has none
    if (words->profile != NULL &&
        !profile_decode(bytes_of(io->profile.data, io->profile.length), words->profile))
        io->broken = "a malformed profile";
    struct bytes coverage = bytes_of(io->coverage.data, io->coverage.length);
    if (coverage.length > 0 && !coverage_check(coverage))
        io->broken = "malformed coverage";
    else
        words->coverage = coverage;
}

// A hostile worker may have written anything; only what decodes wholly is used.
static void decode_last_words(struct run *run, struct last_words *words)
{
    struct worker_io *io = &run->io;
    words->has_result = false;
    words->has_denied = false;
    words->profile = NULL;
    words->coverage = bytes_of("", 0);
    if (worker_io_given_up(io) || (!io->has_result && !io->has_denied))
        return;
    if (run->job_sent < run->job.length) {
        io->broken = "a result before it had its job";
        return;
    }
    decode_observations(io, words);
    if (io->broken != NULL)
        return;
    words->has_result = io->has_result && worker_result_decode(worker_io_last_body(io), &words->result);
    words->has_denied = io->has_denied && denied_syscall_decode(worker_io_last_body(io), &words->denied);
    if (io->has_result && !words->has_result)
        io->broken = "a malformed result";
    if (io->has_denied && !words->has_denied)
        io->broken = "a malformed denial frame";
}

static uint64_t us_between(uint64_t from_ns, uint64_t to_ns)
{
    return from_ns != 0 && to_ns > from_ns ? (to_ns - from_ns) / NS_PER_US : 0;
}

static void fill_figures(const struct run *run, const struct last_words *words, struct run_figures *figures)
{
    uint64_t started_ns = run->dispatched_ns;
    uint64_t left_queue_ns = started_ns != 0 ? run->taken_ns : run->ended_ns;
    *figures = (struct run_figures){
        .queue_us = us_between(run->submitted_ns, left_queue_ns),
        // From before the job was sent: the worker may be at work before that write returns here.
        .wall_us = us_between(left_queue_ns, run->ended_ns),
        .cpu_us = run->exit.cpu_us,
        .rss_bytes = run->exit.rss_bytes,
        .dispatch_us = us_between(run->taken_ns, started_ns),
        .exit_us = us_between(run->io.seen_ns, run->ended_ns),
        .log_bytes = run->io.log_text.length,
        .cold_start = run->cold_start,
    };
    if (!words->has_result)
        return;
    figures->memory_bytes = words->result.memory_peak_bytes;
    figures->instructions_counted = words->result.instructions_counted;
    figures->instructions = words->result.instructions;
}

static const char *host_failure(const struct run *run)
{
    if (run->host_failure == NULL && run->io.no_memory)
        return "there was no memory to keep what the worker said";
    if (run->host_failure == NULL && run->unwatched && run->deadline_passed)
        return "the engine could not watch the worker's socket";
    return run->host_failure;
}

static void judge(const struct engine *engine, const struct run *run, const struct last_words *words,
                  const struct run_figures *figures, struct verdict *verdict)
{
    const struct run_facts facts = {
        .limits = &run->limits.limits,
        .grace_ms = engine->options.grace_ms,
        .cancelled = run->cancelled,
        .deadline_passed = run->deadline_passed,
        .hung_up = run->hung_up,
        .host_failure = host_failure(run),
        .broken = run->io.broken,
        .oversize = run->io.oversize,
        .job_unread = run->io.unread || run->job_sent < run->job.length,
        .result = words->has_result ? &words->result : NULL,
        .denied = words->has_denied ? &words->denied : NULL,
        .wait_status = run->exit.wait_status,
        .cpu_us = run->exit.cpu_us,
        .rss_bytes = run->exit.rss_bytes,
        .rss_bytes_max = worker_address_space_max(&run->limits.limits, run->job.length, run->profile),
        .wall_us = figures->wall_us,
    };
    verdict_decide(&facts, verdict);
}

static void give(struct run *run, const struct last_words *words, const struct verdict *verdict,
                 struct run_figures *figures)
{
    struct run_result result = {
        .run_id = run->run_id,
        .outcome = verdict->outcome,
        .limit_hit = verdict->limit_hit,
        .limit = verdict->limit,
        .limit_observed_us_or_bytes = verdict->observed,
        .syscall_known = verdict->syscall_known,
        .message = verdict->message,
        .logs_truncated = run->io.logs_truncated,
        .audit = run->io.audit_calls,
        .audit_count = run->io.audit_count,
        .limits = run->limits,
        .policy_name = run->policy->name,
        .policy_version = run->policy->version,
    };
    result.logs = worker_io_logs(&run->io, &result.log_count);
    if (words->has_result)
        result.logs_truncated |= words->result.logs_truncated;
    if (words->has_result && verdict->trust_result) {
        result.traceback = words->result.traceback;
        result.traceback_count = words->result.traceback_count;
        result.value = words->result.value;
        if (verdict->outcome == OUTCOME_OK)
            result.output = words->result.output;
    }
    if (verdict->syscall_known) {
        result.syscall_number = words->denied.number;
        result.traceback = words->denied.traceback;
        result.traceback_count = words->denied.traceback_count;
    }
    if (words->has_result) {
        result.profile = words->profile;
        result.coverage = words->coverage;
    }
    figures->output_bytes = result.output.length;
    figures->overshoot_us = verdict->overshoot_us;
    result.figures = *figures;
    run->done(run->user, &result);
}

void run_answer(struct engine *engine, struct run *run)
{
    if (run->socket >= 0)
        worker_io_drain(&run->io, run->socket, 0);
    struct last_words words;
    decode_last_words(run, &words);
    struct run_figures figures;
    fill_figures(run, &words, &figures);
    struct verdict verdict;
    judge(engine, run, &words, &figures, &verdict);
    give(run, &words, &verdict, &figures);
    free(words.profile);
    run_free(run); // closes the socket, which takes the kernel a while: the caller has its answer by now
}
