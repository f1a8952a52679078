// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/no_new_privs.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/in_child.h"

#include <sys/prctl.h>

static int set(void *context)
{
    (void)context;
    struct layer_report report;
    no_new_privs_set(&report);
    CHECK(report.state == LAYER_ACTIVE);
    CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) != 0);
    return 0;
}

static void no_new_privs_is_set_for_good(void **state)
{
    (void)state;
    assert_int_equal(in_child(set, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_new_privs_is_set_for_good)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
