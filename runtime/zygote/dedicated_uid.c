// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/dedicated_uid.h"

#include "runtime/zygote/capabilities.h"
#include "runtime/zygote/layer.h"

#include <errno.h>
#include <grp.h>
#include <sys/prctl.h>
#include <unistd.h>

void dedicated_uid_take(struct layer_report *report)
{
    if (geteuid() != 0) {
        layer_missing(report, 0, "not started as root: it stays uid %u of the host", (unsigned)geteuid());
        return;
    }
    uid_t id = DEDICATED_UID_BASE + (uid_t)getpid();
    // Group first: without uid 0 it could no longer be changed.
    if (setgroups(0, NULL) != 0 || prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0 || setresgid(id, id, id) != 0 ||
        setresuid(id, id, id) != 0) {
        layer_missing(report, errno, "cannot become uid %u", (unsigned)id);
        return;
    }
    // Leaving uid 0 cleared the effective set and the dumpable flag. The namespaces need the first, and the
    // second decides who owns /proc/self/uid_map; both go for good further down the checklist.
    if (!capabilities_raise() || prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) {
        layer_degraded(report, errno, "uid %u taken, but its capabilities were lost", (unsigned)id);
        return;
    }
    layer_active(report);
}
