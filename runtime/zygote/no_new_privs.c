// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/no_new_privs.h"

#include "runtime/zygote/layer.h"

#include <errno.h>
#include <sys/prctl.h>

void no_new_privs_set(struct layer_report *report)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
        layer_missing(report, errno, "the kernel refuses it");
    else
        layer_active(report);
}
