// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/lua_selftest.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>

#include <cmocka.h>

static void the_bundled_interpreter_is_sound(void **state)
{
    (void)state;
    struct error err;
    if (!lua_selftest(&err))
        fail_msg("%s", err.text);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); // nothing is left to reap
    assert_int_equal(errno, ECHILD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bundled_interpreter_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
