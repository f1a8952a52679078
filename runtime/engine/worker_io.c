// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/worker_io.h"

#include "base/clock.h"
#include "runtime/protocol/codec.h"
#include "runtime/protocol/coverage.h"
#include "runtime/protocol/profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    FIRST_CHUNK = 4096,
    CHUNK = 65536,
    RESULT_SLACK = 65536, // of a result frame: message, traceback, figures
    DENIED_MAX = 32768,
    LOG_OVERHEAD = 64,           // of a log frame, above its message
    AUDITED_BYTES_MAX = 1 << 22, // of FRAME_DENIED in audit mode
};

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

void worker_io_init(struct worker_io *io, const struct run_limits *limits,
                    const struct worker_io_rules *rules)
{
    uint32_t profile_max = rules->profile ? PROFILE_BODY_MAX : 0;
    uint32_t coverage_max = rules->coverage ? COVERAGE_BODY_MAX : 0;
    uint64_t output_max = limits->value[LIMIT_OUTPUT_BYTES];
    uint64_t result_max = output_max + RESULT_SLACK;
    if (result_max > UINT32_MAX / 2)
        result_max = UINT32_MAX / 2;
    uint64_t log_max = limits->value[LIMIT_LOG_BYTES];
    *io = (struct worker_io){
        .input = buffer_make(larger(result_max, larger(profile_max, coverage_max)) + 2 * CHUNK),
        .audit = rules->audit,
        .log_text = buffer_make(log_max),
        .log_bytes_max = log_max,
        .profile = buffer_make(profile_max),
        .coverage = buffer_make(coverage_max),
        .received_max = result_max + log_max + profile_max + coverage_max + CHUNK +
                        (rules->audit ? AUDITED_BYTES_MAX : 0),
    };
    io->rules.maximum[FRAME_LOG] = LOG_MESSAGE_MAX + LOG_OVERHEAD;
    io->rules.maximum[FRAME_RESULT] = (uint32_t)result_max;
    io->rules.maximum[FRAME_DENIED] = DENIED_MAX;
    io->rules.maximum[FRAME_PROFILE] = profile_max;
    io->rules.maximum[FRAME_COVERAGE] = coverage_max;
}

void worker_io_deinit(struct worker_io *io)
{
    buffer_free(&io->input);
    buffer_free(&io->log_text);
    buffer_free(&io->profile);
    buffer_free(&io->coverage);
    free(io->lines);
    io->lines = NULL;
}

static void cannot_keep(struct worker_io *io, const struct buffer *full)
{
    if (full->exhausted)
        io->no_memory = true;
    else
        io->broken = "more than its limits allow";
}

// Lines past the log limit are dropped, as the worker itself should have done. False if there was no memory.
static bool keep_line(struct worker_io *io, const struct run_log_line *line)
{
    uint64_t lines_with_it = (uint64_t)io->line_count + 1;
    uint64_t cost = io->log_text.length + line->message.length + lines_with_it * LOG_LINE_OVERHEAD;
    if (cost > io->log_bytes_max) {
        io->logs_truncated = true;
        return true;
    }
    if (io->line_count == io->line_capacity) {
        uint32_t capacity = io->line_capacity > 0 ? io->line_capacity * 2 : 8;
        struct run_log_line *lines = realloc(io->lines, capacity * sizeof *lines);
        if (lines == NULL) {
            io->no_memory = true;
            return false;
        }
        io->lines = lines;
        io->line_capacity = capacity;
    }
    buffer_append(&io->log_text, line->message.data, line->message.length);
    if (!buffer_ok(&io->log_text)) {
        cannot_keep(io, &io->log_text);
        return false;
    }
    io->lines[io->line_count++] = *line;
    if (io->log != NULL)
        io->log(io->user, line);
    return true;
}

static bool on_log(struct worker_io *io, struct bytes body)
{
    struct log_line line;
    if (!log_line_decode(body, &line)) {
        io->broken = "a malformed log frame";
        return false;
    }
    return keep_line(io, &(struct run_log_line){
                             .level = line.level, .at_us = line.at_ns / NS_PER_US, .message = line.message});
}

// The bodies of the last frames are decoded when the run has ended, once.
static bool on_last(struct worker_io *io, struct bytes body, bool *flag)
{
    *flag = true;
    io->last_offset = (size_t)(body.data - io->input.data);
    io->last_length = body.length;
    io->seen_ns = clock_monotonic_ns();
    return true;
}

// Kept as it came, and decoded when the run has ended.
static bool on_observation(struct worker_io *io, struct bytes body, struct buffer *kept)
{
    if (kept->length > 0 || body.length == 0) {
        io->broken = "a second or an empty profile or coverage";
        return false;
    }
    buffer_append(kept, body.data, body.length);
    if (!buffer_ok(kept))
        cannot_keep(io, kept);
    return buffer_ok(kept);
}

static bool on_denied(struct worker_io *io, struct bytes body)
{
    if (!io->audit)
        return on_last(io, body, &io->has_denied);
    struct denied_syscall denied;
    if (!denied_syscall_decode(body, &denied)) {
        io->broken = "a malformed denial frame";
        return false;
    }
    for (uint32_t i = 0; i < io->audit_count; i++) {
        if (io->audit_calls[i].number == denied.number) {
            io->audit_calls[i].count++;
            return true;
        }
    }
    // The first so many calls by number; others are refused like them, and not told of.
    if (io->audit_count < DENIED_SYSCALLS_MAX)
        io->audit_calls[io->audit_count++] = (struct audited_syscall){.number = denied.number, .count = 1};
    return true;
}

static bool on_frame(struct worker_io *io, const struct frame *frame)
{
    if (io->has_result || io->has_denied) {
        io->broken = frame->type == FRAME_RESULT ? "a second result" : "a frame after its last one";
        return false;
    }
    switch (frame->type) {
    case FRAME_LOG:
        return on_log(io, frame->body);
    case FRAME_RESULT:
        return on_last(io, frame->body, &io->has_result);
    case FRAME_DENIED:
        return on_denied(io, frame->body);
    case FRAME_PROFILE:
        return on_observation(io, frame->body, &io->profile);
    case FRAME_COVERAGE:
        return on_observation(io, frame->body, &io->coverage);
    case FRAME_JOB:
        break;
    }
    io->broken = "a frame that only the engine may send";
    return false;
}

// Told apart from garbage: a result whose announced length alone is above what the output limit allows.
static bool announces_large_result(const struct worker_io *io, struct bytes rest)
{
    struct reader header = reader_make(rest);
    uint32_t length = get_u32(&header);
    uint8_t type = get_u8(&header);
    return !header.failed && type == FRAME_RESULT && length > io->rules.maximum[FRAME_RESULT];
}

static void take_frames(struct worker_io *io)
{
    for (;;) {
        struct bytes rest = bytes_of(io->input.data + io->used, io->input.length - io->used);
        struct frame frame;
        size_t used;
        enum frame_status status =
            rest.length > 0 ? frame_next(rest, &io->rules, &frame, &used) : FRAME_INCOMPLETE;
        if (status == FRAME_INCOMPLETE)
            break;
        if (status == FRAME_BAD) {
            io->oversize = announces_large_result(io, rest);
            io->broken = io->oversize ? NULL : "a frame that the protocol forbids";
            return;
        }
        if (!on_frame(io, &frame))
            return;
        io->used += used;
    }
    if ((io->has_result || io->has_denied) && io->used < io->input.length) {
        io->broken = "bytes after its last frame";
        return;
    }
    if (io->has_result || io->has_denied || io->used == 0)
        return;
    io->input.length -= io->used;
    memmove(io->input.data, io->input.data + io->used, io->input.length);
    io->used = 0;
}

bool worker_io_given_up(const struct worker_io *io)
{
    return io->oversize || io->broken != NULL || io->no_memory;
}

static bool listening(const struct worker_io *io)
{
    return !io->closed && !worker_io_given_up(io);
}

void worker_io_drain(struct worker_io *io, int socket, size_t bytes_max)
{
    size_t chunk = FIRST_CHUNK;
    size_t taken = 0;
    while (listening(io) && (bytes_max == 0 || taken < bytes_max)) {
        char *room = buffer_reserve(&io->input, chunk);
        if (room == NULL) {
            cannot_keep(io, &io->input);
            return;
        }
        ssize_t count = recv(socket, room, chunk, MSG_DONTWAIT);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno == EAGAIN)
            return;
        if (count <= 0) {
            // The kernel's word for a stream whose other end was closed over bytes that nobody read.
            io->unread = count < 0 && errno == ECONNRESET;
            io->closed = true;
            return;
        }
        io->input.length += (size_t)count;
        io->received_bytes += (uint64_t)count;
        taken += (size_t)count;
        take_frames(io);
        if (listening(io) && io->received_bytes > io->received_max)
            io->broken = "more frames than its limits allow";
        if ((size_t)count < chunk)
            return;
        chunk = CHUNK;
    }
}

struct bytes worker_io_last_body(const struct worker_io *io)
{
    return bytes_of(io->input.data + io->last_offset, io->last_length);
}

const struct run_log_line *worker_io_logs(struct worker_io *io, uint32_t *ret_count)
{
    const char *at = io->log_text.data;
    for (uint32_t i = 0; i < io->line_count; i++) {
        io->lines[i].message.data = at;
        at += io->lines[i].message.length;
    }
    *ret_count = io->line_count;
    return io->lines;
}
