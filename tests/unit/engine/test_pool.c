// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/pool.h"

#include "base/clock.h"
#include "base/fd.h"
#include "tests/support/cmocka_all.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct policy *policy_make(uint32_t idle_workers, uint32_t max_concurrency)
{
    struct policy *policy = calloc(1, sizeof *policy);
    assert_non_null(policy);
    policy->references = 1;
    policy->idle_workers = idle_workers;
    policy->max_concurrency = max_concurrency;
    return policy;
}

// An engine without descriptors: enough for what only counts.
static void engine_make(struct engine *engine, uint32_t max_running)
{
    memset(engine, 0, sizeof *engine);
    engine->options.max_running = max_running;
    engine->in_turn = true;
    engine->armed_ns = 0;
    engine->shrink_timer.kind = TIMER_SHRINK;
    list_init(&engine->hungry);
    assert_true(deadlines_reserve(&engine->deadlines, 8));
    const struct admission_caps caps = {
        .running_max = max_running, .queue_capacity = 100, .memory_budget_bytes = 1 << 20};
    assert_true(admission_init(&engine->admission, &caps));
}

static void engine_unmake(struct engine *engine)
{
    deadlines_deinit(&engine->deadlines);
    admission_deinit(&engine->admission);
}

static struct pool *pool_make(const struct engine *engine, uint32_t idle_workers, uint32_t max_concurrency,
                              struct zygote *live)
{
    struct policy *policy = policy_make(idle_workers, max_concurrency);
    struct pool *pool = pool_new(engine, policy);
    assert_non_null(pool);
    policy_unref(policy);
    pool->live = live;
    return pool;
}

static void workers_are_asked_for_in_batches_when_half_are_used(void **state)
{
    (void)state;
    static const struct {
        uint32_t target, idle, waiting, running, wanted;
    } table[] = {
        {8, 8, 0, 0, 0},   {8, 5, 0, 3, 0},   {8, 4, 0, 4, 4},   {8, 0, 0, 8, 8},  {2, 1, 0, 1, 1},
        {2, 2, 0, 0, 0},   {2, 0, 5, 0, 7},   {2, 7, 5, 0, 0},   {0, 0, 0, 0, 0},  {0, 0, 1, 0, 1},
        {32, 0, 0, 0, 16}, {2, 0, 50, 0, 16}, {2, 0, 50, 20, 2}, {2, 2, 9, 20, 0}, {0, 0, 9, 18, 2},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct engine engine;
        struct zygote live = {0};
        engine_make(&engine, 20);
        struct pool *pool = pool_make(&engine, 2, 100, &live);
        pool->target = table[i].target;
        pool->gate.running_max = table[i].target > 20 ? 64 : 20;
        pool->gate.idle = table[i].idle;
        pool->gate.waiting = table[i].waiting;
        pool->gate.running = table[i].running;
        gauge_set(&engine.admission.running, table[i].running);
        uint32_t wanted = pool_workers_wanted(&engine, pool, 1);
        if (wanted != table[i].wanted)
            fail_msg("row %zu: %u workers wanted", i, wanted);
        pool_free(pool);
        engine_unmake(&engine);
    }
}

static void idle_workers_are_bounded_by_what_may_run_at_once(void **state)
{
    (void)state;
    struct engine engine;
    struct zygote live = {0};
    engine_make(&engine, 4);
    struct pool *pool = pool_make(&engine, 256, 4096, &live);
    assert_int_equal(pool->target, 8);
    assert_int_equal(pool_workers_wanted(&engine, pool, 1), 8);
    pool->gate.idle = 8;
    assert_int_equal(pool_workers_wanted(&engine, pool, 1), 0);
    pool_free(pool);
    engine_unmake(&engine);
}

static void nothing_is_asked_of_a_zygote_that_cannot_answer(void **state)
{
    (void)state;
    struct engine engine;
    struct zygote live = {0};
    engine_make(&engine, 20);
    struct pool *pool = pool_make(&engine, 4, 100, &live);
    assert_int_equal(pool_workers_wanted(&engine, pool, 1), 8);
    live.blocked = true;
    assert_int_equal(pool_workers_wanted(&engine, pool, 1), 0);
    live.blocked = false;
    pool->spawn_at_ns = 5;
    assert_int_equal(pool_workers_wanted(&engine, pool, 4), 0);
    assert_int_equal(pool_workers_wanted(&engine, pool, 5), 8);
    pool->live = NULL;
    assert_int_equal(pool_workers_wanted(&engine, pool, 5), 0);
    pool_free(pool);
    engine_unmake(&engine);
}

static void pauses_after_failed_forks_grow_up_to_a_bound(void **state)
{
    (void)state;
    struct engine engine;
    struct zygote live = {0};
    engine_make(&engine, 20);
    struct pool *pool = pool_make(&engine, 4, 100, &live);
    uint64_t pause_ns = 0;
    for (uint64_t expected_ms = SPAWN_PAUSE_MS; expected_ms <= 4 * SPAWN_PAUSE_MAX_MS; expected_ms *= 2) {
        uint64_t before_ns = clock_monotonic_ns();
        pool->spawn_at_ns = 0; // that pause is over
        pool_pause(&engine, pool);
        pause_ns = pool->spawn_at_ns - before_ns;
        uint64_t least_ms = expected_ms < SPAWN_PAUSE_MAX_MS ? expected_ms : SPAWN_PAUSE_MAX_MS;
        assert_true(pause_ns >= least_ms * NS_PER_MS);
        uint64_t at_ns = pool->spawn_at_ns;
        pool_pause(&engine, pool); // another worker of the same batch
        assert_true(pool->spawn_at_ns == at_ns);
    }
    assert_true(pool->spawn_failures > 5);
    pool_free(pool);
    engine_unmake(&engine);
}

static void the_target_grows_with_demand_and_shrinks_by_what_was_never_needed(void **state)
{
    (void)state;
    struct engine engine;
    struct zygote live = {0};
    list_init(&live.idle);
    engine_make(&engine, 20);
    struct pool *pool = pool_make(&engine, 2, 10, &live);
    for (int i = 0; i < 5; i++) {
        pool->gate.waiting = 1;
        gauge_add(&engine.forks, 1);
        pool_note_use(&engine, pool);
        pool_note_use(&engine, pool);
        list_remove(&pool->hungry);
    }
    assert_int_equal(pool->target, 10); // 4, 9, then the policy's cap
    assert_true(engine.shrink_timer.position > 0);
    pool->gate.waiting = 0;
    pool->idle_low = 6;
    assert_true(pool_shrink(&engine, pool));
    assert_int_equal(pool->target, 7);
    pool->idle_low = 0;
    pool_shrink(&engine, pool);
    assert_int_equal(pool->target, 7);
    for (int i = 0; i < 10; i++) {
        pool->idle_low = 10;
        pool_shrink(&engine, pool);
    }
    assert_false(pool_shrink(&engine, pool));
    assert_int_equal(pool->target, 4);
    pool_free(pool);
    engine_unmake(&engine);
}

static void a_draining_pool_keeps_no_idle_workers(void **state)
{
    (void)state;
    struct engine engine;
    struct zygote live = {0};
    engine_make(&engine, 20);
    struct pool *pool = pool_make(&engine, 4, 10, &live);
    pool->draining = true;
    assert_int_equal(pool_workers_wanted(&engine, pool, 1), 0);
    pool->gate.waiting = 3;
    assert_int_equal(pool_workers_wanted(&engine, pool, 1), 3);
    // Others hold every slot: one worker all the same, or nothing of this pool would ever ask again.
    gauge_set(&engine.admission.running, 20);
    assert_int_equal(pool_workers_wanted(&engine, pool, 1), 1);
    pool->gate.idle = 1;
    assert_int_equal(pool_workers_wanted(&engine, pool, 1), 0);
    pool->gate.idle = 0;
    pool->gate.running = 1;
    assert_int_equal(pool_workers_wanted(&engine, pool, 1), 0);
    pool_free(pool);
    engine_unmake(&engine);
}

static void an_engine_of_one_run_wants_no_more_workers_than_runs(void **state)
{
    (void)state;
    struct engine engine;
    struct zygote live = {0};
    engine_make(&engine, 20);
    engine.options.one_run = true;
    struct pool *pool = pool_make(&engine, 4, 100, &live);
    assert_int_equal(pool_workers_wanted(&engine, pool, 1), 0);
    pool->gate.waiting = 1;
    pool_note_use(&engine, pool);
    assert_int_equal(pool->target, 0);
    assert_int_equal(pool_workers_wanted(&engine, pool, 1), 1);
    pool->gate.idle = 1;
    assert_int_equal(pool_workers_wanted(&engine, pool, 1), 0);
    pool->gate.idle = pool->gate.waiting = 0;
    pool->gate.running = 1;
    assert_int_equal(pool_workers_wanted(&engine, pool, 1), 0);
    list_remove(&pool->hungry);
    pool_free(pool);
    engine_unmake(&engine);
}

static void an_order_that_there_was_no_memory_for_is_made_again(void **state)
{
    (void)state;
    struct engine engine;
    struct zygote live = {.control = -1};
    engine_make(&engine, 20);
    engine.slot_count = engine.worker_count = 1 << 24; // the table of workers cannot grow
    struct pool *pool = pool_make(&engine, 4, 100, &live);
    pool->gate.waiting = 1;
    pool_refill(&engine, pool);
    assert_true(pool->spawn_at_ns > 0);
    assert_true(pool->timer.position > 0);
    pool_free(pool);
    engine_unmake(&engine);
}

static void a_zygote_that_died_is_no_reason_to_pause_its_successor(void **state)
{
    (void)state;
    struct engine engine;
    struct zygote live = {0};
    int pair[2];
    assert_true(fd_socket_pair(SOCK_SEQPACKET, pair, NULL));
    close(pair[1]);
    engine_make(&engine, 20);
    struct pool *pool = pool_make(&engine, 4, 100, &live);
    live.control = pair[0];
    live.pool = pool;
    list_init(&live.workers);
    list_init(&live.idle);
    pool_refill(&engine, pool);
    assert_int_equal(pool->spawn_at_ns, 0);
    assert_int_equal(pool->spawn_failures, 0);
    close(pair[0]);
    free(engine.slots);
    pool_free(pool);
    engine_unmake(&engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(workers_are_asked_for_in_batches_when_half_are_used),
        cmocka_unit_test(idle_workers_are_bounded_by_what_may_run_at_once),
        cmocka_unit_test(nothing_is_asked_of_a_zygote_that_cannot_answer),
        cmocka_unit_test(pauses_after_failed_forks_grow_up_to_a_bound),
        cmocka_unit_test(the_target_grows_with_demand_and_shrinks_by_what_was_never_needed),
        cmocka_unit_test(a_draining_pool_keeps_no_idle_workers),
        cmocka_unit_test(an_engine_of_one_run_wants_no_more_workers_than_runs),
        cmocka_unit_test(an_order_that_there_was_no_memory_for_is_made_again),
        cmocka_unit_test(a_zygote_that_died_is_no_reason_to_pause_its_successor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
