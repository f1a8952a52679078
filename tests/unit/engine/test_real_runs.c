// SPDX-License-Identifier: Apache-2.0
// The engine over the real sandbox-zygote: every outcome from real Lua, and what happens when processes die.
#include "tests/support/engine_tests.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { STARTS_WITHIN_MS = 60000 };

static void add(struct fixture *fixture, const char *name, enum seccomp_mode mode)
{
    struct policy *policy = fixture_policy(name);
    policy->seccomp_mode = mode;
    struct error err = {0};
    bool set = engine_set_policy(fixture->engine, policy, STARTS_WITHIN_MS, &err);
    assert_string_equal(err.text, "");
    assert_true(set);
    policy_unref(policy);
}

static void begin(struct fixture *fixture, const struct fixture_options *options)
{
    struct fixture_options all = *options;
    all.zygote_path = zygote_path;
    fixture_start(fixture, &all);
    add(fixture, "plain", SECCOMP_MODE_ENFORCE_CALLS);
}

static const struct {
    const char *code;
    const char *context;
    enum outcome outcome;
    const char *output;  // exact
    const char *message; // a part of it
    uint32_t line;       // of the place that is told; 0: none is
} table[] = {
    {"return context.a + context.b", "{\"a\":2,\"b\":3}", OUTCOME_OK, "5", "", 0},
    {"return context", "{\"nonce\":[1,{},[],null,\"x\"]}", OUTCOME_OK, "{\"nonce\":[1,{},[],null,\"x\"]}", "",
     0},
    {"result = 7", "null", OUTCOME_OK, "7", "", 0},
    {"local x = 1\nerror('went wrong')", "null", OUTCOME_PLUGIN_ERROR, "", "went wrong", 2},
    {"return 1 +", "null", OUTCOME_SYNTAX_ERROR, "", "", 0},
    {"return {f = print}", "null", OUTCOME_INVALID_RESULT, "", "$.f", 0},
    {"while true do end", "null", OUTCOME_CPU_LIMIT, "", "CPU limit of 100 ms reached", 1},
    {"local t = {}\nfor i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end", "null", OUTCOME_MEMORY_LIMIT, "",
     "memory limit of 16 MiB reached", 2},
    {"return ('x'):rep(100000)", "null", OUTCOME_OUTPUT_LIMIT, "", "output limit of 64 KiB reached", 0},
    {"pcall(function() while true do end end)\nreturn 1", "null", OUTCOME_CPU_LIMIT, "", "CPU limit", 1},
    {"return (('a'):rep(30)):find(('a*'):rep(30) .. 'b')", "null", OUTCOME_CPU_LIMIT, "", "CPU limit", 1},
};

static void every_end_of_a_plugin_has_its_outcome_and_place(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, &(struct fixture_options){0});
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct answer answer;
        struct run_request request;
        answer_init(&answer);
        fixture_request(&request, "plain", table[i].code, table[i].context, &answer);
        request.limits.limits.value[LIMIT_CPU_MS] = 100;
        request.limits.limits.value[LIMIT_WALL_MS] = 30000;
        if (table[i].outcome == OUTCOME_MEMORY_LIMIT)
            request.limits.limits.value[LIMIT_CPU_MS] = 1000;
        assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
        answer_wait(&answer);
        if (answer.outcome != table[i].outcome || strcmp(answer.output, table[i].output) != 0 ||
            strstr(answer.message, table[i].message) == NULL ||
            (table[i].line != 0 && answer.line != table[i].line))
            fail_msg("%s gave %s, line %u: %s%s", table[i].code, outcome_name(answer.outcome), answer.line,
                     answer.message, answer.output);
        answer_deinit(&answer);
    }
    fixture_stop(&fixture);
}

static void instructions_are_limited_and_counted(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, &(struct fixture_options){0});
    struct answer answer;
    struct run_request request;
    answer_init(&answer);
    fixture_request(&request, "plain", "for i = 1, 1e9 do end", "null", &answer);
    request.limits.limits.value[LIMIT_INSTRUCTIONS] = 100000;
    assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
    answer_wait(&answer);
    assert_int_equal(answer.outcome, OUTCOME_INSTRUCTION_LIMIT);
    assert_true(answer.figures.instructions_counted);
    assert_true(answer.figures.instructions >= 100000);
    answer_deinit(&answer);
    fixture_stop(&fixture);
}

// Nothing in the environment sleeps, so a run that waits is one whose worker was stopped.
static void a_run_that_waits_reaches_its_wall_limit(void **state)
{
    (void)state;
    struct fixture fixture;
    // Time for the worker to say its line, however busy the machine.
    begin(&fixture, &(struct fixture_options){.grace_ms = 10000});
    struct answer answer;
    struct run_request request;
    answer_init(&answer);
    fixture_request(&request, "plain", "local t = {}\nwhile true do t[1] = 1 end", "null", &answer);
    request.limits.limits.value[LIMIT_WALL_MS] = 50;
    request.limits.limits.value[LIMIT_CPU_MS] = 1000;
    assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
    answer_wait(&answer);
    assert_int_equal(answer.outcome, OUTCOME_WALL_LIMIT);
    assert_int_equal(answer.line, 2);
    answer_deinit(&answer);
    fixture_stop(&fixture);
}

// Waits until a run that goes on has said so many lines.
static void await_logs(struct answer *answer, unsigned lines)
{
    pthread_mutex_lock(&answer->lock);
    while (answer->streamed < lines)
        pthread_cond_wait(&answer->given, &answer->lock);
    assert_int_equal(answer->calls, 0);
    pthread_mutex_unlock(&answer->lock);
}

static void logs_come_while_it_runs_and_outlive_its_death(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, &(struct fixture_options){0});
    struct answer answer;
    struct run_request request;
    answer_init(&answer);
    fixture_request(&request, "plain", "print('one') log.warn('two') while true do end", "null", &answer);
    request.limits.limits.value[LIMIT_WALL_MS] = 600000;
    request.limits.limits.value[LIMIT_CPU_MS] = 600000;
    assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
    await_logs(&answer, 2);
    assert_true(engine_cancel(fixture.engine, request.run_id));
    answer_wait(&answer);
    assert_int_equal(answer.outcome, OUTCOME_CANCELLED);
    assert_int_equal(answer.log_count, 2);
    assert_string_equal(answer.last_log, "two");
    answer_deinit(&answer);
    fixture_stop(&fixture);
}

// The child processes of this one: the zygotes' outer halves.
static unsigned children(pid_t *ret_pids, unsigned capacity)
{
    char path[64], text[4096] = {0};
    unsigned count = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    for (char *at = strtok(text, " "); at != NULL && count < capacity; at = strtok(NULL, " "))
        ret_pids[count++] = (pid_t)atoi(at);
    return count;
}

static bool restarted(void *argument)
{
    struct fixture *fixture = argument;
    return atomic_load(&fixture->events[EVENT_ZYGOTE_STARTED]) >= 2;
}

static void a_killed_zygote_fails_its_runs_and_is_started_again(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, &(struct fixture_options){0});
    struct answer running, after;
    struct run_request request;
    answer_init(&running);
    fixture_request(&request, "plain", "print('begun') while true do end", "null", &running);
    request.limits.limits.value[LIMIT_WALL_MS] = 600000;
    request.limits.limits.value[LIMIT_CPU_MS] = 600000;
    assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
    // A job that no worker has taken yet goes to another one.
    await_logs(&running, 1);
    pid_t zygotes[4];
    assert_int_equal(children(zygotes, 4), 1);
    assert_int_equal(kill(zygotes[0], SIGKILL), 0);
    answer_wait(&running);
    assert_int_equal(running.outcome, OUTCOME_INTERNAL_ERROR);
    wait_until(restarted, &fixture);
    fixture_run(&fixture, "plain", "return context", "[\"again\"]", &after);
    assert_string_equal(after.output, "[\"again\"]");
    answer_deinit(&running);
    answer_deinit(&after);
    fixture_stop(&fixture);
}

static void zygotes_are_replaced_under_load_without_a_run_noticing(void **state)
{
    (void)state;
    enum { RUNS = 1000 };
    struct fixture fixture;
    begin(&fixture, &(struct fixture_options){.zygote_runs_max = 100});
    struct answer *answers = calloc(RUNS, sizeof *answers);
    assert_non_null(answers);
    for (int i = 0; i < RUNS; i++) {
        char context[32];
        struct run_request request;
        answer_init(&answers[i]);
        snprintf(context, sizeof context, "{\"nonce\":%d}", i);
        fixture_request(&request, "plain", "return context", context, &answers[i]);
        assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
        // Some in flight, but not all of them at once: a successor takes over between runs.
        if (i >= 20)
            answer_wait(&answers[i - 20]);
    }
    for (int i = 0; i < RUNS; i++) {
        char expected[32];
        snprintf(expected, sizeof expected, "{\"nonce\":%d}", i);
        answer_wait(&answers[i]);
        assert_int_equal(answers[i].outcome, OUTCOME_OK);
        assert_string_equal(answers[i].output, expected);
        assert_int_equal(answers[i].calls, 1);
        answer_deinit(&answers[i]);
    }
    // On a busy machine a successor gets ready late: runs go on until two have taken over.
    while (atomic_load(&fixture.events[EVENT_ZYGOTE_RETIRED]) < 2) {
        struct answer more;
        fixture_run(&fixture, "plain", "return context", "7", &more);
        assert_string_equal(more.output, "7");
        answer_deinit(&more);
    }
    assert_int_equal(atomic_load(&fixture.events[EVENT_ZYGOTE_DIED]), 0);
    free(answers);
    fixture_stop(&fixture);
}

static void every_mandatory_layer_is_active(void **state)
{
    (void)state;
    static const enum isolation_layer mandatory[] = {LAYER_NO_NEW_PRIVS, LAYER_RLIMITS, LAYER_SECCOMP,
                                                     LAYER_LUA_ENVIRONMENT};
    struct fixture fixture;
    begin(&fixture, &(struct fixture_options){0});
    struct isolation_report report;
    assert_true(engine_isolation(fixture.engine, "plain", &report));
    for (size_t i = 0; i < sizeof mandatory / sizeof *mandatory; i++)
        assert_int_equal(report.layer[mandatory[i]].state, LAYER_ACTIVE);
    fixture_stop(&fixture);
}

// Where pid 1 reaps nobody, as in many containers, an orphan would stay for ever: so there are none.
static void an_engine_leaves_nothing_for_others_to_reap(void **state)
{
    (void)state;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
    for (int one_run = 0; one_run <= 1; one_run++) {
        struct fixture fixture;
        begin(&fixture, &(struct fixture_options){.one_run = one_run});
        struct answer answer;
        fixture_run(&fixture, "plain", "return 1", "null", &answer);
        assert_int_equal(answer.outcome, OUTCOME_OK);
        answer_deinit(&answer);
        fixture_stop(&fixture); // asserts that no child is left, adopted ones included
    }
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0), 0);
}

ENGINE_TESTS_MAIN(cmocka_unit_test(every_end_of_a_plugin_has_its_outcome_and_place),
                  cmocka_unit_test(instructions_are_limited_and_counted),
                  cmocka_unit_test(a_run_that_waits_reaches_its_wall_limit),
                  cmocka_unit_test(logs_come_while_it_runs_and_outlive_its_death),
                  cmocka_unit_test(a_killed_zygote_fails_its_runs_and_is_started_again),
                  cmocka_unit_test(zygotes_are_replaced_under_load_without_a_run_noticing),
                  cmocka_unit_test(every_mandatory_layer_is_active),
                  cmocka_unit_test(an_engine_leaves_nothing_for_others_to_reap), )
