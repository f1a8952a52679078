// SPDX-License-Identifier: Apache-2.0
// One worker's life, from fork to exit: confined, idle, one job, gone.
#pragma once

#include "runtime/lua/plugin_run.h"
#include "runtime/zygote/process_title.h"
#include "runtime/zygote/seccomp_filter.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// What every worker of a zygote gets. Belongs to the zygote; workers have their copy by fork.
struct worker_plan {
    struct lua_image *image;
    struct seccomp_program program;
    uint64_t cpu_ms_max;
    uint64_t address_space_max; // bytes
    pid_t dies_with;            // the zygote's pid if it is not pid 1 of a namespace of its own, else 0
    struct process_title title;
    const char *policy_name;
};

// In the fresh child: never returns. `socket` is its end of the engine's socket pair.
_Noreturn void worker_live(const struct worker_plan *plan, int socket);
