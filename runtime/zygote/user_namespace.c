// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/user_namespace.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "runtime/zygote/layer.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool write_file(const char *path, const char *text)
{
    autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    // The kernel takes a map in one write only.
    return write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

static bool write_map(const char *path, unsigned outside)
{
    char line[64];
    snprintf(line, sizeof line, "%u %u 1\n", (unsigned)NAMESPACE_UID, outside);
    return write_file(path, line);
}

void user_namespace_enter(struct layer_report *report)
{
    unsigned uid = geteuid();
    unsigned gid = getegid();
    if (unshare(CLONE_NEWUSER) != 0) {
        if (errno == ENOSPC)
            layer_missing(report, 0, "user.max_user_namespaces of this host allows no more of them");
        else
            layer_missing(report, errno, "this host refuses a new user namespace");
        return;
    }
    // setgroups must be given up before a process without privileges outside may map its group. Kernels
    // that restrict user namespaces by an LSM let unshare pass and refuse here.
    if (!write_file("/proc/self/setgroups", "deny") || !write_map("/proc/self/uid_map", uid) ||
        !write_map("/proc/self/gid_map", gid)) {
        layer_missing(report, errno, "made, but this host refuses to map uid %u into it", uid);
        return;
    }
    // None inside this one: a nested user namespace would bring every capability back, over things of its
    // own, and with them the kernel code behind mount, netlink and the like. The file is this namespace's.
    if (!write_file("/proc/sys/user/max_user_namespaces", "0"))
        layer_degraded(report, errno, "nested user namespaces cannot be forbidden");
    else
        layer_active(report);
}
