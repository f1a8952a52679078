// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/namespaces.h"

#include "runtime/zygote/layer.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

static bool enter(int flag, struct layer_report *report)
{
    if (unshare(flag) != 0) {
        layer_missing(report, errno, "this host refuses a new one");
        return false;
    }
    layer_active(report);
    return true;
}

void network_namespace_enter(struct layer_report *report)
{
    enter(CLONE_NEWNET, report);
}

void pid_namespace_enter(struct layer_report *report)
{
    enter(CLONE_NEWPID, report);
}

void ipc_namespace_enter(struct layer_report *report)
{
    enter(CLONE_NEWIPC, report);
}

void uts_namespace_enter(struct layer_report *report)
{
    static const char name[] = "sandbox";
    if (!enter(CLONE_NEWUTS, report))
        return;
    if (sethostname(name, strlen(name)) != 0 || setdomainname(name, strlen(name)) != 0)
        layer_degraded(report, errno, "the host's name stays visible");
}

void cgroup_namespace_enter(struct layer_report *report)
{
    enter(CLONE_NEWCGROUP, report);
}
