// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/descriptors.h"

#include "runtime/zygote/layer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/resource.h>
#include <unistd.h>

// Closes first..last. Kernels before 5.9 have no close_range: then one by one, up to the most that could
// ever have been opened.
static bool close_from_to(unsigned first, unsigned last)
{
    if (first > last || close_range(first, last, 0) == 0)
        return true;
    if (errno != ENOSYS)
        return false;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return false;
    rlim_t open_max = limit.rlim_max == RLIM_INFINITY ? INT_MAX : limit.rlim_max;
    for (unsigned fd = first; fd <= last && fd < open_max; fd++)
        close((int)fd);
    return true;
}

void descriptors_close_all_but(int keep, struct layer_report *report)
{
    unsigned kept = (unsigned)keep;
    if ((kept > 0 && !close_from_to(0, kept - 1)) || !close_from_to(kept + 1, UINT_MAX))
        layer_missing(report, errno, "cannot close what was inherited");
    else
        layer_active(report);
}

bool descriptors_keep_as_zero(int socket)
{
    if (socket != 0 && dup3(socket, 0, O_CLOEXEC) != 0)
        return false;
    return close_from_to(1, UINT_MAX);
}
