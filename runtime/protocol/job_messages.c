// SPDX-License-Identifier: Apache-2.0
#include "runtime/protocol/job_messages.h"

#include "base/require.h"
#include "runtime/protocol/codec.h"
#include "runtime/protocol/frame.h"

// A decoded string may not be longer than the whole frame, whose maximum the receiver's rules set.
#define ANY_LENGTH SIZE_MAX

void job_encode(struct buffer *out, const struct job *job)
{
    require(job->module_count >= 1 && job->module_count <= MODULES_MAX);
    size_t frame = frame_begin(out, FRAME_JOB);
    put_u8(out, (uint8_t)job->kind);
    put_bytes(out, job->run_id);
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++)
        put_u64(out, job->limits.value[i]);
    put_u64(out, job->seed);
    put_u8(out, job->count_instructions);
    put_u8(out, job->profile);
    put_u8(out, job->coverage);
    put_u32(out, job->module_count);
    for (uint32_t i = 0; i < job->module_count; i++) {
        put_bytes(out, job->modules[i].name);
        put_bytes(out, job->modules[i].code);
    }
    put_bytes(out, job->context);
    frame_end(out, frame);
}

bool job_decode(struct bytes body, struct job *ret_job)
{
    struct reader in = reader_make(body);
    ret_job->kind = (enum job_kind)get_enum(&in, JOB_KIND_COUNT);
    ret_job->run_id = get_bytes(&in, RUN_ID_SIZE);
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++)
        ret_job->limits.value[i] = get_u64(&in);
    ret_job->seed = get_u64(&in);
    ret_job->count_instructions = get_bool(&in);
    ret_job->profile = get_bool(&in);
    ret_job->coverage = get_bool(&in);
    uint32_t count = get_u32(&in);
    if (in.failed || count < 1 || count > MODULES_MAX)
        return false;
    ret_job->module_count = count;
    for (uint32_t i = 0; i < count; i++) {
        ret_job->modules[i].name = get_bytes(&in, MODULE_NAME_MAX);
        ret_job->modules[i].code = get_bytes(&in, ANY_LENGTH);
    }
    ret_job->context = get_bytes(&in, ANY_LENGTH);
    return reader_finished(&in) && run_limits_valid(&ret_job->limits) &&
           (ret_job->run_id.length == 0 || ret_job->run_id.length == RUN_ID_SIZE);
}

const char *plugin_log_level_name(enum log_level level)
{
    static const char *const names[LOG_LEVEL_COUNT] = {
        [LOG_LEVEL_DEBUG] = "debug",
        [LOG_LEVEL_INFO] = "info",
        [LOG_LEVEL_WARN] = "warn",
        [LOG_LEVEL_ERROR] = "error",
    };
    require((unsigned)level < LOG_LEVEL_COUNT);
    return names[level];
}

void log_line_encode(struct buffer *out, const struct log_line *line)
{
    size_t frame = frame_begin(out, FRAME_LOG);
    put_u8(out, (uint8_t)line->level);
    put_u64(out, line->at_ns);
    put_text(out, line->message, LOG_MESSAGE_MAX);
    frame_end(out, frame);
}

bool log_line_decode(struct bytes body, struct log_line *ret_line)
{
    struct reader in = reader_make(body);
    ret_line->level = (enum log_level)get_enum(&in, LOG_LEVEL_COUNT);
    ret_line->at_ns = get_u64(&in);
    ret_line->message = get_text(&in, LOG_MESSAGE_MAX);
    return reader_finished(&in);
}

static void put_traceback(struct buffer *out, const struct stack_frame *frames, uint32_t count)
{
    require(count <= TRACEBACK_MAX);
    put_u32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        put_text(out, frames[i].source, MODULE_NAME_MAX);
        put_u32(out, frames[i].line);
        put_text(out, frames[i].function, MODULE_NAME_MAX);
    }
}

static bool get_traceback(struct reader *in, struct stack_frame *ret_frames, uint32_t *ret_count)
{
    uint32_t count = get_u32(in);
    if (in->failed || count > TRACEBACK_MAX)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        ret_frames[i].source = get_text(in, MODULE_NAME_MAX);
        ret_frames[i].line = get_u32(in);
        ret_frames[i].function = get_text(in, MODULE_NAME_MAX);
    }
    *ret_count = count;
    return true;
}

// What only the engine can know is not a worker's to say.
static bool sayable(enum outcome outcome)
{
    return outcome != OUTCOME_CRASHED && outcome != OUTCOME_CANCELLED && outcome != OUTCOME_SYSCALL_DENIED &&
           outcome != OUTCOME_INTERNAL_ERROR;
}

void worker_result_encode(struct buffer *out, const struct worker_result *result)
{
    require(sayable(result->outcome));
    size_t frame = frame_begin(out, FRAME_RESULT);
    put_u8(out, (uint8_t)result->outcome);
    put_text(out, result->message, WORKER_TEXT_MAX);
    put_bytes(out, result->output);
    put_bytes(out, result->value);
    put_u8(out, result->logs_truncated);
    put_u8(out, result->instructions_counted);
    put_u64(out, result->instructions);
    put_u64(out, result->memory_peak_bytes);
    put_u64(out, result->limit_observed);
    put_traceback(out, result->traceback, result->traceback_count);
    frame_end(out, frame);
}

bool worker_result_decode(struct bytes body, struct worker_result *ret_result)
{
    struct reader in = reader_make(body);
    ret_result->outcome = (enum outcome)get_enum(&in, OUTCOME_COUNT);
    ret_result->message = get_text(&in, WORKER_TEXT_MAX);
    ret_result->output = get_bytes(&in, ANY_LENGTH);
    ret_result->value = get_bytes(&in, ANY_LENGTH);
    ret_result->logs_truncated = get_bool(&in);
    ret_result->instructions_counted = get_bool(&in);
    ret_result->instructions = get_u64(&in);
    ret_result->memory_peak_bytes = get_u64(&in);
    ret_result->limit_observed = get_u64(&in);
    if (!get_traceback(&in, ret_result->traceback, &ret_result->traceback_count))
        return false;
    bool ok = ret_result->outcome == OUTCOME_OK;
    return reader_finished(&in) && sayable(ret_result->outcome) &&
           (ok ? ret_result->output.length > 0 && ret_result->message.length == 0 &&
                     ret_result->value.length == 0
               : ret_result->output.length == 0);
}

static void denied_syscall_put(struct buffer *out, const struct denied_syscall *denied)
{
    size_t frame = frame_begin(out, FRAME_DENIED);
    put_u32(out, denied->number);
    put_traceback(out, denied->traceback, denied->traceback_count);
    frame_end(out, frame);
}

bool denied_syscall_decode(struct bytes body, struct denied_syscall *ret_denied)
{
    struct reader in = reader_make(body);
    ret_denied->number = get_u32(&in);
    return get_traceback(&in, ret_denied->traceback, &ret_denied->traceback_count) && reader_finished(&in);
}

// The encoders above over fixed memory: nothing allocates, which makes them async-signal-safe. How a run
// ended is worth more than where: names go first, then the places.

static bool shorten(struct stack_frame *frames, uint32_t *count)
{
    bool named = false;
    for (uint32_t i = 0; i < *count; i++) {
        named = named || frames[i].function.length > 0;
        frames[i].function = bytes_of("", 0);
    }
    bool shorter = *count > 0;
    if (!named)
        *count = 0;
    return shorter;
}

size_t denied_syscall_encode(char *out, size_t size, const struct denied_syscall *denied)
{
    struct denied_syscall told = *denied;
    do {
        struct buffer fixed = buffer_over(out, size);
        denied_syscall_put(&fixed, &told);
        if (buffer_ok(&fixed))
            return fixed.length;
    } while (shorten(told.traceback, &told.traceback_count));
    return 0;
}

size_t worker_result_encode_fixed(char *out, size_t size, const struct worker_result *result)
{
    struct worker_result told = *result;
    do {
        struct buffer fixed = buffer_over(out, size);
        worker_result_encode(&fixed, &told);
        if (buffer_ok(&fixed))
            return fixed.length;
    } while (shorten(told.traceback, &told.traceback_count));
    return 0;
}
