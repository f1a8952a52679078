// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/verdict.h"

#include "base/json_cursor.h"
#include "base/syscall_names.h"
#include "runtime/protocol/exit_codes.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

enum {
    // Clocks of worker and engine are read at different moments: a claim may be this far off.
    CLAIM_TOLERANCE_US = 5000,
    // More Lua instructions than any machine has done in a microsecond, counted or charged: some ten times.
    INSTRUCTIONS_PER_US = 10000,
};

#define MIB (1024 * 1024)

static void say(struct verdict *verdict, enum outcome outcome, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void say(struct verdict *verdict, enum outcome outcome, const char *format, ...)
{
    verdict->outcome = outcome;
    va_list args;
    va_start(args, format);
    vsnprintf(verdict->message, sizeof verdict->message, format, args);
    va_end(args);
}

static void format_limit(char *text, size_t size, enum limit_unit unit, uint64_t value)
{
    if (unit == UNIT_MS)
        snprintf(text, size, "%" PRIu64 " ms", value);
    else if (unit == UNIT_BYTES && value >= MIB && value % MIB == 0)
        snprintf(text, size, "%" PRIu64 " MiB", value / MIB);
    else if (unit == UNIT_BYTES && value >= 1024 && value % 1024 == 0)
        snprintf(text, size, "%" PRIu64 " KiB", value / 1024);
    else if (unit == UNIT_BYTES)
        snprintf(text, size, "%" PRIu64 " bytes", value);
    else
        snprintf(text, size, "%" PRIu64, value);
}

// The limits that can end a run.
static const struct limit_words {
    enum outcome outcome;
    enum run_limit limit;
    enum limit_unit unit;
    const char *words;
} limit_table[] = {
    {OUTCOME_CPU_LIMIT, LIMIT_CPU_MS, UNIT_MS, "CPU limit"},
    {OUTCOME_WALL_LIMIT, LIMIT_WALL_MS, UNIT_MS, "wall-clock limit"},
    {OUTCOME_MEMORY_LIMIT, LIMIT_MEMORY_BYTES, UNIT_BYTES, "memory limit"},
    {OUTCOME_INSTRUCTION_LIMIT, LIMIT_INSTRUCTIONS, UNIT_COUNT, "instruction limit"},
    {OUTCOME_OUTPUT_LIMIT, LIMIT_OUTPUT_BYTES, UNIT_BYTES, "output limit"},
};

static const struct limit_words *limit_of_outcome(enum outcome outcome)
{
    for (size_t i = 0; i < sizeof limit_table / sizeof *limit_table; i++)
        if (limit_table[i].outcome == outcome)
            return &limit_table[i];
    return NULL;
}

// `said` is what the worker saw of the limit; times are taken from outside instead.
static void reach_limit(struct verdict *verdict, const struct run_facts *facts, enum outcome outcome,
                        uint64_t said)
{
    const struct limit_words *row = limit_of_outcome(outcome);
    uint64_t value = facts->limits->value[row->limit];
    char text[48];
    format_limit(text, sizeof text, row->unit, value);
    say(verdict, outcome, "%s of %s reached", row->words, text);
    verdict->limit_hit = true;
    verdict->limit = row->limit;
    verdict->observed = said;
    if (row->unit == UNIT_MS) {
        verdict->observed = outcome == OUTCOME_CPU_LIMIT ? facts->cpu_us : facts->wall_us;
        if (verdict->observed > value * 1000)
            verdict->overshoot_us = verdict->observed - value * 1000;
    }
}

static bool cpu_used_up(const struct run_facts *facts)
{
    return facts->cpu_us >= facts->limits->value[LIMIT_CPU_MS] * 1000;
}

// A worker's end also costs CPU time: about a microsecond for each page to give back. More than this above
// the limit was used by the plugin.
static bool cpu_far_above_limit(const struct run_facts *facts)
{
    uint64_t teardown_us = facts->rss_bytes / 4096;
    return facts->cpu_us > facts->limits->value[LIMIT_CPU_MS] * 1000 + facts->grace_ms * 1000ULL +
                               teardown_us + CLAIM_TOLERANCE_US;
}

// What the codes say. Once the job was taken, whatever ran may have chosen the code: then it is the plugin's
// word, and its own crash. Before that it is the host's.
static const struct {
    int code;
    const char *untaken; // NULL: what happens to a worker is not the host's failure
    const char *taken;
} exit_table[] = {
    {EXIT_CONFINEMENT, "the worker could not be confined, so nothing was run",
     "the worker ended as if it could not be confined, but it had taken its job"},
    {EXIT_JOB_MALFORMED, "the worker could not read its job",
     "the worker ended as if it could not read its job"},
    {EXIT_INTERPRETER, "the interpreter failed before it had a job",
     "the worker ended as if its interpreter had failed"},
    {EXIT_ENGINE_GONE, NULL, "the worker stopped talking before it had a result"},
    {EXIT_IDLE_CLOSED, NULL, "the worker stopped talking before it had a result"},
    {EXIT_RUN_ENDED, NULL, "the worker ended without a result"},
    {EXIT_SYSCALL_DENIED, NULL, "the worker ended as if at a system call, and named none"},
};

static void say_denied(struct verdict *verdict, const struct run_facts *facts)
{
    const char *name = facts->denied != NULL ? syscall_name(facts->denied->number) : NULL;
    if (name != NULL)
        say(verdict, OUTCOME_SYSCALL_DENIED, "the system call %s is not allowed", name);
    else
        say(verdict, OUTCOME_SYSCALL_DENIED, "a system call that is not allowed");
    verdict->syscall_known = facts->denied != NULL;
}

static void decide_exit(struct verdict *verdict, const struct run_facts *facts, int code)
{
    if (code == EXIT_SYSCALL_DENIED && facts->denied != NULL) {
        say_denied(verdict, facts);
        return;
    }
    for (size_t i = 0; i < sizeof exit_table / sizeof *exit_table; i++) {
        if (exit_table[i].code != code)
            continue;
        if (facts->job_unread && exit_table[i].untaken != NULL)
            say(verdict, OUTCOME_INTERNAL_ERROR, "%s", exit_table[i].untaken);
        else
            say(verdict, OUTCOME_CRASHED, "%s", exit_table[i].taken);
        return;
    }
    say(verdict, OUTCOME_CRASHED, "the worker ended with the unexpected exit code %d", code);
}

static void decide_signal(struct verdict *verdict, const struct run_facts *facts, int number)
{
    if (number == SIGKILL && facts->cancelled) {
        say(verdict, OUTCOME_CANCELLED, "cancelled");
    } else if (number == SIGKILL && facts->job_unread) {
        // The kernel's word that nothing of the plugin was run: its zygote stood still, or the host killed
        // it.
        say(verdict, OUTCOME_INTERNAL_ERROR, "the worker was killed before it had taken its job%s",
            facts->deadline_passed ? ", at the end of the run's time" : "");
    } else if (number == SIGXCPU || (number == SIGKILL && cpu_used_up(facts))) {
        reach_limit(verdict, facts, OUTCOME_CPU_LIMIT, 0);
    } else if (number == SIGKILL && facts->deadline_passed) {
        reach_limit(verdict, facts, OUTCOME_WALL_LIMIT, 0);
    } else if (number == SIGSYS) {
        say_denied(verdict, facts);
    } else if (number == SIGKILL && facts->hung_up) {
        say(verdict, OUTCOME_CRASHED, "the worker closed its socket and did not end");
    } else if (number == SIGKILL) {
        say(verdict, OUTCOME_CRASHED, "the worker was killed from outside (SIGKILL)");
    } else {
        const char *name = sigabbrev_np(number);
        say(verdict, OUTCOME_CRASHED, "the worker died of signal %d (%s%s)", number,
            name != NULL ? "SIG" : "", name != NULL ? name : "unknown");
    }
}

static bool memory_far_above_limit(const struct run_facts *facts)
{
    return facts->rss_bytes > facts->rss_bytes_max;
}

static bool count_is_possible(const struct run_facts *facts, uint64_t instructions)
{
    return instructions / INSTRUCTIONS_PER_US <= facts->cpu_us;
}

// What only the worker has counted.
static bool usage_is_possible(const struct run_facts *facts, const struct worker_result *claim)
{
    return claim->memory_peak_bytes <= facts->limits->value[LIMIT_MEMORY_BYTES] &&
           count_is_possible(facts, claim->instructions);
}

// What a worker says about a limit must be possible by what was measured. A block that was refused and a text
// that was not written leave nothing to measure: there it must say at least that it saw the limit reached.
static bool claim_is_possible(const struct run_facts *facts, const struct worker_result *claim)
{
    const uint64_t *limit = facts->limits->value;
    switch (claim->outcome) {
    case OUTCOME_CPU_LIMIT:
        return facts->cpu_us + CLAIM_TOLERANCE_US >= limit[LIMIT_CPU_MS] * 1000;
    case OUTCOME_WALL_LIMIT:
        return facts->wall_us + CLAIM_TOLERANCE_US >= limit[LIMIT_WALL_MS] * 1000;
    case OUTCOME_INSTRUCTION_LIMIT:
        return limit[LIMIT_INSTRUCTIONS] > 0 && claim->limit_observed >= limit[LIMIT_INSTRUCTIONS] &&
               count_is_possible(facts, limit[LIMIT_INSTRUCTIONS]);
    case OUTCOME_MEMORY_LIMIT:
        // Memory may end below the limit where the address space does: in holes, which are resident.
        return claim->limit_observed >= limit[LIMIT_MEMORY_BYTES] ||
               facts->rss_bytes >= limit[LIMIT_MEMORY_BYTES];
    case OUTCOME_OUTPUT_LIMIT:
        return claim->limit_observed >= limit[LIMIT_OUTPUT_BYTES];
    case OUTCOME_CRASHED:
    case OUTCOME_CANCELLED:
    case OUTCOME_SYSCALL_DENIED:
        return false;
    default:
        return true;
    }
}

// An orderly end with a whole result.
static void decide_result(struct verdict *verdict, const struct run_facts *facts)
{
    const struct worker_result *result = facts->result;
    struct json_fault fault;
    unsigned depth = (unsigned)facts->limits->value[LIMIT_JSON_DEPTH];
    verdict->trust_result = true;
    if (!claim_is_possible(facts, result)) {
        verdict->trust_result = false;
        say(verdict, OUTCOME_CRASHED, "the worker claimed an end (%s) that what was measured rules out",
            outcome_name(result->outcome));
    } else if (!usage_is_possible(facts, result)) {
        verdict->trust_result = false;
        say(verdict, OUTCOME_CRASHED, "the worker claimed usage that what was measured rules out");
    } else if (limit_of_outcome(result->outcome) != NULL) {
        reach_limit(verdict, facts, result->outcome, result->limit_observed);
    } else if (cpu_far_above_limit(facts)) {
        verdict->trust_result = false;
        reach_limit(verdict, facts, OUTCOME_CPU_LIMIT, 0);
    } else if (memory_far_above_limit(facts)) {
        verdict->trust_result = false;
        reach_limit(verdict, facts, OUTCOME_MEMORY_LIMIT, facts->rss_bytes);
    } else if (result->output.length > facts->limits->value[LIMIT_OUTPUT_BYTES]) {
        reach_limit(verdict, facts, OUTCOME_OUTPUT_LIMIT, result->output.length);
    } else if (result->outcome == OUTCOME_OK && !json_check(result->output, depth, &fault)) {
        verdict->trust_result = false;
        say(verdict, OUTCOME_CRASHED, "the worker's output is not JSON: %s at byte %zu", fault.what,
            fault.offset);
    } else if (result->value.length > 0 && !json_check(result->value, depth, &fault)) {
        verdict->trust_result = false;
        say(verdict, OUTCOME_CRASHED, "the worker's error value is not JSON: %s at byte %zu", fault.what,
            fault.offset);
    } else if (result->outcome == OUTCOME_OK) {
        verdict->outcome = OUTCOME_OK;
    } else {
        say(verdict, result->outcome, "%.*s", (int)result->message.length, result->message.data);
    }
}

static void decide_by_exit(struct verdict *verdict, const struct run_facts *facts)
{
    if (!WIFEXITED(facts->wait_status)) {
        decide_signal(verdict, facts, WTERMSIG(facts->wait_status));
    } else if (facts->result != NULL && WEXITSTATUS(facts->wait_status) == EXIT_RUN_ENDED) {
        decide_result(verdict, facts);
    } else {
        decide_exit(verdict, facts, WEXITSTATUS(facts->wait_status));
    }
    // Killed at a limit that the worker had itself begun to tell of: its traceback still says where.
    if (facts->result != NULL && facts->result->outcome == verdict->outcome && verdict->limit_hit)
        verdict->trust_result = true;
}

void verdict_decide(const struct run_facts *facts, struct verdict *ret_verdict)
{
    struct verdict *verdict = ret_verdict;
    verdict->outcome = OUTCOME_CRASHED;
    verdict->message[0] = '\0';
    verdict->limit_hit = false;
    verdict->limit = LIMIT_WALL_MS;
    verdict->observed = 0;
    verdict->overshoot_us = 0;
    verdict->syscall_known = false;
    verdict->trust_result = false;
    if (facts->host_failure != NULL && facts->cancelled)
        say(verdict, OUTCOME_CANCELLED, "cancelled");
    else if (facts->host_failure != NULL)
        say(verdict, OUTCOME_INTERNAL_ERROR, "%s", facts->host_failure);
    else if (facts->oversize)
        say(verdict, OUTCOME_CRASHED, "the worker broke the protocol: it announced a result above its limit");
    else if (facts->broken != NULL)
        say(verdict, OUTCOME_CRASHED, "the worker broke the protocol: %s", facts->broken);
    else
        decide_by_exit(verdict, facts);
}
