// SPDX-License-Identifier: Apache-2.0
// What happens when a worker makes a system call outside the list: the kernel raises SIGSYS, and the handler
// here tells the engine which call it was and, when it ends the run, where in the plugin.
//
// Enforce: one FRAME_DENIED with the Lua stack, then exit with EXIT_SYSCALL_DENIED. Audit: a FRAME_DENIED
// without stack, and the call fails with EPERM. In neither is the call made.
#pragma once

#include "base/error.h"
#include "runtime/lua/plugin_run.h"
#include "runtime/protocol/zygote_messages.h"

#include <stdbool.h>

// Reads the call stack of the interrupted plugin, as lua_image_stack does.
typedef uint32_t (*seccomp_trap_stack)(struct lua_image *image, struct stack_frame *ret_frames,
                                       uint32_t capacity);

struct seccomp_trap {
    enum seccomp_mode mode;
    int socket;               // where frames go
    seccomp_trap_stack stack; // NULL: no stack is told
    struct lua_image *image;  // what `stack` is called with
};

// Installs the handler for this process and those it forks. In the zygote, so that a worker has nothing left
// to do. `trap` must outlive the process.
bool seccomp_trap_install(const struct seccomp_trap *trap, struct error *err);
