// SPDX-License-Identifier: Apache-2.0
// The zygote's side of the control socket: receiving the engine's packets, and telling it of exits. What
// cannot be sent at once waits here, in order. In the zygote only.
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "runtime/protocol/zygote_messages.h"

#include <stdbool.h>
#include <stddef.h>

struct control {
    int fd; // not owned
    struct worker_exit *exits;
    size_t exit_count;
    size_t exit_capacity;
    struct buffer packet; // reused for encoding
};

struct control control_make(int fd);
void control_free(struct control *control);

// Waits for the setup packet and decodes it; strings borrow from `ret_packet`, which the caller frees.
// ERROR_CLOSED if the engine closed the socket instead, ERROR_PROTOCOL for anything else.
bool control_receive_setup(int fd, char **ret_packet, struct zygote_setup *ret_setup, struct error *err);
bool control_send_ready(struct control *control, const struct zygote_ready *ready, struct error *err);
// Best effort: the exit code follows in any case.
void control_send_failed(int fd, const char *reason);

// Queues one exit for control_flush. False without memory.
bool control_add_exit(struct control *control, const struct worker_exit *exit);
// Sends what is queued, as much as the socket takes. False if the engine is gone.
bool control_flush(struct control *control);
