// SPDX-License-Identifier: Apache-2.0
// The zygote is two processes. The outer one, which the engine started, only waits; the inner one, its
// child, is pid 1 of the pid namespace and does the work. When either ends, everything ends. SIGTERM has the
// outer one kill the inner one and reap it, so that no orphan is left.
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <sys/types.h>

// Forks. Returns in the inner process only; the outer one waits for it here and exits with its status, or
// leaves, which ends the inner one, when `engine`, its parent, is gone. After the last change of credentials,
// which would undo the arrangement. False if the fork failed, or `engine` is gone already (ERROR_CLOSED).
bool pid_one_fork(pid_t engine, int control_fd, struct error *err);
