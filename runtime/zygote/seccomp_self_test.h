// SPDX-License-Identifier: Apache-2.0
// Proof, before the first plugin, that this kernel enforces the compiled filter and that the handler of
// denied calls is reached.
#pragma once

#include "base/error.h"
#include "runtime/protocol/zygote_messages.h"
#include "runtime/zygote/seccomp_filter.h"

#include <stdbool.h>

// In the zygote, after seccomp_trap_install and before any worker: forks a child that loads the filter and
// makes a call that no policy can allow.
bool seccomp_self_test(const struct seccomp_program *program, enum seccomp_mode mode, struct error *err);
