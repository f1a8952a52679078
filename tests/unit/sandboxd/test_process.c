// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "sandboxd/system/process.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(process_figures_are_plausible),
        cmocka_unit_test(descriptor_limit_rises_to_the_hard_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
