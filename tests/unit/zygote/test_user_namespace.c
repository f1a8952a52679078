// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/user_namespace.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/host.h"
#include "tests/support/in_child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>

static int enter(void *context)
{
    uid_t *as = context;
    if (*as != 0) {
        CHECK(setresgid(*as, *as, *as) == 0 && setresuid(*as, *as, *as) == 0);
        CHECK(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0);
    }
    struct layer_report report;
    user_namespace_enter(&report);
    CHECK(report.state == LAYER_ACTIVE);
    CHECK(getuid() == NAMESPACE_UID && geteuid() == NAMESPACE_UID);
    CHECK(getgid() == NAMESPACE_UID && getegid() == NAMESPACE_UID);
    // No other user or group exists inside, not even with the capabilities that come with it.
    CHECK(setuid(0) != 0 && setuid(65533) != 0 && setgid(0) != 0);
    CHECK(setgroups(0, NULL) != 0);
    // No second one inside it.
    CHECK(unshare(CLONE_NEWUSER) != 0 && errno == ENOSPC);
    // What belongs to another user outside belongs to nobody here.
    struct stat status;
    CHECK(stat("/", &status) == 0 && status.st_uid == 65534);
    return 0;
}

static void user_namespace_has_one_user_when_entered_as_an_ordinary_user(void **state)
{
    (void)state;
    need_host("user_namespace", host_can_unshare(CLONE_NEWUSER));
    uid_t as = geteuid() == 0 ? 65533 : 0;
    assert_int_equal(in_child(enter, &as), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(user_namespace_has_one_user_when_entered_as_an_ordinary_user),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
