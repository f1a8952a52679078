// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/not_dumpable.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/in_child.h"

#include <fcntl.h>
#include <sys/prctl.h>

static int is_not_dumpable(void *context)
{
    (void)context;
    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
}

static int set(void *context)
{
    (void)context;
    struct layer_report report;
    if (geteuid() == 0)
        CHECK(setresuid(65533, 65533, 65533) == 0 && prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0);
    CHECK(access("/proc/self/mem", R_OK) == 0);
    not_dumpable_set(&report);
    CHECK(report.state == LAYER_ACTIVE);
    // Its files in /proc are root's from now on, even for itself.
    CHECK(open("/proc/self/mem", O_RDONLY) < 0);
    return in_child(is_not_dumpable, NULL);
}

static void not_dumpable_closes_proc_and_is_inherited(void **state)
{
    (void)state;
    assert_int_equal(in_child(set, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(not_dumpable_closes_proc_and_is_inherited)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
