// SPDX-License-Identifier: Apache-2.0
// Many threads, every behaviour, workers and zygotes killed at random: each run gets exactly one answer, its
// own, and nothing is left behind.
#include "base/uuid.h"
#include "tests/support/engine_tests.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 8, RUNS_PER_THREAD = 2500, RUNS = THREADS * RUNS_PER_THREAD, IN_FLIGHT_MAX = 400 };

struct slot {
    char nonce[40];
    char run_id[RUN_ID_SIZE + 1];
    _Atomic unsigned answers;
};

struct stress {
    struct fixture fixture;
    struct slot slots[RUNS];
    _Atomic unsigned answered;
    _Atomic unsigned in_flight;
    _Atomic unsigned outcomes[OUTCOME_COUNT];
    _Atomic unsigned wrong;
};

struct runner {
    struct stress *stress;
    unsigned from;
    pthread_t thread;
};

static struct stress stress;

static void on_done(void *user, const struct run_result *result)
{
    struct slot *slot = user;
    if (atomic_fetch_add(&slot->answers, 1) != 0 || strcmp(result->run_id, slot->run_id) != 0)
        atomic_fetch_add(&stress.wrong, 1);
    if (result->outcome == OUTCOME_OK && !bytes_equal_text(result->output, slot->nonce))
        atomic_fetch_add(&stress.wrong, 1);
    atomic_fetch_add(&stress.outcomes[result->outcome], 1);
    atomic_fetch_sub(&stress.in_flight, 1);
    atomic_fetch_add(&stress.answered, 1);
}

// Mostly good runs; now and then everything else.
static const char *code_for(unsigned number)
{
    static const char *const hostile[] = {"garbage", "twice",    "exit 3",     "signal 9", "half_frame",
                                          "logs 5",  "bad_json", "denied 257", "sleep 3",  "claim 1"};
    if (number % 2000 == 1999)
        return "kill_zygote";
    return number % 10 == 7 ? hostile[number / 10 % 10] : "echo";
}

static void submit_one(struct runner *runner, unsigned number, const char *policy)
{
    static const char *const tenants[] = {"", "a", "b", "c"};
    struct slot *slot = &stress.slots[number];
    snprintf(slot->nonce, sizeof slot->nonce, "{\"nonce\":%u}", number);
    struct run_request request;
    struct answer unused;
    answer_init(&unused);
    fixture_request(&request, policy, code_for(number), slot->nonce, &unused);
    request.tenant = tenants[number % 4];
    request.done = on_done;
    request.log = NULL;
    request.user = slot;
    request.limits.limits.value[LIMIT_WALL_MS] = 60000;
    memcpy(slot->run_id, request.run_id, sizeof slot->run_id);
    while (atomic_load(&stress.in_flight) > IN_FLIGHT_MAX)
        nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
    atomic_fetch_add(&stress.in_flight, 1);
    enum admission admission = engine_submit(runner->stress->fixture.engine, &request);
    answer_deinit(&unused);
    if (admission != ADMITTED) {
        // Only a policy that is starting again may refuse; then the run was never answered.
        atomic_fetch_add(&slot->answers, 1);
        atomic_fetch_sub(&stress.in_flight, 1);
        atomic_fetch_add(&stress.answered, 1);
        if (admission != REFUSED_POLICY_DOWN)
            atomic_fetch_add(&stress.wrong, 1);
    } else if (number % 97 == 0) {
        engine_cancel(runner->stress->fixture.engine, slot->run_id);
    }
}

static void *run_many(void *argument)
{
    struct runner *runner = argument;
    static const char *const policies[] = {"plain", "other", "third"};
    for (unsigned i = 0; i < RUNS_PER_THREAD; i++)
        submit_one(runner, runner->from + i, policies[i % 3]);
    return NULL;
}

static bool all_answered(void *argument)
{
    (void)argument;
    return atomic_load(&stress.answered) == RUNS;
}

static void every_run_gets_exactly_one_answer_its_own(void **state)
{
    (void)state;
    fixture_start(&stress.fixture, &(struct fixture_options){.zygote_path = zygote_path,
                                                             .max_running = 48,
                                                             .zygote_runs_max = 1500,
                                                             .start_patience_ms = 60000});
    fixture_add_policy(&stress.fixture, "plain");
    fixture_add_policy(&stress.fixture, "other");
    fixture_add_policy(&stress.fixture, "third");
    struct runner runners[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        runners[i] = (struct runner){.stress = &stress, .from = i * RUNS_PER_THREAD};
        assert_int_equal(pthread_create(&runners[i].thread, NULL, run_many, &runners[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(runners[i].thread, NULL);
    wait_until(all_answered, NULL);
    fixture_stop(&stress.fixture);
    assert_int_equal(atomic_load(&stress.wrong), 0);
    for (unsigned i = 0; i < RUNS; i++)
        assert_int_equal(atomic_load(&stress.slots[i].answers), 1);
    // A killed zygote takes its neighbours along, so not every good run can end well; most do.
    assert_true(atomic_load(&stress.outcomes[OUTCOME_OK]) > RUNS / 2);
    assert_true(atomic_load(&stress.outcomes[OUTCOME_CRASHED]) > 0);
    assert_true(atomic_load(&stress.outcomes[OUTCOME_CANCELLED]) > 0);
    assert_true(atomic_load(&stress.outcomes[OUTCOME_INTERNAL_ERROR]) > 0);
}

ENGINE_TESTS_MAIN(cmocka_unit_test(every_run_gets_exactly_one_answer_its_own), )
