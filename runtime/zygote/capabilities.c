// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/capabilities.h"

#include "runtime/zygote/layer.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOCKED_SECUREBITS \
    (SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED | \
     SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

static struct __user_cap_header_struct header(void)
{
    return (struct __user_cap_header_struct){.version = _LINUX_CAPABILITY_VERSION_3};
}

bool capabilities_raise(void)
{
    struct __user_cap_header_struct head = header();
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    if (syscall(SYS_capget, &head, data) != 0)
        return false;
    for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
        data[i].effective = data[i].permitted;
    return syscall(SYS_capset, &head, data) == 0;
}

static bool empty_bounding_set(void)
{
    // The kernel knows more capabilities than our headers: go on until it knows no further one, which is
    // EINVAL. Any other refusal tells nothing of what is left.
    unsigned long capability = 0;
    for (; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++) {
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0)
            return false;
    }
    return errno == EINVAL;
}

static bool empty_sets(void)
{
    struct __user_cap_header_struct head = header();
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    memset(data, 0, sizeof data);
    // What is permitted no more is ambient no more, so that a kernel without this call holds none either.
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (syscall(SYS_capset, &head, data) != 0 || syscall(SYS_capget, &head, data) != 0)
        return false;
    for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
        if (data[i].effective != 0 || data[i].permitted != 0 || data[i].inheritable != 0)
            return false;
    }
    return true;
}

void capabilities_drop(struct layer_report *report)
{
    // Both of these need CAP_SETPCAP, so they come before the sets are emptied.
    bool bounded = empty_bounding_set() && prctl(PR_SET_SECUREBITS, LOCKED_SECUREBITS, 0, 0, 0) == 0;
    int refused = errno;
    if (!empty_sets())
        layer_missing(report, errno, "cannot drop them");
    else if (!bounded)
        layer_degraded(report, refused, "none held, but the bounding set stays");
    else
        layer_active(report);
}
