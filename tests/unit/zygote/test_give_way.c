// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/give_way.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/in_child.h"

#include <errno.h>
#include <linux/sched/types.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TURN_NS = 5000000, NICE_MAX = 19 };

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

static struct sched_attr scheduling_of(pid_t pid)
{
    struct sched_attr attr = {.size = sizeof attr};
    syscall(SYS_sched_getattr, pid, &attr, sizeof attr, 0);
    return attr;
}

static int lower_from(int own_nice, unsigned by, int expected)
{
    CHECK(setpriority(PRIO_PROCESS, 0, own_nice) == 0);
    pid_t worker = start_worker(), other = start_worker();
    CHECK(give_way_to_others(worker, by));
    struct sched_attr attr = scheduling_of(worker), others = scheduling_of(other);
    CHECK(attr.sched_nice == expected);
    // Before Linux 6.12 turns are the kernel's own, and not told.
    CHECK(attr.sched_runtime == TURN_NS || attr.sched_runtime == others.sched_runtime);
    CHECK(others.sched_nice == own_nice && others.sched_runtime != TURN_NS);
    end_worker(worker);
    end_worker(other);
    return 0;
}

// The tests themselves may have been made nicer.
static int counts_from_the_zygotes_own(void *context)
{
    (void)context;
    int own = getpriority(PRIO_PROCESS, 0);
    for (int nice = own; nice <= NICE_MAX; nice++)
        CHECK(lower_from(nice, 5, nice + 5 < NICE_MAX ? nice + 5 : NICE_MAX) == 0);
    return 0;
}

static void a_worker_becomes_nicer_than_the_zygote_and_no_other_does(void **state)
{
    (void)state;
    assert_int_equal(in_child(counts_from_the_zygotes_own, NULL), 0);
}

static int becomes_ordinary(void)
{
    struct rlimit none = {0, 0};
    return setrlimit(RLIMIT_NICE, &none) == 0 && (geteuid() != 0 || setresuid(65533, 65533, 65533) == 0);
}

static int needs_no_privilege(void *context)
{
    (void)context;
    CHECK(becomes_ordinary());
    pid_t worker = start_worker();
    CHECK(give_way_to_others(worker, 5));
    CHECK(give_way_to_others(worker, NICE_MAX)); // further down
    CHECK(!give_way_to_others(worker, 0));       // and not up again
    CHECK(scheduling_of(worker).sched_nice == NICE_MAX);
    CHECK(setpriority(PRIO_PROCESS, (id_t)worker, NICE_MAX - 1) != 0 && errno == EACCES);
    end_worker(worker);
    return 0;
}

static void lowering_needs_no_privilege_and_raising_again_does(void **state)
{
    (void)state;
    assert_int_equal(in_child(needs_no_privilege, NULL), 0);
}

static void a_worker_that_is_gone_is_told(void **state)
{
    (void)state;
    pid_t worker = start_worker();
    end_worker(worker);
    assert_false(give_way_to_others(worker, 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_becomes_nicer_than_the_zygote_and_no_other_does),
        cmocka_unit_test(lowering_needs_no_privilege_and_raising_again_does),
        cmocka_unit_test(a_worker_that_is_gone_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
