// SPDX-License-Identifier: Apache-2.0
// What one worker says: reads its socket without blocking, takes frames by rules, keeps log lines. The sender
// may be hostile: everything is bounded by the run's limits, a frame that the rules refuse ends the
// listening, and nothing here decides how the run ended. Used by the serving thread only.
#pragma once

#include "runtime/engine/engine.h"
#include "runtime/protocol/frame.h"

#include <stdbool.h>
#include <stdint.h>

// What a run's worker may say besides log lines and its result.
struct worker_io_rules {
    bool audit; // refused system calls are counted and the run goes on
    bool profile;
    bool coverage;
};

struct worker_io {
    struct buffer input;
    size_t used; // of input: frames already taken
    struct frame_rules rules;
    bool audit;
    bool closed;        // the worker's end is closed, or cannot be read
    bool unread;        // it ended with bytes of its job not taken, so that nothing of a plugin was run
    bool oversize;      // it announced a result larger than its output limit allows
    const char *broken; // static text: what it said against the protocol; NULL if nothing
    bool no_memory;     // there was none to keep what it said: our failure
    uint64_t received_bytes;
    uint64_t received_max; // more is a flood

    bool has_result;
    bool has_denied;    // enforce mode
    size_t last_offset; // of the body of that frame in `input`: it is the last one
    size_t last_length;
    uint64_t seen_ns; // when it came, if that was before the worker's end

    struct run_log_line *lines; // message.data is set by worker_io_logs only
    uint32_t line_count;
    uint32_t line_capacity;
    struct buffer log_text; // all messages, one after the other
    uint64_t log_bytes_max;
    bool logs_truncated;

    struct buffer profile;  // body of the frame, to be decoded; empty if none came
    struct buffer coverage; // likewise

    struct audited_syscall audit_calls[DENIED_SYSCALLS_MAX];
    uint32_t audit_count;

    void (*log)(void *user, const struct run_log_line *line);
    void *user;
};

void worker_io_init(struct worker_io *io, const struct run_limits *limits,
                    const struct worker_io_rules *rules);
void worker_io_deinit(struct worker_io *io);
// Takes what is there, at most `bytes_max` (0: all), and calls `log` for each line. After it, look at
// `closed` and worker_io_given_up().
void worker_io_drain(struct worker_io *io, int socket, size_t bytes_max);
// Nothing more of what it says is taken: it broke the protocol, or there is no memory for it.
bool worker_io_given_up(const struct worker_io *io);
// The body of the last frame (has_result, has_denied).
struct bytes worker_io_last_body(const struct worker_io *io);
// All lines kept, valid until the next drain or deinit.
const struct run_log_line *worker_io_logs(struct worker_io *io, uint32_t *ret_count);
