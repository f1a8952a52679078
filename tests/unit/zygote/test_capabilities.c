// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/capabilities.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/in_child.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int drop(void *context)
{
    (void)context;
    bool bound = prctl(PR_CAPBSET_READ, CAP_SETPCAP, 0, 0, 0) == 1 && geteuid() == 0;
    struct layer_report report;
    capabilities_drop(&report);
    CHECK(report.state == (bound ? LAYER_ACTIVE : LAYER_DEGRADED));
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    CHECK(syscall(SYS_capget, &header, data) == 0);
    for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
        CHECK((data[i].effective | data[i].permitted | data[i].inheritable) == 0);
    for (unsigned long capability = 0; bound && prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0;
         capability++)
        CHECK(prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 0);
    CHECK(!capabilities_raise() || (data[0].effective | data[1].effective) == 0);
    return 0;
}

static void capabilities_drop_empties_every_set(void **state)
{
    (void)state;
    assert_int_equal(in_child(drop, NULL), 0);
}

static int use_after_drop(void *context)
{
    (void)context;
    struct layer_report report;
    capabilities_drop(&report);
    char device[64];
    snprintf(device, sizeof device, "/tmp/sandbox-probe-device-%d", (int)getpid());
    CHECK(sethostname("x", 1) != 0 && errno == EPERM);
    CHECK(chroot("/") != 0 && errno == EPERM);
    CHECK(mknod(device, S_IFCHR | 0600, 0x103) != 0 && errno == EPERM);
    CHECK(prctl(PR_SET_SECUREBITS, 0, 0, 0, 0) != 0 && errno == EPERM);
    return 0;
}

static void capabilities_drop_takes_the_powers_away(void **state)
{
    (void)state;
    assert_int_equal(in_child(use_after_drop, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(capabilities_drop_empties_every_set),
        cmocka_unit_test(capabilities_drop_takes_the_powers_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
