// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/landlock.h"

#include "runtime/zygote/no_new_privs.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/host.h"
#include "tests/support/in_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>

static long abi(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
}

static int deny(void *context)
{
    (void)context;
    struct layer_report report;
    no_new_privs_set(&report);
    landlock_deny_all(&report);
    CHECK(report.state == LAYER_ACTIVE);
    CHECK(open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES);
    CHECK(open("/tmp", O_RDONLY | O_DIRECTORY) < 0 && errno == EACCES);
    CHECK(open("/tmp/landlock-probe", O_CREAT | O_WRONLY, 0600) < 0 && errno == EACCES);
    // From ABI 6 no signal leaves.
    CHECK(abi() < 6 || (kill(getppid(), 0) != 0 && errno == EPERM));
    return 0;
}

static void landlock_denies_every_file_and_every_signal_out(void **state)
{
    (void)state;
    need_host("landlock", abi() >= 1);
    assert_int_equal(in_child(deny, NULL), 0);
}

static int lacking(void *context)
{
    (void)context;
    struct layer_report report;
    landlock_deny_all(&report);
    CHECK(report.state == LAYER_MISSING && strlen(report.reason) > 0);
    return 0;
}

// Without no_new_privs the kernel refuses an ordinary user; without Landlock it refuses everybody.
static void landlock_that_is_refused_is_missing_with_the_reason(void **state)
{
    (void)state;
    if (abi() < 1)
        assert_int_equal(in_child(lacking, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(landlock_denies_every_file_and_every_signal_out),
        cmocka_unit_test(landlock_that_is_refused_is_missing_with_the_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
