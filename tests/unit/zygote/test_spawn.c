// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/spawn.h"

#include "base/fd.h"
#include "tests/support/host.h"
#include "tests/support/in_child.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>

static int fork_fails(void *context)
{
    (void)context;
    struct worker_plan plan = {.policy_name = "test"};
    struct worker_table workers = {0};
    struct control control = control_make(-1);
    struct rlimit none = {0, 0};
    if (geteuid() == 0)
        CHECK(setresuid(65533, 65533, 65533) == 0);
    CHECK(setrlimit(RLIMIT_NPROC, &none) == 0);
    CHECK(spawn_worker(&plan, &workers, &control, 5, -1));
    CHECK(control.exit_count == 1 && workers.count == 0);
    CHECK(control.exits[0].worker_id == 5 && control.exits[0].wait_status == -1);
    CHECK(control.exits[0].spawn_errno == EAGAIN);
    worker_table_free(&workers);
    control_free(&control);
    return 0;
}

static void spawn_that_cannot_fork_reports_an_exit_with_its_error(void **state)
{
    (void)state;
    assert_int_equal(in_child(fork_fails, NULL), 0);
}

static int table_cannot_grow(void *context)
{
    (void)context;
    struct worker_plan plan = {.policy_name = "test"};
    struct worker_table workers = {0};
    struct control control = control_make(-1);
    CHECK(control_add_exit(&control, &(struct worker_exit){.worker_id = 4}));
    struct rlimit none = {0, 0};
    CHECK(setrlimit(RLIMIT_AS, &none) == 0);
    CHECK(spawn_worker(&plan, &workers, &control, 5, -1));
    CHECK(control.exit_count == 2 && workers.count == 0);
    CHECK(control.exits[1].worker_id == 5 && control.exits[1].wait_status == -1);
    CHECK(control.exits[1].spawn_errno == ENOMEM);
    return 0;
}

static void spawn_without_memory_to_remember_a_worker_reports_that(void **state)
{
    (void)state;
    assert_int_equal(in_child(table_cannot_grow, NULL), 0);
}

static int reap_strangers(void *context)
{
    (void)context;
    struct worker_table workers = {0};
    struct control control = control_make(-1);
    CHECK(worker_table_reserve(&workers, 1));
    pid_t stranger = fork();
    if (stranger == 0)
        _exit(0);
    pid_t known = fork();
    if (known == 0)
        pause();
    worker_table_add(&workers, known, 9);
    spawn_kill(&workers, 9);
    while (workers.count > 0)
        CHECK(spawn_reap(&workers, &control));
    CHECK(control.exit_count == 1 && control.exits[0].worker_id == 9);
    CHECK(WIFSIGNALED(control.exits[0].wait_status) && WTERMSIG(control.exits[0].wait_status) == SIGKILL);
    worker_table_free(&workers);
    control_free(&control);
    return 0;
}

static void spawn_reap_tells_of_workers_only(void **state)
{
    (void)state;
    assert_int_equal(in_child(reap_strangers, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spawn_that_cannot_fork_reports_an_exit_with_its_error),
        cmocka_unit_test(spawn_without_memory_to_remember_a_worker_reports_that),
        cmocka_unit_test(spawn_reap_tells_of_workers_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
