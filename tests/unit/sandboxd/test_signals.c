// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "base/cleanup.h"
#include "sandboxd/system/signals.h"

#include <signal.h>

static void signals_become_things_to_read(void **state)
{
    (void)state;
    autoclose int fd = signals_open(NULL);
    assert_true(fd >= 0);
    assert_int_equal(signals_wait(fd, 0), SIGNAL_NONE);
    raise(SIGHUP);
    assert_int_equal(signals_wait(fd, 1000), SIGNAL_RELOAD);
    raise(SIGTERM);
    assert_int_equal(signals_wait(fd, 1000), SIGNAL_STOP);
    raise(SIGINT);
    assert_int_equal(signals_wait(fd, 1000), SIGNAL_STOP);
    raise(SIGPIPE); // ignored
    assert_int_equal(signals_wait(fd, 0), SIGNAL_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(signals_become_things_to_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
