// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/engine_state.h"
#include "tests/support/engine_tests.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>

static void a_large_job_is_written_to_its_end(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
    fixture_add_policy(&fixture, "plain");
    size_t length = 3 << 20;
    char *context = malloc(length + 1);
    assert_non_null(context);
    memset(context, ' ', length);
    context[0] = '[';
    context[length - 1] = ']';
    context[length] = '\0';
    struct answer answer;
    struct run_request request;
    answer_init(&answer);
    fixture_request(&request, "plain", "echo", context, &answer);
    request.limits.limits.value[LIMIT_OUTPUT_BYTES] = length;
    assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
    answer_wait(&answer);
    assert_int_equal(answer.outcome, OUTCOME_OK);
    assert_int_equal(strlen(answer.output), length);
    answer_deinit(&answer);
    free(context);
    fixture_stop(&fixture);
}

static void a_run_past_its_deadline_is_killed_and_its_slot_is_free_again(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path, .max_running = 1});
    fixture_add_policy(&fixture, "plain");
    for (int i = 0; i < 3; i++) {
        struct answer stuck, after;
        struct run_request request;
        answer_init(&stuck);
        fixture_request(&request, "plain", "silent", "null", &stuck);
        request.limits.limits.value[LIMIT_WALL_MS] = 30;
        assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
        fixture_run(&fixture, "plain", "echo", "1", &after);
        answer_wait(&stuck);
        assert_int_equal(stuck.outcome, OUTCOME_WALL_LIMIT);
        assert_true(stuck.figures.wall_us >= 30000);
        assert_true(stuck.figures.overshoot_us > 0);
        assert_true(after.figures.queue_us >= 25000);
        assert_int_equal(after.outcome, OUTCOME_OK);
        answer_deinit(&stuck);
        answer_deinit(&after);
    }
    fixture_stop(&fixture);
}

// Of the engine, with a zygote that may have to wait for a busy machine.
enum { PATIENCE_MS = 1500 };

static bool a_zygote_died(void *argument)
{
    struct fixture *fixture = argument;
    return atomic_load(&fixture->events[EVENT_ZYGOTE_DIED]) > 0;
}

// A zygote that takes no orders is found out by the end that it does not report.
static void a_stopped_zygote_is_replaced_and_its_run_is_our_fault(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture,
                  &(struct fixture_options){.zygote_path = zygote_path, .zygote_patience_ms = PATIENCE_MS});
    fixture_add_policy(&fixture, "plain");
    struct answer stuck, after;
    struct run_request request;
    answer_init(&stuck);
    fixture_request(&request, "plain", "stop_zygote", "null", &stuck);
    request.limits.limits.value[LIMIT_WALL_MS] = 30;
    assert_int_equal(engine_submit(fixture.engine, &request), ADMITTED);
    answer_wait(&stuck);
    assert_int_equal(stuck.outcome, OUTCOME_INTERNAL_ERROR);
    wait_until(a_zygote_died, &fixture); // told once its end is seen, which may be after the answer
    assert_int_equal(atomic_load(&fixture.events[EVENT_ZYGOTE_DIED]), 1);
    fixture_run(&fixture, "plain", "echo", "1", &after);
    assert_int_equal(after.outcome, OUTCOME_OK);
    answer_deinit(&stuck);
    answer_deinit(&after);
    fixture_stop(&fixture);
}

static void submit(struct fixture *fixture, const char *code, const char *tenant, struct answer *answer)
{
    struct run_request request;
    answer_init(answer);
    fixture_request(&request, "plain", code, "null", answer);
    request.tenant = tenant;
    request.limits.limits.value[LIMIT_WALL_MS] = 600000;
    assert_int_equal(engine_submit(fixture->engine, &request), ADMITTED);
}

enum { RUNS_MAX = 60 };

struct press {
    struct fixture *fixture;
    struct answer answers[RUNS_MAX];
    int count;
};

// Each time one more run that would last for long: sooner or later, a worker for it is asked for in vain.
static bool died_when_pressed(void *argument)
{
    struct press *press = argument;
    if (press->count < RUNS_MAX)
        submit(press->fixture, "silent", "", &press->answers[press->count++]);
    return a_zygote_died(press->fixture);
}

static void a_zygote_that_takes_no_order_for_workers_is_replaced(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path,
                                                      .zygote_patience_ms = PATIENCE_MS,
                                                      .max_running = 64});
    fixture_add_policy(&fixture, "plain");
    static struct press press;
    struct answer stop, after;
    press.fixture = &fixture;
    submit(&fixture, "stop_zygote", "", &stop);
    wait_until(died_when_pressed, &press);
    answer_wait(&stop);
    assert_int_equal(stop.outcome, OUTCOME_INTERNAL_ERROR);
    answer_deinit(&stop);
    engine_cancel_all(fixture.engine); // those that wait for the next zygote
    for (int i = 0; i < press.count; i++) {
        answer_wait(&press.answers[i]);
        answer_deinit(&press.answers[i]);
    }
    fixture_run(&fixture, "plain", "echo", "1", &after);
    assert_int_equal(after.outcome, OUTCOME_OK);
    answer_deinit(&after);
    fixture_stop(&fixture);
}

// Long before the run's deadline.
static void a_zygote_that_reports_no_end_is_replaced_soon(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture,
                  &(struct fixture_options){.zygote_path = zygote_path, .zygote_patience_ms = PATIENCE_MS});
    fixture_add_policy(&fixture, "plain");
    struct answer answer;
    submit(&fixture, "stop_zygote 1", "", &answer);
    answer_wait(&answer);
    assert_int_equal(answer.outcome, OUTCOME_INTERNAL_ERROR);
    wait_until(a_zygote_died, &fixture);
    answer_deinit(&answer);
    fixture_stop(&fixture);
}

// That a worker became so much nicer, or as nice as can be: whoever runs these tests may be nice as well.
static void assert_nicer(const struct answer *answer, int nicer)
{
    int room = 19 - getpriority(PRIO_PROCESS, 0);
    assert_int_equal(atoi(answer->output), nicer < room ? nicer : room);
}

static void workers_whose_runs_last_give_way_the_more_their_tenant_has(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path, .lasting_give_way = true});
    fixture_add_policy(&fixture, "plain");
    struct answer silent, second, other;
    submit(&fixture, "silent", "many", &silent);
    submit(&fixture, "nice", "many", &second);
    submit(&fixture, "nice", "other", &other);
    answer_wait(&second);
    answer_wait(&other);
    assert_nicer(&second, 8);
    assert_nicer(&other, 5);
    engine_cancel_all(fixture.engine);
    answer_wait(&silent);
    answer_deinit(&silent);
    answer_deinit(&second);
    answer_deinit(&other);
    fixture_stop(&fixture);
}

static void an_engine_that_was_not_told_so_lowers_nothing(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
    fixture_add_policy(&fixture, "plain");
    struct answer answer;
    fixture_run(&fixture, "plain", "nice 50", "null", &answer);
    assert_string_equal(answer.output, "0");
    answer_deinit(&answer);
    fixture_stop(&fixture);
}

static void a_result_before_the_whole_job_was_read_is_forged(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
    fixture_add_policy(&fixture, "early");
    struct answer answer;
    size_t length = 1 << 20;
    char *context = malloc(length + 1);
    assert_non_null(context);
    memset(context, '1', length);
    context[length] = '\0';
    fixture_run(&fixture, "early", "echo", context, &answer);
    assert_int_not_equal(answer.outcome, OUTCOME_OK);
    assert_string_equal(answer.output, "");
    answer_deinit(&answer);
    free(context);
    fixture_stop(&fixture);
}

// An engine that the test itself serves, and what it handed a run to.
struct stage_set {
    struct engine *engine;
    struct answer answer;
    int socket; // the worker's that takes the next run
};

// epoll takes a socket once only: what has it already keeps the engine from watching it, as want of room
// does.
static void set_the_stage(struct stage_set *set)
{
    const struct engine_options options = {.zygote_path = zygote_path,
                                           .max_running = 1,
                                           .queue_capacity = 10,
                                           .memory_budget_bytes = 1 << 30,
                                           .grace_ms = 50};
    set->engine = engine_new(&options, NULL);
    assert_non_null(set->engine);
    struct policy *policy = fixture_policy("plain");
    assert_true(engine_set_policy(set->engine, policy, 60000, NULL));
    policy_unref(policy);
    const struct zygote *zygote = list_first(&set->engine->all_pools, struct pool, link)->live;
    while (list_empty(&zygote->idle))
        engine_step(set->engine, -1);
    set->socket = list_first(&zygote->idle, struct worker, idle)->socket;
    struct epoll_event event = {.data.ptr = &set->engine->timer_source};
    assert_int_equal(epoll_ctl(set->engine->epoll_fd, EPOLL_CTL_ADD, set->socket, &event), 0);
    answer_init(&set->answer);
}

static void clear_the_stage(struct stage_set *set)
{
    answer_deinit(&set->answer);
    engine_free(set->engine);
}

static void a_worker_that_could_not_be_watched_is_watched_as_soon_as_it_can_be(void **state)
{
    (void)state;
    struct stage_set set;
    set_the_stage(&set);
    size_t length = 3 << 20;
    char *context = malloc(length + 1);
    assert_non_null(context);
    memset(context, ' ', length);
    context[0] = '1';
    context[length] = '\0';
    struct run_request request;
    fixture_request(&request, "plain", "echo", context, &set.answer);
    request.limits.limits.value[LIMIT_OUTPUT_BYTES] = length;
    request.limits.limits.value[LIMIT_WALL_MS] = 600000;
    assert_int_equal(engine_submit(set.engine, &request), ADMITTED);
    const struct id_entry *entry = id_map_find(&set.engine->runs, request.run_id);
    const struct run *run = list_item(entry, struct run, entry);
    while (!run->unwatched)
        engine_step(set.engine, -1);
    assert_int_equal(epoll_ctl(set.engine->epoll_fd, EPOLL_CTL_DEL, set.socket, NULL), 0);
    while (set.answer.calls == 0)
        engine_step(set.engine, -1);
    assert_int_equal(set.answer.outcome, OUTCOME_OK);
    assert_int_equal(strlen(set.answer.output), length);
    free(context);
    clear_the_stage(&set);
}

static void a_run_whose_worker_could_never_be_watched_is_our_fault(void **state)
{
    (void)state;
    struct stage_set set;
    set_the_stage(&set);
    struct run_request request;
    fixture_request(&request, "plain", "silent", "null", &set.answer);
    request.limits.limits.value[LIMIT_WALL_MS] = 30;
    assert_int_equal(engine_submit(set.engine, &request), ADMITTED);
    while (set.answer.calls == 0)
        engine_step(set.engine, -1);
    assert_int_equal(set.answer.outcome, OUTCOME_INTERNAL_ERROR);
    clear_the_stage(&set);
}

ENGINE_TESTS_MAIN(cmocka_unit_test(a_large_job_is_written_to_its_end),
                  cmocka_unit_test(a_run_past_its_deadline_is_killed_and_its_slot_is_free_again),
                  cmocka_unit_test(a_stopped_zygote_is_replaced_and_its_run_is_our_fault),
                  cmocka_unit_test(a_zygote_that_takes_no_order_for_workers_is_replaced),
                  cmocka_unit_test(a_zygote_that_reports_no_end_is_replaced_soon),
                  cmocka_unit_test(workers_whose_runs_last_give_way_the_more_their_tenant_has),
                  cmocka_unit_test(an_engine_that_was_not_told_so_lowers_nothing),
                  cmocka_unit_test(a_result_before_the_whole_job_was_read_is_forged),
                  cmocka_unit_test(a_worker_that_could_not_be_watched_is_watched_as_soon_as_it_can_be),
                  cmocka_unit_test(a_run_whose_worker_could_never_be_watched_is_our_fault), )
