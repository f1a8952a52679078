// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"
#include "tests/support/in_child.h"

#include "sandboxd/system/process.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

static void process_figures_are_plausible(void **state)
{
    (void)state;
    struct process_figures before, after;
    assert_true(process_read_figures(&before));
    int fd = dup(0);
    assert_true(process_read_figures(&after));
    assert_int_equal(after.open_fds, before.open_fds + 1);
    close(fd);
    assert_true(before.resident_bytes > 100000 && before.resident_bytes <= before.virtual_bytes);
    assert_true(after.cpu_seconds >= before.cpu_seconds);
}

static void descriptor_limit_rises_to_the_hard_one(void **state)
{
    (void)state;
    struct rlimit limit;
    process_raise_descriptor_limit();
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_true(limit.rlim_cur == limit.rlim_max);
}

static int follows_the_affinity(void *context)
{
    (void)context;
    uint32_t before = process_cores();
    CHECK(before >= 1 && before <= (uint32_t)sysconf(_SC_NPROCESSORS_CONF));
    cpu_set_t all, one;
    CHECK(sched_getaffinity(0, sizeof all, &all) == 0);
    int first = 0;
    while (!CPU_ISSET(first, &all))
        first++;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    CHECK(sched_setaffinity(0, sizeof one, &one) == 0);
    CHECK(process_cores() == 1);
    return 0;
}

static void cores_are_those_that_the_process_may_use(void **state)
{
    (void)state;
    assert_int_equal(in_child(follows_the_affinity, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(process_figures_are_plausible),
        cmocka_unit_test(descriptor_limit_rises_to_the_hard_one),
        cmocka_unit_test(cores_are_those_that_the_process_may_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
