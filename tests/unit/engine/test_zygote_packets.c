// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/engine_state.h"
#include "tests/support/engine_tests.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>

static bool died(void *argument)
{
    struct fixture *fixture = argument;
    return atomic_load(&fixture->events[EVENT_ZYGOTE_DIED]) > 0;
}

static void workers_that_could_not_be_forked_are_asked_for_again(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
    fixture_add_policy(&fixture, "forks_rarely");
    for (int i = 0; i < 10; i++) {
        struct answer answer;
        fixture_run(&fixture, "forks_rarely", "echo", "[5]", &answer);
        assert_string_equal(answer.message, "");
        assert_int_equal(answer.outcome, OUTCOME_OK);
        assert_string_equal(answer.output, "[5]");
        answer_deinit(&answer);
    }
    struct engine_figures figures;
    engine_read_figures(fixture.engine, &figures);
    assert_true(figures.workers_lost > 0);
    assert_true(atomic_load(&fixture.events[EVENT_WORKER_LOST]) > 0);
    fixture_stop(&fixture);
}

static void a_run_that_never_gets_a_worker_is_our_fault_and_does_not_hang(void **state)
{
    (void)state;
    static const char *const policies[] = {"cannot_fork", "dies_idle"};
    for (int i = 0; i < 2; i++) {
        struct fixture fixture;
        fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
        fixture_add_policy(&fixture, policies[i]);
        struct answer answer;
        fixture_run(&fixture, policies[i], "echo", "1", &answer);
        assert_int_equal(answer.outcome, OUTCOME_INTERNAL_ERROR);
        answer_deinit(&answer);
        fixture_stop(&fixture);
    }
}

static void the_time_until_a_worker_takes_a_run_is_spent_waiting(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
    fixture_add_policy(&fixture, "cannot_fork");
    struct answer answer;
    fixture_run(&fixture, "cannot_fork", "echo", "1", &answer);
    assert_int_equal(answer.figures.wall_us, 0);
    assert_true(answer.figures.queue_us > 0);
    answer_deinit(&answer);
    fixture_stop(&fixture);
}

static void a_zygote_that_reports_what_it_does_not_have_is_replaced(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
    fixture_add_policy(&fixture, "misreports");
    struct answer answer;
    fixture_run(&fixture, "misreports", "echo", "1", &answer);
    assert_int_equal(answer.outcome, OUTCOME_INTERNAL_ERROR);
    wait_until(died, &fixture);
    answer_deinit(&answer);
    fixture_stop(&fixture);
}

enum { SILENT = 12, ECHOES = 8 };

static struct zygote *only_zygote(struct engine *engine)
{
    return list_first(&engine->all_pools, struct pool, link)->live;
}

static bool all_run(void *argument)
{
    struct engine_figures figures;
    engine_read_figures(argument, &figures);
    return figures.running == SILENT && figures.queued == 0;
}

static bool is_blocked(void *argument)
{
    engine_lock(argument);
    bool blocked = only_zygote(argument)->blocked;
    engine_unlock(argument);
    return blocked;
}

static void submit(struct fixture *fixture, const char *code, struct answer *answer, char *ret_run_id)
{
    struct run_request request;
    answer_init(answer);
    fixture_request(&request, "plain", code, "[5]", answer);
    request.limits.limits.value[LIMIT_WALL_MS] = 600000;
    memcpy(ret_run_id, request.run_id, RUN_ID_SIZE + 1);
    assert_int_equal(engine_submit(fixture->engine, &request), ADMITTED);
}

// While the zygote reads nothing, its socket fills. Neither kills nor requests for workers are lost by that.
static void what_a_full_control_socket_did_not_take_is_sent_when_there_is_room(void **state)
{
    (void)state;
    static struct answer silent[SILENT], echoes[ECHOES];
    char run_ids[SILENT][RUN_ID_SIZE + 1], other[RUN_ID_SIZE + 1];
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){
                                .zygote_path = zygote_path, .max_running = 32, .zygote_patience_ms = 600000});
    fixture_add_policy(&fixture, "plain");
    for (int i = 0; i < SILENT; i++)
        submit(&fixture, "silent", &silent[i], run_ids[i]);
    wait_until(all_run, fixture.engine);
    engine_lock(fixture.engine);
    struct zygote *zygote = only_zygote(fixture.engine);
    pid_t pid = zygote->pid;
    int least = 0;
    assert_int_equal(setsockopt(zygote->control, SOL_SOCKET, SO_SNDBUF, &least, sizeof least), 0);
    engine_unlock(fixture.engine);
    kill(pid, SIGSTOP);
    for (int i = 0; i < SILENT; i++)
        assert_true(engine_cancel(fixture.engine, run_ids[i]));
    for (int i = 0; i < ECHOES; i++)
        submit(&fixture, "echo", &echoes[i], other);
    wait_until(is_blocked, fixture.engine);
    kill(pid, SIGCONT);
    for (int i = 0; i < SILENT; i++) {
        answer_wait(&silent[i]);
        assert_int_equal(silent[i].outcome, OUTCOME_CANCELLED);
        answer_deinit(&silent[i]);
    }
    for (int i = 0; i < ECHOES; i++) {
        answer_wait(&echoes[i]);
        assert_int_equal(echoes[i].outcome, OUTCOME_OK);
        answer_deinit(&echoes[i]);
    }
    assert_int_equal(atomic_load(&fixture.events[EVENT_ZYGOTE_DIED]), 0);
    fixture_stop(&fixture);
}

ENGINE_TESTS_MAIN(cmocka_unit_test(workers_that_could_not_be_forked_are_asked_for_again),
                  cmocka_unit_test(a_run_that_never_gets_a_worker_is_our_fault_and_does_not_hang),
                  cmocka_unit_test(the_time_until_a_worker_takes_a_run_is_spent_waiting),
                  cmocka_unit_test(a_zygote_that_reports_what_it_does_not_have_is_replaced),
                  cmocka_unit_test(what_a_full_control_socket_did_not_take_is_sent_when_there_is_room), )
