// SPDX-License-Identifier: Apache-2.0
// Messages between the engine and one worker. Encode and decode stand side by side in job_messages.c, and a
// fuzz target holds every decoder. A decoder gives false for anything that its encoder would not write:
// short or left-over bytes, values out of range, counts or strings above the maxima below. Decoded strings
// borrow from the body. What a worker says is shown to users and never trusted: the engine's clock, the exit
// report and the frame rules decide the verdict.
#pragma once

#include "base/buffer.h"
#include "base/bytes.h"
#include "runtime/protocol/frame.h"
#include "runtime/protocol/limits.h"
#include "runtime/protocol/outcome.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    MODULES_MAX = 64,
    MODULE_NAME_MAX = 128,  // bytes; also of the chunk name
    TRACEBACK_MAX = 32,     // frames kept: the innermost ones
    WORKER_TEXT_MAX = 4096, // bytes of an error message
    LOG_MESSAGE_MAX = 65536,
    // What a log line costs besides its text, in the daemon and in the answer: charged to log_bytes with each
    // line by the worker and by the engine, or empty lines would be free. The frame around a text is smaller.
    LOG_LINE_OVERHEAD = 48,
    DENIED_SYSCALLS_MAX = 32, // different calls told of in audit mode
    RUN_ID_SIZE = 36,
};

struct job_module {
    struct bytes name; // as `require` knows it, "main" for the entry
    struct bytes code; // Lua text
};

// What a worker does with a job's modules.
enum job_kind {
    JOB_RUN,      // runs modules[0]
    JOB_VALIDATE, // looks at each, and tells what it found (runtime/lua/validate.h); the context says for
                  // whom
    JOB_KIND_COUNT,
};

// FRAME_JOB. modules[0] is the entry chunk; its name is also what errors call it ("main.lua").
struct job {
    enum job_kind kind;
    struct bytes run_id; // for the process title; 36 bytes of text or empty
    struct run_limits limits;
    uint64_t seed;
    bool count_instructions; // also without a limit
    bool profile;            // sample where CPU time and memory go: FRAME_PROFILE
    bool coverage;           // count how often each line runs: FRAME_COVERAGE
    uint32_t module_count;   // 1..MODULES_MAX
    struct job_module modules[MODULES_MAX];
    struct bytes context; // strict JSON text, checked by the engine's caller; "null" if there was none
};

void job_encode(struct buffer *out, const struct job *job); // appends a whole frame
bool job_decode(struct bytes body, struct job *ret_job);

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR, LOG_LEVEL_COUNT };
const char *plugin_log_level_name(enum log_level level); // "debug" ...

// FRAME_LOG. Written as the plugin logs, so that a killed run still has its lines.
struct log_line {
    enum log_level level;
    uint64_t at_ns;       // since the worker began the job
    struct bytes message; // the encoder cuts it, and replaces what is not UTF-8
};

void log_line_encode(struct buffer *out, const struct log_line *line);
bool log_line_decode(struct bytes body, struct log_line *ret_line);

struct stack_frame {
    struct bytes source;   // "main.lua", "[C]"
    uint32_t line;         // 0 if unknown
    struct bytes function; // name, or empty
};

// The most that the encoders write, whatever the texts hold: they cut each to its maximum *after* they have
// replaced what is not UTF-8. A buffer of this size always takes the frame.
enum {
    STACK_FRAME_BYTES_MAX = 4 + MODULE_NAME_MAX + 4 + 4 + MODULE_NAME_MAX,
    TRACEBACK_BYTES_MAX = 4 + TRACEBACK_MAX * STACK_FRAME_BYTES_MAX,
    // Of a result without output or value: outcome, message, two empty strings, two flags, three figures,
    // the traceback, and the closing NUL of a buffer.
    RESULT_FRAME_BYTES_MAX =
        FRAME_HEADER_SIZE + 1 + 4 + WORKER_TEXT_MAX + 4 + 4 + 2 + 3 * 8 + TRACEBACK_BYTES_MAX + 1,
    DENIED_FRAME_BYTES_MAX = FRAME_HEADER_SIZE + 4 + TRACEBACK_BYTES_MAX + 1,
};

// FRAME_RESULT.
struct worker_result {
    enum outcome outcome; // never CRASHED, CANCELLED, SYSCALL_DENIED or INTERNAL_ERROR: not a worker's to say
    struct bytes message; // empty for OUTCOME_OK; cut and cleaned by the encoder, like all text for people
    struct bytes output;  // JSON text for OUTCOME_OK, else empty
    struct bytes value;   // JSON text of a raised table, or empty
    bool logs_truncated;
    bool instructions_counted;
    uint64_t instructions;
    uint64_t memory_peak_bytes; // of the Lua heap, above the environment
    uint64_t limit_observed; // what was seen of the limit that ended it, in that limit's unit; times in µs
    uint32_t traceback_count;
    struct stack_frame traceback[TRACEBACK_MAX]; // [0] is where it was
};

void worker_result_encode(struct buffer *out, const struct worker_result *result);
bool worker_result_decode(struct bytes body, struct worker_result *ret_result);

// FRAME_DENIED. In enforce mode the only one, followed by exit with EXIT_SYSCALL_DENIED.
struct denied_syscall {
    uint32_t number;
    uint32_t traceback_count;
    struct stack_frame traceback[TRACEBACK_MAX];
};

// Async-signal-safe: writes into `out`, `size` bytes, no allocation. What does not fit goes without the names
// of its functions, and at last without its traceback, but it is told. Returns the length, 0 if even that did
// not fit: never where `size` is DENIED_FRAME_BYTES_MAX.
size_t denied_syscall_encode(char *out, size_t size, const struct denied_syscall *denied);
bool denied_syscall_decode(struct bytes body, struct denied_syscall *ret_denied);
// The same for a whole result frame without output or value, for the timer's signal handler; never 0 where
// `size` is RESULT_FRAME_BYTES_MAX.
size_t worker_result_encode_fixed(char *out, size_t size, const struct worker_result *result);
