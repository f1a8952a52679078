// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/dedicated_uid.h"

#include "runtime/zygote/capabilities.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/in_child.h"

#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>

static int take(void *context)
{
    (void)context;
    struct layer_report report;
    dedicated_uid_take(&report);
    CHECK(report.state == LAYER_ACTIVE);
    CHECK(getuid() == geteuid() && getuid() == DEDICATED_UID_BASE + (unsigned)getpid());
    CHECK(getgid() == getegid() && getgid() == DEDICATED_UID_BASE + (unsigned)getpid());
    CHECK(getgroups(0, NULL) == 0);
    // Capabilities are still there for the namespaces.
    CHECK(prctl(PR_CAPBSET_READ, 21, 0, 0, 0) == 1 && chroot("/") == 0);
    struct layer_report dropped;
    capabilities_drop(&dropped);
    CHECK(dropped.state == LAYER_ACTIVE);
    CHECK(setuid(0) != 0 && setresuid(0, 0, 0) != 0 && setgid(0) != 0);
    CHECK(open("/etc/shadow", O_RDONLY) < 0);
    return 0;
}

static void dedicated_uid_gives_a_process_started_as_root_a_user_that_owns_nothing(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        print_message("host lacks: root\n");
        skip();
    }
    assert_int_equal(in_child(take, NULL), 0);
}

static int take_as_nobody(void *context)
{
    (void)context;
    if (geteuid() == 0)
        CHECK(setresgid(65534, 65534, 65534) == 0 && setresuid(65534, 65534, 65534) == 0);
    uid_t before = geteuid();
    struct layer_report report;
    dedicated_uid_take(&report);
    CHECK(report.state == LAYER_MISSING && geteuid() == before);
    CHECK(strstr(report.reason, "not started as root") != NULL);
    return 0;
}

static void dedicated_uid_is_missing_for_an_ordinary_user_and_says_why(void **state)
{
    (void)state;
    assert_int_equal(in_child(take_as_nobody, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dedicated_uid_gives_a_process_started_as_root_a_user_that_owns_nothing),
        cmocka_unit_test(dedicated_uid_is_missing_for_an_ordinary_user_and_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
