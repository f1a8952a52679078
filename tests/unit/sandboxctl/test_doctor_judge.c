// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/doctor_report.h"
#include "tests/support/cmocka_all.h"

#include <errno.h>
#include <string.h>

enum { CALL = 257 };

static struct doctor_report report_with(const struct policy *policy, struct doctor_attempt *attempt)
{
    return (struct doctor_report){.policy = policy, .attempts = attempt, .attempt_count = 1};
}

static enum judgement judged(enum doctor_round round, struct doctor_attempt attempt, struct attempt_end end)
{
    static const struct policy policy;
    struct doctor_report report = report_with(&policy, &attempt);
    attempt.ends[round] = end;
    return doctor_judge(&report, &attempt, round);
}

static void a_confined_worker_must_be_stopped_by_the_filter_and_named(void **state)
{
    (void)state;
    struct doctor_attempt attempt = {.syscall = CALL};
    assert_int_equal(judged(ROUND_WHOLE, attempt, (struct attempt_end){ATTEMPT_DENIED, CALL, ""}),
                     JUDGED_HELD);
    assert_int_equal(judged(ROUND_WHOLE, attempt, (struct attempt_end){ATTEMPT_DENIED, 1, ""}),
                     JUDGED_BROKEN);
    assert_int_equal(judged(ROUND_WHOLE, attempt, (struct attempt_end){ATTEMPT_REFUSED, EACCES, ""}),
                     JUDGED_BROKEN);
    assert_int_equal(judged(ROUND_WHOLE, attempt, (struct attempt_end){ATTEMPT_SUCCEEDED, 0, ""}),
                     JUDGED_BROKEN);
    assert_int_equal(judged(ROUND_WHOLE, attempt, (struct attempt_end){ATTEMPT_LOST, 0, ""}), JUDGED_BROKEN);
    assert_int_equal(judged(ROUND_WHOLE, attempt, (struct attempt_end){0}), JUDGED_BROKEN);
}

static void what_takes_no_refused_call_must_fail_by_an_errno(void **state)
{
    (void)state;
    struct doctor_attempt attempt = {.syscall = -1}, foreign = {.syscall = -1, .foreign = true};
    assert_int_equal(judged(ROUND_WHOLE, attempt, (struct attempt_end){ATTEMPT_REFUSED, EBADF, ""}),
                     JUDGED_HELD);
    assert_int_equal(judged(ROUND_WHOLE, attempt, (struct attempt_end){ATTEMPT_KILLED, 0, ""}),
                     JUDGED_BROKEN);
    assert_int_equal(judged(ROUND_WHOLE, foreign, (struct attempt_end){ATTEMPT_KILLED, 0, ""}), JUDGED_HELD);
    assert_int_equal(judged(ROUND_WHOLE, foreign, (struct attempt_end){ATTEMPT_REFUSED, ENOSYS, ""}),
                     JUDGED_BROKEN);
}

static void a_call_that_the_policy_allows_must_be_refused_behind_the_filter(void **state)
{
    (void)state;
    struct policy policy = {.allowed_syscall_count = 1, .allowed_syscalls = {CALL}};
    struct doctor_attempt attempt = {.syscall = CALL};
    struct doctor_report report = report_with(&policy, &attempt);
    attempt.ends[ROUND_WHOLE] = (struct attempt_end){ATTEMPT_REFUSED, EACCES, ""};
    assert_int_equal(doctor_judge(&report, &attempt, ROUND_WHOLE), JUDGED_HELD);
    // Some are allowed with some arguments only.
    attempt.ends[ROUND_WHOLE] = (struct attempt_end){ATTEMPT_DENIED, CALL, ""};
    assert_int_equal(doctor_judge(&report, &attempt, ROUND_WHOLE), JUDGED_HELD);
    attempt.ends[ROUND_WHOLE] = (struct attempt_end){ATTEMPT_SUCCEEDED, 0, ""};
    assert_int_equal(doctor_judge(&report, &attempt, ROUND_WHOLE), JUDGED_BROKEN);
}

static void behind_the_filter_success_is_a_breach_unless_the_filter_alone_is_known_to_stop_it(void **state)
{
    (void)state;
    struct doctor_attempt attempt = {.syscall = CALL}, known = {.syscall = CALL, .filter_only = "known"};
    assert_int_equal(judged(ROUND_OPEN, attempt, (struct attempt_end){ATTEMPT_REFUSED, EPERM, ""}),
                     JUDGED_HELD);
    assert_int_equal(judged(ROUND_OPEN, attempt, (struct attempt_end){ATTEMPT_SUCCEEDED, 0, ""}),
                     JUDGED_BROKEN);
    assert_int_equal(judged(ROUND_OPEN, attempt, (struct attempt_end){ATTEMPT_LOST, 0, ""}), JUDGED_BROKEN);
    assert_int_equal(judged(ROUND_OPEN, known, (struct attempt_end){ATTEMPT_SUCCEEDED, 0, ""}),
                     JUDGED_FILTER_ONLY);
    assert_int_equal(judged(ROUND_OPEN, known, (struct attempt_end){ATTEMPT_LOST, 0, ""}), JUDGED_BROKEN);
}

static void what_a_lacking_layer_would_have_stopped_behind_the_filter_is_a_warning(void **state)
{
    (void)state;
    static const struct policy policy;
    struct doctor_attempt attempt = {.syscall = CALL, .layers = 1u << LAYER_MDWE};
    attempt.ends[ROUND_WHOLE] = (struct attempt_end){ATTEMPT_DENIED, CALL, ""};
    attempt.ends[ROUND_OPEN] = (struct attempt_end){ATTEMPT_SUCCEEDED, 0, ""};
    struct doctor_report report = report_with(&policy, &attempt);
    report.probed[ROUND_OPEN].layer[LAYER_LANDLOCK].state = LAYER_MISSING;
    assert_int_equal(doctor_judge(&report, &attempt, ROUND_OPEN), JUDGED_BROKEN);
    attempt.layers = 0;
    report.probed[ROUND_OPEN].layer[LAYER_LANDLOCK].state = LAYER_ACTIVE;
    report.probed[ROUND_OPEN].layer[LAYER_LUA_ENVIRONMENT].state = LAYER_DEGRADED;
    assert_int_equal(doctor_judge(&report, &attempt, ROUND_OPEN), JUDGED_BROKEN);
    // A uid of its own replaces a user namespace, but not what only that one stops.
    report.probed[ROUND_OPEN].layer[LAYER_USER_NAMESPACE].state = LAYER_MISSING;
    assert_int_equal(doctor_judge(&report, &attempt, ROUND_OPEN), JUDGED_BROKEN);
    attempt.layers = 1u << LAYER_USER_NAMESPACE;
    assert_int_equal(doctor_judge(&report, &attempt, ROUND_OPEN), JUDGED_WEAKER);
    attempt.layers = 1u << LAYER_MDWE;
    report.probed[ROUND_OPEN].layer[LAYER_MDWE].state = LAYER_MISSING;
    assert_int_equal(doctor_judge(&report, &attempt, ROUND_OPEN), JUDGED_WEAKER);
    assert_int_equal(doctor_count(&report, JUDGED_BROKEN), 0);
    assert_int_equal(doctor_count(&report, JUDGED_WEAKER), 1);
}

static void the_layer_that_stopped_it_is_named(void **state)
{
    (void)state;
    static const struct policy policy;
    struct doctor_attempt attempt = {.group = "files", .syscall = CALL};
    struct doctor_report report = report_with(&policy, &attempt);
    attempt.ends[ROUND_WHOLE] = (struct attempt_end){ATTEMPT_DENIED, CALL, ""};
    attempt.ends[ROUND_OPEN] = (struct attempt_end){ATTEMPT_REFUSED, ENOENT, ""};
    assert_string_equal(doctor_stopped_by(&report, &attempt, ROUND_WHOLE), "seccomp");
    assert_string_equal(doctor_stopped_by(&report, &attempt, ROUND_OPEN), "mount_namespace");
    report.probed[ROUND_OPEN].layer[LAYER_MOUNT_NAMESPACE].state = LAYER_MISSING;
    assert_null(doctor_stopped_by(&report, &attempt, ROUND_OPEN));
    attempt.layers = 1u << LAYER_CAPABILITIES;
    assert_string_equal(doctor_stopped_by(&report, &attempt, ROUND_OPEN), "capabilities");
    attempt.ends[ROUND_OPEN] = (struct attempt_end){ATTEMPT_SUCCEEDED, 0, ""};
    assert_null(doctor_stopped_by(&report, &attempt, ROUND_OPEN));
}

static void a_look_from_outside_that_fails_counts(void **state)
{
    (void)state;
    struct doctor_report report = {0};
    doctor_report_add_check(&report, "fine", LAYER_SECCOMP, true, "");
    assert_int_equal(doctor_count(&report, JUDGED_BROKEN), 0);
    doctor_report_add_check(&report, "bad", LAYER_SECCOMP, false, "");
    assert_int_equal(doctor_count(&report, JUDGED_BROKEN), 1);
}

static void the_list_of_a_probe_is_read_strictly(void **state)
{
    (void)state;
    static const char *const bad[] = {"[]",
                                      "{}",
                                      "null",
                                      "[{}]",
                                      "[{\"group\": \"a\"}]",
                                      "[{\"group\": \"a\", \"name\": \"b\", \"layers\": [\"nonsense\"]}]"};
    struct doctor_report report = {0};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(doctor_report_take_list(&report, json_loads(bad[i], JSON_DECODE_ANY, NULL)));
    assert_true(doctor_report_take_list(
        &report,
        json_loads("[{\"group\": \"a\", \"name\": \"b\", \"syscall\": 9, \"layers\": [\"landlock\"]}]", 0,
                   NULL)));
    assert_int_equal(report.attempt_count, 1);
    assert_int_equal(report.attempts[0].syscall, 9);
    assert_int_equal(report.attempts[0].layers, 1u << LAYER_LANDLOCK);
    doctor_report_free(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_confined_worker_must_be_stopped_by_the_filter_and_named),
        cmocka_unit_test(what_takes_no_refused_call_must_fail_by_an_errno),
        cmocka_unit_test(a_call_that_the_policy_allows_must_be_refused_behind_the_filter),
        cmocka_unit_test(behind_the_filter_success_is_a_breach_unless_the_filter_alone_is_known_to_stop_it),
        cmocka_unit_test(what_a_lacking_layer_would_have_stopped_behind_the_filter_is_a_warning),
        cmocka_unit_test(the_layer_that_stopped_it_is_named),
        cmocka_unit_test(a_look_from_outside_that_fails_counts),
        cmocka_unit_test(the_list_of_a_probe_is_read_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
