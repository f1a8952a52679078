// SPDX-License-Identifier: Apache-2.0
// Signals as things to read: blocked in every thread, taken from one descriptor.
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

enum service_signal { SIGNAL_NONE, SIGNAL_STOP, SIGNAL_RELOAD };

// Blocks SIGTERM, SIGINT and SIGHUP, ignores SIGPIPE, and gives the descriptor. Before any thread is started.
int signals_open(struct error *err); // -1 on failure

// Waits for one, at most `timeout_ms`.
enum service_signal signals_wait(int fd, uint32_t timeout_ms);
