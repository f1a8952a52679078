// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/verdict.h"

#include "base/buffer.h"
#include "base/fd.h"
#include "runtime/lua/image.h"
#include "runtime/protocol/exit_codes.h"

#include <string.h>
#include <unistd.h>

enum { MESSAGE_SIZE = 128 };

// How a limit's message reads: "CPU limit of 200 ms reached".
static const struct limit_wording {
    enum outcome outcome;
    enum run_limit limit;
    const char *before;
    const char *after;
} wordings[] = {
    {OUTCOME_CPU_LIMIT, LIMIT_CPU_MS, "CPU limit of ", " ms reached"},
    {OUTCOME_WALL_LIMIT, LIMIT_WALL_MS, "wall-clock limit of ", " ms reached"},
    {OUTCOME_MEMORY_LIMIT, LIMIT_MEMORY_BYTES, "memory limit of ", " bytes reached"},
    {OUTCOME_INSTRUCTION_LIMIT, LIMIT_INSTRUCTIONS, "instruction limit of ", " reached"},
    {OUTCOME_OUTPUT_LIMIT, LIMIT_OUTPUT_BYTES, "output limit of ", " bytes reached"},
};

static size_t put(char *text, size_t length, const char *piece)
{
    size_t size = strlen(piece);
    memcpy(text + length, piece, size);
    return length + size;
}

// printf is not for signal handlers.
static struct bytes word_limit(const struct lua_image *image, enum outcome outcome, char text[MESSAGE_SIZE])
{
    size_t length = 0;
    for (size_t i = 0; i < sizeof(wordings) / sizeof(wordings[0]); i++) {
        if (wordings[i].outcome != outcome)
            continue;
        char digits[24];
        size_t at = sizeof(digits) - 1;
        digits[at] = '\0';
        uint64_t value = image->job->limits.value[wordings[i].limit];
        do
            digits[--at] = (char)('0' + value % 10);
        while ((value /= 10) > 0);
        length = put(text, length, wordings[i].before);
        length = put(text, length, digits + at);
        length = put(text, length, wordings[i].after);
    }
    return bytes_of(text, length);
}

static void add_usage(const struct lua_image *image, struct worker_result *result)
{
    result->logs_truncated = image->logs_truncated;
    result->instructions_counted = image->limits.counting;
    result->instructions = image->limits.instructions;
    result->memory_peak_bytes = heap_peak(&image->heap);
}

static bool write_observations(struct lua_image *image)
{
    size_t length;
    const char *frame = image->profiler != NULL ? profiler_frame(image, &length) : NULL;
    if (frame != NULL && !fd_write_all(image->socket, frame, length, NULL))
        return false;
    frame = image->coverage != NULL ? line_coverage_frame(image, &length) : NULL;
    return frame == NULL || fd_write_all(image->socket, frame, length, NULL);
}

static _Noreturn void write_and_exit(struct lua_image *image, const void *frame, size_t length)
{
    if (length == 0)
        _exit(EXIT_INTERPRETER);
    if (!write_observations(image))
        _exit(EXIT_ENGINE_GONE);
    _exit(fd_write_all(image->socket, frame, length, NULL) ? EXIT_RUN_ENDED : EXIT_ENGINE_GONE);
}

void verdict_limit(struct lua_image *image, enum outcome outcome, uint64_t observed,
                   const struct traceback *trace)
{
    image->ending = 1;
    struct traceback now;
    if (trace == NULL) {
        traceback_capture(image, TRACE_LIBRARY_NAMES, &now);
        trace = &now;
    }
    char text[MESSAGE_SIZE];
    struct worker_result result = {
        .outcome = outcome,
        .message = word_limit(image, outcome, text),
        .limit_observed = observed,
        .traceback_count = 0,
    };
    result.traceback_count = traceback_frames(trace, result.traceback);
    add_usage(image, &result);
    char frame[RESULT_FRAME_BYTES_MAX];
    write_and_exit(image, frame, worker_result_encode_fixed(frame, sizeof(frame), &result));
}

void verdict_result(struct lua_image *image, struct worker_result *result)
{
    image->ending = 1;
    add_usage(image, result);
    struct buffer frame = buffer_make(RESULT_FRAME_BYTES_MAX + result->output.length + result->value.length);
    worker_result_encode(&frame, result);
    // The plugin's own result was too much for the room its limits give: no fault of the host's.
    if (frame.exhausted)
        verdict_limit(image, OUTCOME_MEMORY_LIMIT, heap_peak(&image->heap), &no_traceback);
    write_and_exit(image, frame.data, buffer_ok(&frame) ? frame.length : 0);
}
