// SPDX-License-Identifier: Apache-2.0
// The zygote: takes its setup, confines itself, builds the Lua image, then forks workers as the engine asks
// and reports their ends until the control socket closes. Single thread; no plugin code runs in it.
#pragma once

#include "runtime/zygote/process_title.h"

// Returns the exit code of the calling process. `control_fd` is the engine's SOCK_SEQPACKET socket.
int zygote_main(int control_fd, struct process_title title);
