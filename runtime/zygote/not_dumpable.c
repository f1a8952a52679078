// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/not_dumpable.h"

#include "runtime/zygote/layer.h"

#include <errno.h>
#include <sys/prctl.h>

void not_dumpable_set(struct layer_report *report)
{
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
        layer_missing(report, errno, "the kernel refuses it");
    else
        layer_active(report);
}
