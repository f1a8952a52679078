// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/mdwe.h"

#include "runtime/zygote/layer.h"

#include <errno.h>
#include <sys/prctl.h>

// Newer than the headers of some distributions that we build on.
#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_GET_MDWE 66
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

void mdwe_set(struct layer_report *report)
{
    if (prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) != 0) {
        layer_missing(report, errno, "needs Linux 6.3 or later");
        return;
    }
    layer_active(report);
}
