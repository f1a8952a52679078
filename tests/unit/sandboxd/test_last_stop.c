// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "sandboxd/store/last_stop.h"

#include <stdlib.h>
#include <unistd.h>

static void last_stop_is_known_by_the_mark_that_it_took_away(void **state)
{
    (void)state;
    char folder[] = "/tmp/sandboxd-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    bool interrupted = true;
    assert_true(last_stop_mark(folder, &interrupted, NULL));
    assert_false(interrupted);
    assert_true(last_stop_mark(folder, &interrupted, NULL)); // as after a kill
    assert_true(interrupted);
    last_stop_clear(folder);
    assert_true(last_stop_mark(folder, &interrupted, NULL));
    assert_false(interrupted);
    last_stop_clear(folder);
    assert_int_equal(rmdir(folder), 0);
}

static void last_stop_needs_a_folder(void **state)
{
    (void)state;
    bool interrupted = false;
    struct error err = {0};
    assert_false(last_stop_mark("/nowhere/at/all", &interrupted, &err));
    assert_int_equal(err.kind, ERROR_SYSTEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(last_stop_is_known_by_the_mark_that_it_took_away),
        cmocka_unit_test(last_stop_needs_a_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
