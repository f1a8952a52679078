// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/workers.h"

#include "tests/support/cmocka_all.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WORKERS = 300 };

struct world {
    struct engine engine;
    struct pool pool;
    struct zygote zygote;
    struct zygote other;
};

static void world_make(struct world *world)
{
    memset(world, 0, sizeof *world);
    const struct admission_caps caps = {.running_max = 1, .queue_capacity = 1};
    assert_true(admission_init(&world->engine.admission, &caps));
    world->zygote.pool = world->other.pool = &world->pool;
    world->pool.live = &world->zygote;
    list_init(&world->zygote.workers);
    list_init(&world->zygote.idle);
    list_init(&world->other.workers);
    list_init(&world->other.idle);
}

static void world_unmake(struct world *world)
{
    admission_deinit(&world->engine.admission);
    free(world->engine.slots);
}

static void a_worker_is_found_by_its_id_by_its_own_zygote_only(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct worker *worker = worker_new(&world.engine, &world.zygote);
    uint64_t id = worker->id;
    assert_ptr_equal(worker_find(&world.engine, &world.zygote, id), worker);
    assert_null(worker_find(&world.engine, &world.other, id));
    assert_null(worker_find(&world.engine, &world.zygote, id ^ 1ULL << 40));
    assert_null(worker_find(&world.engine, &world.zygote, UINT64_MAX));
    worker_free(&world.engine, worker);
    assert_null(worker_find(&world.engine, &world.zygote, id));
    struct worker *next = worker_new(&world.engine, &world.zygote);
    assert_int_not_equal(next->id, id);
    worker_free(&world.engine, next);
    world_unmake(&world);
}

static void many_workers_come_and_go(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct worker *workers[WORKERS];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < WORKERS; i++)
            workers[i] = worker_new(&world.engine, &world.zygote);
        for (int i = 0; i < WORKERS; i++)
            assert_ptr_equal(worker_find(&world.engine, &world.zygote, workers[i]->id), workers[i]);
        for (int i = 0; i < WORKERS; i++)
            worker_free(&world.engine, workers[(i * 7) % WORKERS]);
        assert_int_equal(world.engine.worker_count, 0);
    }
    world_unmake(&world);
}

static void the_oldest_idle_worker_is_taken_first(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct worker *workers[3];
    for (int i = 0; i < 3; i++) {
        workers[i] = worker_new(&world.engine, &world.zygote);
        worker_now_idle(&world.engine, workers[i]);
    }
    assert_int_equal(world.pool.gate.idle, 3);
    assert_ptr_equal(worker_take_idle(&world.pool), workers[0]);
    worker_free(&world.engine, workers[1]);
    assert_ptr_equal(worker_take_idle(&world.pool), workers[2]);
    assert_null(worker_take_idle(&world.pool));
    worker_free(&world.engine, workers[0]);
    worker_free(&world.engine, workers[2]);
    world_unmake(&world);
}

static void a_worker_sent_away_has_its_socket_closed_and_is_still_known(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    struct worker *worker = worker_new(&world.engine, &world.zygote);
    worker->socket = pair[0];
    worker_now_idle(&world.engine, worker);
    worker_send_away(&world.engine, worker);
    assert_int_equal(world.pool.gate.idle, 0);
    char byte;
    assert_int_equal(read(pair[1], &byte, 1), 0);
    assert_ptr_equal(worker_find(&world.engine, &world.zygote, worker->id), worker);
    worker_free(&world.engine, worker);
    close(pair[1]);
    world_unmake(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_is_found_by_its_id_by_its_own_zygote_only),
        cmocka_unit_test(many_workers_come_and_go),
        cmocka_unit_test(the_oldest_idle_worker_is_taken_first),
        cmocka_unit_test(a_worker_sent_away_has_its_socket_closed_and_is_still_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
