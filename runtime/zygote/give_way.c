// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/give_way.h"

#include <linux/sched/types.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NICE_MAX = 19 };

// A task that wakes up interrupts one whose turns are longer than its own; among equals it waits until the
// turn is over, or even for the next tick. The scheduler's own turns are 3 ms at most. Much longer ones would
// keep a worker that shares its core with others like it from telling of its limit in time.
enum { TURN_NS = 5 * 1000 * 1000 };

bool give_way_to_others(pid_t worker, unsigned nice_by)
{
    // The zygote's own, as the administrator set it: the nice value counts from there.
    struct sched_attr attr = {.size = sizeof attr};
    if (syscall(SYS_sched_getattr, 0, &attr, sizeof attr, 0) != 0)
        return false;
    int nice = attr.sched_nice + (int)nice_by;
    attr.sched_nice = nice < NICE_MAX ? nice : NICE_MAX;
    attr.sched_runtime = TURN_NS;
    attr.sched_flags = 0;
    return syscall(SYS_sched_setattr, worker, &attr, 0) == 0;
}
