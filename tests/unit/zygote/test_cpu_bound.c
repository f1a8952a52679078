// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/cpu_bound.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/in_child.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORKER_ID 0x123456789abcdef0

enum { BOUND_MS = 50, PATIENCE_MS = 60000 };

static pid_t start_worker(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        for (volatile unsigned i = 0;; i++) {
        }
    }
    return pid;
}

static uint64_t cpu_ms_of(pid_t pid, int *ret_status)
{
    struct rusage usage;
    if (wait4(pid, ret_status, 0, &usage) != pid)
        return 0;
    return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
           (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

static int tells_of_the_one(void *context)
{
    (void)context;
    int fd = cpu_bound_open(NULL);
    CHECK(fd >= 0);
    uint64_t id = 0;
    CHECK(!cpu_bound_passed(fd, &id));
    pid_t other = start_worker(), worker = start_worker();
    struct cpu_bound far = {0}, near = {0};
    CHECK(cpu_bound_set(&far, other, 7, UINT32_MAX));
    CHECK(cpu_bound_set(&near, worker, WORKER_ID, BOUND_MS));
    struct pollfd wanted = {.fd = fd, .events = POLLIN};
    CHECK(poll(&wanted, 1, PATIENCE_MS) == 1);
    CHECK(cpu_bound_passed(fd, &id) && id == WORKER_ID);
    CHECK(!cpu_bound_passed(fd, &id));
    kill(worker, SIGKILL);
    kill(other, SIGKILL);
    int status;
    CHECK(cpu_ms_of(worker, &status) >= BOUND_MS);
    CHECK(cpu_ms_of(other, &status) < UINT32_MAX);
    cpu_bound_clear(&near);
    cpu_bound_clear(&far);
    CHECK(!near.set && !far.set);
    return 0;
}

static void cpu_bound_tells_who_passed_its_own(void **state)
{
    (void)state;
    assert_int_equal(in_child(tells_of_the_one, NULL), 0);
}

// Before the bound is set, and again and again.
static int is_behind(void *context)
{
    (void)context;
    int fd = cpu_bound_open(NULL);
    pid_t worker = start_worker();
    struct cpu_bound bound = {0};
    struct pollfd wanted = {.fd = fd, .events = POLLIN};
    for (uint64_t id = 1; id < 4; id++) {
        uint64_t told = 0;
        CHECK(cpu_bound_set(&bound, worker, id, 10));
        CHECK(poll(&wanted, 1, PATIENCE_MS) == 1 && cpu_bound_passed(fd, &told) && told == id);
    }
    kill(worker, SIGKILL);
    waitpid(worker, NULL, 0);
    CHECK(!cpu_bound_set(&bound, worker, 9, 10) && !bound.set);
    cpu_bound_clear(&bound);
    return 0;
}

static void cpu_bound_that_is_passed_already_is_told_at_once(void **state)
{
    (void)state;
    assert_int_equal(in_child(is_behind, NULL), 0);
}

static int without_timers(void *context)
{
    (void)context;
    const struct rlimit none = {0, 0};
    if (geteuid() == 0)
        CHECK(setresuid(65533, 65533, 65533) == 0);
    CHECK(setrlimit(RLIMIT_SIGPENDING, &none) == 0);
    pid_t worker = start_worker();
    struct cpu_bound bound = {0};
    CHECK(cpu_bound_set(&bound, worker, 1, BOUND_MS) && !bound.set);
    int status = 0;
    CHECK(cpu_ms_of(worker, &status) >= BOUND_MS);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    return 0;
}

static void cpu_bound_without_a_timer_is_a_limit_in_seconds(void **state)
{
    (void)state;
    assert_int_equal(in_child(without_timers, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cpu_bound_tells_who_passed_its_own),
        cmocka_unit_test(cpu_bound_that_is_passed_already_is_told_at_once),
        cmocka_unit_test(cpu_bound_without_a_timer_is_a_limit_in_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
