// SPDX-License-Identifier: Apache-2.0
// Every way in which a worker can misbehave costs its own run only: the run after it works.
#include "tests/support/cmocka_all.h"
#include "tests/support/engine_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct fixture fixture;

static void expect_healthy(void)
{
    struct answer answer;
    fixture_run(&fixture, "plain", "echo", "{\"nonce\":[1,2]}", &answer);
    assert_int_equal(answer.outcome, OUTCOME_OK);
    assert_string_equal(answer.output, "{\"nonce\":[1,2]}");
    assert_string_equal(answer.message, "");
    answer_deinit(&answer);
}

static const struct {
    const char *code;
    enum outcome outcome;
    const char *message; // a part of it
} table[] = {
    {"echo", OUTCOME_OK, ""},
    {"sleep 20", OUTCOME_OK, ""},
    {"garbage", OUTCOME_CRASHED, "a frame that the protocol forbids"},
    {"oversize_log", OUTCOME_CRASHED, "a frame that the protocol forbids"},
    {"job_frame", OUTCOME_CRASHED, "a frame that the protocol forbids"},
    {"oversize_result", OUTCOME_CRASHED, "announced a result above its limit"},
    {"output 65537", OUTCOME_OUTPUT_LIMIT, "output limit of 64 KiB reached"},
    {"output 1000000", OUTCOME_CRASHED, "announced a result above its limit"},
    {"output 65536", OUTCOME_OK, ""},
    {"bad_json", OUTCOME_CRASHED, "not JSON"},
    {"exit 0", OUTCOME_CRASHED, "without a result"},
    {"exit 3", OUTCOME_CRASHED, "unexpected exit code 3"},
    {"exit 70", OUTCOME_CRASHED, "had taken its job"},
    {"exit 73", OUTCOME_CRASHED, "interpreter"},
    {"exit 74", OUTCOME_CRASHED, "named none"},
    {"echo_exit 70", OUTCOME_CRASHED, "had taken its job"},
    {"echo_exit 9", OUTCOME_CRASHED, "unexpected exit code 9"},
    {"silent", OUTCOME_WALL_LIMIT, "wall-clock limit of 300 ms reached"},
    {"hang_up", OUTCOME_CRASHED, "closed its socket and did not end"},
    {"linger", OUTCOME_WALL_LIMIT, "wall-clock limit of 300 ms reached"},
    {"log_and_hang", OUTCOME_WALL_LIMIT, "wall-clock limit of 300 ms reached"},
    {"twice", OUTCOME_CRASHED, "a second result"},
    {"talk_on", OUTCOME_CRASHED, "after its last"},
    {"half_frame", OUTCOME_CRASHED, "without a result"},
    {"log_flood", OUTCOME_CRASHED, "more frames than its limits allow"},
    {"signal 11", OUTCOME_CRASHED, "signal 11 (SIGSEGV)"},
    {"signal 9", OUTCOME_CRASHED, "killed from outside"},
    {"signal 24", OUTCOME_CPU_LIMIT, "CPU limit of 1000 ms reached"},
    {"signal 31", OUTCOME_SYSCALL_DENIED, "not allowed"},
    {"denied 257", OUTCOME_SYSCALL_DENIED, "the system call openat is not allowed"},
    {"denied_and_echo 257", OUTCOME_CRASHED, "after its last"},
    {"claim 1", OUTCOME_PLUGIN_ERROR, "so it says"},
    {"claim 4", OUTCOME_CRASHED, "rules out"},
    {"claim 5", OUTCOME_CRASHED, "rules out"},
    {"claim 6", OUTCOME_CRASHED, "rules out"},
    {"claim 7", OUTCOME_CRASHED, "rules out"},
    {"malformed 3", OUTCOME_CRASHED, "a malformed result"},
    {"malformed 4", OUTCOME_CRASHED, "a malformed denial frame"},
    {"malformed 5", OUTCOME_CRASHED, "a frame that the protocol forbids"},
};

static void a_hostile_worker_costs_its_own_run_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct answer answer;
        struct run_request request;
        answer_init(&answer);
        fixture_request(&request, "plain", table[i].code, "{\"nonce\":7}", &answer);
        request.limits.limits.value[LIMIT_WALL_MS] = strncmp(table[i].code, "sleep", 5) == 0 ? 10000 : 300;
        assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
        answer_wait(&answer);
        if (answer.outcome != table[i].outcome || strstr(answer.message, table[i].message) == NULL)
            fail_msg("%s gave %s: %s", table[i].code, outcome_name(answer.outcome), answer.message);
        answer_deinit(&answer);
        expect_healthy();
    }
    assert_int_equal(atomic_load(&fixture.events[EVENT_ZYGOTE_DIED]), 0);
}

static void malformed_observations_break_the_protocol(void **state)
{
    (void)state;
    static const char *const rows[][2] = {{"malformed 5", "a malformed profile"},
                                          {"malformed 6", "malformed coverage"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct answer answer;
        struct run_request request;
        answer_init(&answer);
        fixture_request(&request, "plain", rows[i][0], "null", &answer);
        request.profile = request.coverage = true;
        assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
        answer_wait(&answer);
        assert_int_equal(answer.outcome, OUTCOME_CRASHED);
        assert_non_null(strstr(answer.message, rows[i][1]));
        answer_deinit(&answer);
        expect_healthy();
    }
}

static void a_denied_call_is_named_with_its_place(void **state)
{
    (void)state;
    struct answer answer;
    fixture_run(&fixture, "plain", "denied 257", "null", &answer);
    assert_true(answer.syscall_known);
    assert_int_equal(answer.syscall_number, 257);
    assert_int_equal(answer.line, 3);
    answer_deinit(&answer);
}

static void audit_mode_counts_calls_and_goes_on(void **state)
{
    (void)state;
    struct policy *policy = fixture_policy("auditing");
    policy->seccomp_mode = SECCOMP_MODE_AUDIT_CALLS;
    struct error err;
    assert_true(engine_set_policy(fixture.engine, policy, 60000, &err));
    policy_unref(policy);
    struct answer answer;
    fixture_run(&fixture, "auditing", "denied_and_echo 257", "7", &answer);
    assert_int_equal(answer.outcome, OUTCOME_OK);
    assert_string_equal(answer.output, "7");
    assert_int_equal(answer.audit_count, 2);
    assert_int_equal(answer.audit[0].number, 257);
    assert_int_equal(answer.audit[0].count, 2);
    answer_deinit(&answer);
    fixture_run(&fixture, "auditing", "malformed 4", "7", &answer);
    assert_int_equal(answer.outcome, OUTCOME_CRASHED);
    assert_non_null(strstr(answer.message, "a malformed denial frame"));
    answer_deinit(&answer);
}

static void a_killed_run_keeps_its_logs(void **state)
{
    (void)state;
    struct answer answer;
    struct run_request request;
    answer_init(&answer);
    fixture_request(&request, "plain", "log_and_hang", "null", &answer);
    request.limits.limits.value[LIMIT_WALL_MS] = 200;
    assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
    answer_wait(&answer);
    assert_int_equal(answer.log_count, 1);
    assert_int_equal(answer.streamed, 1);
    assert_string_equal(answer.last_log, "last words");
    answer_deinit(&answer);
}

static void log_lines_past_the_limit_are_dropped_and_told(void **state)
{
    (void)state;
    struct answer answer;
    fixture_run(&fixture, "plain", "logs 3", "null", &answer);
    assert_int_equal(answer.outcome, OUTCOME_OK);
    assert_int_equal(answer.log_count, 3);
    assert_string_equal(answer.last_log, "line 2");
    assert_false(answer.logs_truncated);
    answer_deinit(&answer);
    fixture_run(&fixture, "plain", "logs 900", "null", &answer);
    assert_int_equal(answer.outcome, OUTCOME_OK);
    assert_true(answer.logs_truncated);
    assert_in_range(answer.log_count, 50, 4096 / LOG_LINE_OVERHEAD);
    answer_deinit(&answer);
}

static void a_busy_worker_past_its_cpu_limit_is_told_from_a_sleeping_one(void **state)
{
    (void)state;
    struct answer answer;
    struct run_request request;
    answer_init(&answer);
    fixture_request(&request, "plain", "spin", "null", &answer);
    request.limits.limits.value[LIMIT_CPU_MS] = 10;
    request.limits.limits.value[LIMIT_WALL_MS] = 1000;
    assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
    answer_wait(&answer);
    assert_int_equal(answer.outcome, OUTCOME_CPU_LIMIT);
    assert_true(answer.limit_hit);
    assert_int_equal(answer.limit, LIMIT_CPU_MS);
    assert_true(answer.figures.cpu_us >= 10000);
    assert_true(answer.figures.overshoot_us > 0);
    answer_deinit(&answer);
}

static int start(void **state)
{
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = *state});
    fixture_add_policy(&fixture, "plain");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    fixture_stop(&fixture);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s HOSTILE_ZYGOTE\n", argv[0]);
        return 2;
    }
#define WITH_ENGINE(test) cmocka_unit_test_prestate_setup_teardown(test, start, stop, argv[1])
    const struct CMUnitTest tests[] = {
        WITH_ENGINE(a_hostile_worker_costs_its_own_run_only),
        WITH_ENGINE(malformed_observations_break_the_protocol),
        WITH_ENGINE(a_denied_call_is_named_with_its_place),
        WITH_ENGINE(audit_mode_counts_calls_and_goes_on),
        WITH_ENGINE(a_killed_run_keeps_its_logs),
        WITH_ENGINE(log_lines_past_the_limit_are_dropped_and_told),
        WITH_ENGINE(a_busy_worker_past_its_cpu_limit_is_told_from_a_sleeping_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
