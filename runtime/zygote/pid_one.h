// SPDX-License-Identifier: Apache-2.0
// The zygote is two processes. The outer one, which the engine started, only waits; the inner one, its
// child, is pid 1 of the pid namespace and does the work. When either ends, everything ends.
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <sys/types.h>

// Arranges for the calling process to learn of the end of `engine`, its parent, and checks that this has
// not happened yet. After the last change of credentials, which would undo it.
bool pid_one_watch_parent(pid_t engine, struct error *err);

// Forks. Returns in the inner process only; the outer one waits for it here and exits with its status, or
// kills it when `engine` is gone. False if the fork failed.
bool pid_one_fork(pid_t engine, int control_fd, struct error *err);
