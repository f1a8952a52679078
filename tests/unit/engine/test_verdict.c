// SPDX-License-Identifier: Apache-2.0
// Every combination of what a worker said, how it ended and what the engine did about it.
#include "runtime/engine/verdict.h"

#include "runtime/protocol/exit_codes.h"
#include "tests/support/cmocka_all.h"

#include <signal.h>
#include <string.h>

#define EXITED(code) ((code) << 8)
#define SIGNALLED(number) (number)

enum said {
    NOTHING,
    OK,
    BAD_JSON,
    LARGE,
    DEEP,
    ERROR,
    BAD_VALUE,
    CLAIM_CPU,
    CLAIM_WALL,
    CLAIM_MEMORY,
    CLAIM_INSTRUCTIONS,
    CLAIM_OUTPUT,
    CLAIM_MUCH_USAGE,
    CLAIM_MANY_COUNTED,
    CLAIM_LITTLE_MEMORY,
    CLAIM_LITTLE_OUTPUT,
    INVALID,
    DENIED
};

static const struct run_limits limits = {.value = {
                                             [LIMIT_WALL_MS] = 1000,
                                             [LIMIT_CPU_MS] = 200,
                                             [LIMIT_MEMORY_BYTES] = 32 << 20,
                                             [LIMIT_OUTPUT_BYTES] = 1000,
                                             [LIMIT_JSON_DEPTH] = 4,
                                         }};

struct row {
    const char *name;
    enum said said;
    int wait_status;
    unsigned cpu_ms;
    unsigned wall_ms;
    bool cancelled;
    bool deadline;
    const char *broken;
    bool oversize;
    bool unread;
    unsigned rss_mib; // 0: 1
    const char *host_failure;
    enum outcome outcome;
    const char *message; // a part of it
};

static const struct row table[] = {
    {"a good result", OK, EXITED(0), 1, 1, .outcome = OUTCOME_OK, .message = ""},
    {"an error", ERROR, EXITED(0), 1, 1, .outcome = OUTCOME_PLUGIN_ERROR, .message = "went wrong"},
    {"no JSON form", INVALID, EXITED(0), 1, 1, .outcome = OUTCOME_INVALID_RESULT, .message = "went wrong"},
    {"output that is not JSON", BAD_JSON, EXITED(0), 1, 1, .outcome = OUTCOME_CRASHED, .message = "not JSON"},
    {"output that is too deep", DEEP, EXITED(0), 1, 1, .outcome = OUTCOME_CRASHED, .message = "not JSON"},
    {"output that is too large", LARGE, EXITED(0), 1, 1, .outcome = OUTCOME_OUTPUT_LIMIT,
     .message = "output limit of 1000 bytes reached"},
    {"an error value that is not JSON", BAD_VALUE, EXITED(0), 1, 1, .outcome = OUTCOME_CRASHED,
     .message = "error value is not JSON"},
    {"its CPU limit", CLAIM_CPU, EXITED(0), 201, 300, .outcome = OUTCOME_CPU_LIMIT,
     .message = "CPU limit of 200 ms reached"},
    {"a CPU limit that it did not reach", CLAIM_CPU, EXITED(0), 20, 300, .outcome = OUTCOME_CRASHED,
     .message = "(cpu_limit)"},
    {"its wall limit", CLAIM_WALL, EXITED(0), 1, 1001, .outcome = OUTCOME_WALL_LIMIT,
     .message = "wall-clock limit of 1000 ms reached"},
    {"a wall limit that it did not reach", CLAIM_WALL, EXITED(0), 1, 10, .outcome = OUTCOME_CRASHED,
     .message = "(wall_limit)"},
    {"its memory limit", CLAIM_MEMORY, EXITED(0), 1, 1, .outcome = OUTCOME_MEMORY_LIMIT,
     .message = "memory limit of 32 MiB reached"},
    {"an instruction limit that there is not", CLAIM_INSTRUCTIONS, EXITED(0), 1, 1,
     .outcome = OUTCOME_CRASHED, .message = "(instruction_limit)"},
    {"a memory limit that it did not reach", CLAIM_LITTLE_MEMORY, EXITED(0), 1, 1, .outcome = OUTCOME_CRASHED,
     .message = "(memory_limit)"},
    {"memory that ended in its holes", CLAIM_LITTLE_MEMORY, EXITED(0), 1, 1, .rss_mib = 40,
     .outcome = OUTCOME_MEMORY_LIMIT, .message = "memory limit"},
    {"an output limit that it did not reach", CLAIM_LITTLE_OUTPUT, EXITED(0), 1, 1,
     .outcome = OUTCOME_CRASHED, .message = "(output_limit)"},
    {"its output limit", CLAIM_OUTPUT, EXITED(0), 1, 1, .outcome = OUTCOME_OUTPUT_LIMIT, .message = "1000"},
    {"a good result far above the CPU limit", OK, EXITED(0), 900, 950, .outcome = OUTCOME_CPU_LIMIT,
     .message = "CPU limit"},
    {"a good result with more memory than its limit explains", OK, EXITED(0), 1, 1, .rss_mib = 121,
     .outcome = OUTCOME_MEMORY_LIMIT, .message = "memory limit of 32 MiB reached"},
    {"a good result with as much memory as that", OK, EXITED(0), 1, 1, .rss_mib = 120, .outcome = OUTCOME_OK,
     .message = ""},
    {"more memory used than its limit", CLAIM_MUCH_USAGE, EXITED(0), 1, 1, .outcome = OUTCOME_CRASHED,
     .message = "usage"},
    {"more instructions than there was time for", CLAIM_MANY_COUNTED, EXITED(0), 1, 1,
     .outcome = OUTCOME_CRASHED, .message = "usage"},
    {"so many in the time that they take", CLAIM_MANY_COUNTED, EXITED(0), 100, 100, .outcome = OUTCOME_OK,
     .message = ""},
    {"a good result a little above it", OK, EXITED(0), 201, 250, .outcome = OUTCOME_OK, .message = ""},
    {"nothing at all", NOTHING, EXITED(0), 1, 1, .outcome = OUTCOME_CRASHED, .message = "without a result"},
    {"a failed confinement", NOTHING, EXITED(EXIT_CONFINEMENT), 1, 1, .unread = true,
     .outcome = OUTCOME_INTERNAL_ERROR, .message = "could not be confined"},
    {"a malformed job", NOTHING, EXITED(EXIT_JOB_MALFORMED), 1, 1, .unread = true,
     .outcome = OUTCOME_INTERNAL_ERROR, .message = "job"},
    {"an interpreter's failure", NOTHING, EXITED(EXIT_INTERPRETER), 1, 1, .unread = true,
     .outcome = OUTCOME_INTERNAL_ERROR, .message = "interpreter"},
    {"a failed confinement with the job taken", OK, EXITED(EXIT_CONFINEMENT), 1, 1,
     .outcome = OUTCOME_CRASHED, .message = "had taken its job"},
    {"a malformed job that was taken", NOTHING, EXITED(EXIT_JOB_MALFORMED), 1, 1, .outcome = OUTCOME_CRASHED,
     .message = "as if"},
    {"an interpreter's failure with the job taken", NOTHING, EXITED(EXIT_INTERPRETER), 1, 1,
     .outcome = OUTCOME_CRASHED, .message = "as if"},
    {"the engine gone", NOTHING, EXITED(EXIT_ENGINE_GONE), 1, 1, .outcome = OUTCOME_CRASHED,
     .message = "stopped talking"},
    {"an unknown code", OK, EXITED(42), 1, 1, .outcome = OUTCOME_CRASHED, .message = "exit code 42"},
    {"a denied call", DENIED, EXITED(EXIT_SYSCALL_DENIED), 1, 1, .outcome = OUTCOME_SYSCALL_DENIED,
     .message = "system call"},
    {"a denied call that it did not name", NOTHING, EXITED(EXIT_SYSCALL_DENIED), 1, 1,
     .outcome = OUTCOME_CRASHED, .message = "named none"},
    {"a denied call, then an orderly end", DENIED, EXITED(0), 1, 1, .outcome = OUTCOME_CRASHED,
     .message = "without a result"},
    {"SIGSYS", NOTHING, SIGNALLED(SIGSYS), 1, 1, .outcome = OUTCOME_SYSCALL_DENIED, .message = "system call"},
    {"SIGXCPU", NOTHING, SIGNALLED(SIGXCPU), 210, 220, .outcome = OUTCOME_CPU_LIMIT, .message = "CPU limit"},
    {"SIGSEGV", OK, SIGNALLED(SIGSEGV), 1, 1, .outcome = OUTCOME_CRASHED, .message = "SIGSEGV"},
    {"SIGSEGV with a core", NOTHING, SIGNALLED(SIGSEGV) | 0x80, 1, 1, .outcome = OUTCOME_CRASHED,
     .message = "SIGSEGV"},
    {"SIGKILL from outside", NOTHING, SIGNALLED(SIGKILL), 1, 1, .outcome = OUTCOME_CRASHED,
     .message = "from outside"},
    {"SIGKILL from RLIMIT_CPU", NOTHING, SIGNALLED(SIGKILL), 300, 400, .outcome = OUTCOME_CPU_LIMIT,
     .message = "CPU limit"},
    {"the deadline", NOTHING, SIGNALLED(SIGKILL), 1, 1051, .deadline = true, .outcome = OUTCOME_WALL_LIMIT,
     .message = "wall-clock limit of 1000 ms reached"},
    {"the deadline, spinning", NOTHING, SIGNALLED(SIGKILL), 1000, 1051, .deadline = true,
     .outcome = OUTCOME_CPU_LIMIT, .message = "CPU limit"},
    {"the deadline after a good result", OK, SIGNALLED(SIGKILL), 1, 1051, .deadline = true,
     .outcome = OUTCOME_WALL_LIMIT, .message = "wall-clock"},
    {"the deadline, but it ended first", OK, EXITED(0), 1, 1051, .deadline = true, .outcome = OUTCOME_OK,
     .message = ""},
    {"the deadline, and nobody took the job", NOTHING, SIGNALLED(SIGKILL), 1, 1051, .deadline = true,
     .unread = true, .outcome = OUTCOME_INTERNAL_ERROR,
     .message = "before it had taken its job, at the end of the run's time"},
    {"killed from outside before it took the job", NOTHING, SIGNALLED(SIGKILL), 1, 1, .unread = true,
     .outcome = OUTCOME_INTERNAL_ERROR, .message = "before it had taken its job"},
    {"cancelled before it took the job", NOTHING, SIGNALLED(SIGKILL), 1, 1, .cancelled = true, .unread = true,
     .outcome = OUTCOME_CANCELLED, .message = "cancelled"},
    {"cancelled", NOTHING, SIGNALLED(SIGKILL), 1, 1, .cancelled = true, .outcome = OUTCOME_CANCELLED,
     .message = "cancelled"},
    {"cancelled after its result", OK, SIGNALLED(SIGKILL), 1, 1, .cancelled = true,
     .outcome = OUTCOME_CANCELLED, .message = "cancelled"},
    {"cancelled too late", OK, EXITED(0), 1, 1, .cancelled = true, .outcome = OUTCOME_OK, .message = ""},
    {"forbidden frames", NOTHING, SIGNALLED(SIGKILL), 1, 1, .broken = "a second result",
     .outcome = OUTCOME_CRASHED, .message = "broke the protocol: a second result"},
    {"forbidden frames and an orderly end", OK, EXITED(0), 1, 1, .broken = "bytes after its last frame",
     .outcome = OUTCOME_CRASHED, .message = "after its last"},
    {"a result announced too large", NOTHING, SIGNALLED(SIGKILL), 1, 1, .oversize = true,
     .outcome = OUTCOME_CRASHED, .message = "announced a result above its limit"},
    {"the zygote's death", OK, EXITED(0), 1, 1, .host_failure = "it died", .outcome = OUTCOME_INTERNAL_ERROR,
     .message = "it died"},
    {"the zygote's death while cancelled", NOTHING, 0, 1, 1, .cancelled = true, .host_failure = "it died",
     .outcome = OUTCOME_CANCELLED, .message = "cancelled"},
};

static void fill_result(struct worker_result *result, enum said said)
{
    static char large[1002];
    memset(large, '1', sizeof large - 1);
    static const struct {
        enum outcome outcome;
        const char *output;
        const char *value;
    } words[] = {
        [OK] = {OUTCOME_OK, "{\"a\":1}", ""},
        [BAD_JSON] = {OUTCOME_OK, "{a}", ""},
        [LARGE] = {OUTCOME_OK, large, ""},
        [DEEP] = {OUTCOME_OK, "[[[[[1]]]]]", ""},
        [ERROR] = {OUTCOME_PLUGIN_ERROR, "", "{\"code\":42}"},
        [BAD_VALUE] = {OUTCOME_PLUGIN_ERROR, "", "{code}"},
        [CLAIM_CPU] = {OUTCOME_CPU_LIMIT, "", ""},
        [CLAIM_WALL] = {OUTCOME_WALL_LIMIT, "", ""},
        [CLAIM_MEMORY] = {OUTCOME_MEMORY_LIMIT, "", ""},
        [CLAIM_INSTRUCTIONS] = {OUTCOME_INSTRUCTION_LIMIT, "", ""},
        [CLAIM_OUTPUT] = {OUTCOME_OUTPUT_LIMIT, "", ""},
        [CLAIM_MUCH_USAGE] = {OUTCOME_OK, "1", ""},
        [CLAIM_MANY_COUNTED] = {OUTCOME_OK, "1", ""},
        [CLAIM_LITTLE_MEMORY] = {OUTCOME_MEMORY_LIMIT, "", ""},
        [CLAIM_LITTLE_OUTPUT] = {OUTCOME_OUTPUT_LIMIT, "", ""},
        [INVALID] = {OUTCOME_INVALID_RESULT, "", ""},
    };
    *result = (struct worker_result){
        .outcome = words[said].outcome,
        .message = bytes_of_text(said == OK ? "" : "went wrong"),
        .output = bytes_of_text(words[said].output),
        .value = bytes_of_text(words[said].value),
        .limit_observed = said == CLAIM_MEMORY   ? 33 << 20
                          : said == CLAIM_OUTPUT ? 1000
                                                 : 99,
        .memory_peak_bytes = said == CLAIM_MUCH_USAGE ? (32 << 20) + 1 : 32 << 20,
        .instructions = said == CLAIM_MANY_COUNTED ? 100 * 1000 * 1000 : 0,
    };
}

static void every_combination_gives_its_outcome(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct row *row = &table[i];
        struct worker_result result;
        struct denied_syscall denied = {.number = 2};
        bool has_result = row->said != NOTHING && row->said != DENIED;
        if (has_result)
            fill_result(&result, row->said);
        struct run_facts facts = {
            .limits = &limits,
            .grace_ms = 50,
            .cancelled = row->cancelled,
            .deadline_passed = row->deadline,
            .host_failure = row->host_failure,
            .broken = row->broken,
            .oversize = row->oversize,
            .job_unread = row->unread,
            .result = has_result ? &result : NULL,
            .denied = row->said == DENIED ? &denied : NULL,
            .wait_status = row->wait_status,
            .cpu_us = row->cpu_ms * 1000,
            .wall_us = row->wall_ms * 1000,
            .rss_bytes = (row->rss_mib > 0 ? row->rss_mib : 1) * (UINT64_C(1) << 20),
            .rss_bytes_max = UINT64_C(120) << 20,
        };
        struct verdict verdict;
        verdict_decide(&facts, &verdict);
        if (verdict.outcome != row->outcome || strstr(verdict.message, row->message) == NULL ||
            (row->message[0] == '\0') != (verdict.message[0] == '\0'))
            fail_msg("%s: %s: %s", row->name, outcome_name(verdict.outcome), verdict.message);
    }
}

static void a_limit_is_observed_from_outside_and_its_overshoot_told(void **state)
{
    (void)state;
    struct worker_result result;
    fill_result(&result, CLAIM_CPU);
    struct run_facts facts = {.limits = &limits, .result = &result, .cpu_us = 200700, .wall_us = 300000};
    struct verdict verdict;
    verdict_decide(&facts, &verdict);
    assert_true(verdict.limit_hit);
    assert_int_equal(verdict.limit, LIMIT_CPU_MS);
    assert_int_equal(verdict.observed, 200700);
    assert_int_equal(verdict.overshoot_us, 700);
    assert_true(verdict.trust_result);
    fill_result(&result, CLAIM_MEMORY);
    verdict_decide(&facts, &verdict);
    assert_int_equal(verdict.limit, LIMIT_MEMORY_BYTES);
    assert_int_equal(verdict.observed, 33 << 20);
}

static void an_instruction_limit_takes_the_time_of_its_instructions(void **state)
{
    (void)state;
    struct run_limits counted = limits;
    counted.value[LIMIT_INSTRUCTIONS] = 1000 * 1000 * 1000;
    struct worker_result result;
    fill_result(&result, CLAIM_INSTRUCTIONS);
    result.limit_observed = counted.value[LIMIT_INSTRUCTIONS];
    struct run_facts facts = {.limits = &counted, .result = &result, .cpu_us = 150000, .wall_us = 150000};
    struct verdict verdict;
    verdict_decide(&facts, &verdict);
    assert_int_equal(verdict.outcome, OUTCOME_INSTRUCTION_LIMIT);
    facts.cpu_us = 99000;
    verdict_decide(&facts, &verdict);
    assert_int_equal(verdict.outcome, OUTCOME_CRASHED);
    assert_false(verdict.trust_result);
}

static void a_forged_claim_brings_no_traceback_along(void **state)
{
    (void)state;
    struct worker_result result;
    fill_result(&result, CLAIM_WALL);
    struct run_facts facts = {.limits = &limits, .result = &result};
    struct verdict verdict;
    verdict_decide(&facts, &verdict);
    assert_int_equal(verdict.outcome, OUTCOME_CRASHED);
    assert_false(verdict.trust_result);
    assert_false(verdict.limit_hit);
}

static void a_worker_killed_while_it_told_of_its_limit_keeps_its_traceback(void **state)
{
    (void)state;
    struct worker_result result;
    fill_result(&result, CLAIM_WALL);
    struct run_facts facts = {.limits = &limits,
                              .result = &result,
                              .wall_us = 1051000,
                              .deadline_passed = true,
                              .wait_status = SIGNALLED(SIGKILL)};
    struct verdict verdict;
    verdict_decide(&facts, &verdict);
    assert_int_equal(verdict.outcome, OUTCOME_WALL_LIMIT);
    assert_true(verdict.trust_result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_combination_gives_its_outcome),
        cmocka_unit_test(a_limit_is_observed_from_outside_and_its_overshoot_told),
        cmocka_unit_test(an_instruction_limit_takes_the_time_of_its_instructions),
        cmocka_unit_test(a_forged_claim_brings_no_traceback_along),
        cmocka_unit_test(a_worker_killed_while_it_told_of_its_limit_keeps_its_traceback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
