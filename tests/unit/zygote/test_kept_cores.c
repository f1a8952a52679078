// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/kept_cores.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/host.h"
#include "tests/support/in_child.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static cpu_set_t cores_of(pid_t pid)
{
    cpu_set_t cores;
    CPU_ZERO(&cores);
    sched_getaffinity(pid, sizeof cores, &cores);
    return cores;
}

static uint32_t own_count(void)
{
    cpu_set_t own = cores_of(0);
    return (uint32_t)CPU_COUNT(&own);
}

static pid_t start_worker(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        for (;;)
            pause();
    }
    return pid;
}

static void end_worker(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void the_first_cores_are_kept_and_all_others_are_not(void **state)
{
    (void)state;
    uint32_t count = own_count();
    for (uint32_t kept = 1; kept < count; kept++) {
        struct kept_cores cores;
        assert_true(kept_cores_find(&cores, kept, NULL));
        assert_true(cores.some);
        assert_int_equal(CPU_COUNT(&cores.kept), kept);
        assert_int_equal(CPU_COUNT(&cores.rest), count - kept);
        cpu_set_t both, own = cores_of(0);
        CPU_OR(&both, &cores.kept, &cores.rest);
        assert_true(CPU_EQUAL(&both, &own));
        for (int core = 0, seen = 0; core < CPU_SETSIZE; core++)
            if (CPU_ISSET(core, &own))
                assert_int_equal(CPU_ISSET(core, &cores.kept) != 0, seen++ < (int)kept);
    }
}

static int changes_nothing(void *context)
{
    struct kept_cores cores;
    CHECK(kept_cores_find(&cores, *(uint32_t *)context, NULL));
    CHECK(!cores.some);
    cpu_set_t before = cores_of(0), after;
    CHECK(kept_cores_keep_off(&cores, getpid(), true));
    kept_cores_stay(&cores, true);
    after = cores_of(0);
    CHECK(CPU_EQUAL(&before, &after));
    return 0;
}

static void with_no_core_to_keep_or_none_to_leave_nothing_changes(void **state)
{
    (void)state;
    uint32_t none = 0, all = own_count(), more = UINT32_MAX;
    assert_int_equal(in_child(changes_nothing, &none), 0);
    assert_int_equal(in_child(changes_nothing, &all), 0);
    assert_int_equal(in_child(changes_nothing, &more), 0);
}

static void a_worker_is_kept_off_and_given_all_cores_back_and_no_other_is(void **state)
{
    (void)state;
    need_host("several_cores", own_count() > 1);
    struct kept_cores cores;
    assert_true(kept_cores_find(&cores, 1, NULL));
    pid_t worker = start_worker(), other = start_worker();
    assert_true(kept_cores_keep_off(&cores, worker, true));
    cpu_set_t now = cores_of(worker), others = cores_of(other), own = cores_of(0);
    assert_true(CPU_EQUAL(&now, &cores.rest));
    assert_true(CPU_EQUAL(&others, &cores.all));
    assert_true(CPU_EQUAL(&own, &cores.all));
    assert_true(kept_cores_keep_off(&cores, worker, false));
    now = cores_of(worker);
    assert_true(CPU_EQUAL(&now, &cores.all));
    end_worker(worker);
    end_worker(other);
    assert_false(kept_cores_keep_off(&cores, worker, true)); // it is gone
}

static int moves_itself(void *context)
{
    (void)context;
    struct kept_cores cores;
    CHECK(kept_cores_find(&cores, 1, NULL));
    kept_cores_stay(&cores, true);
    pid_t worker = start_worker();
    cpu_set_t own = cores_of(0), born = cores_of(worker);
    CHECK(CPU_EQUAL(&own, &cores.kept) && CPU_EQUAL(&born, &cores.kept));
    CHECK(kept_cores_keep_off(&cores, worker, false)); // it lasts, and nobody asks
    born = cores_of(worker);
    CHECK(CPU_EQUAL(&born, &cores.all));
    end_worker(worker);
    kept_cores_stay(&cores, false);
    own = cores_of(0);
    CHECK(CPU_EQUAL(&own, &cores.all));
    return 0;
}

static void a_zygote_that_stays_on_the_kept_cores_forks_there(void **state)
{
    (void)state;
    need_host("several_cores", own_count() > 1);
    assert_int_equal(in_child(moves_itself, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_cores_are_kept_and_all_others_are_not),
        cmocka_unit_test(with_no_core_to_keep_or_none_to_leave_nothing_changes),
        cmocka_unit_test(a_worker_is_kept_off_and_given_all_cores_back_and_no_other_is),
        cmocka_unit_test(a_zygote_that_stays_on_the_kept_cores_forks_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
