// SPDX-License-Identifier: Apache-2.0
// Proof, before the first plugin, that this kernel enforces the compiled filter and that the handler of
// denied calls is reached.
#pragma once

#include "base/error.h"
#include "runtime/protocol/zygote_messages.h"
#include "runtime/zygote/seccomp_filter.h"

#include <stdbool.h>
#include <sys/types.h>

// In the zygote, after seccomp_trap_install and before any worker: forks a child that loads the filter and
// makes a call that no policy can allow. It needs no watching: the zygote goes on with its start meanwhile.
bool seccomp_self_test_begin(const struct seccomp_program *program, enum seccomp_mode mode, pid_t *ret_child,
                             struct error *err);
// Waits for its end. False unless the call was refused as it should be.
bool seccomp_self_test_end(pid_t child, struct error *err);
