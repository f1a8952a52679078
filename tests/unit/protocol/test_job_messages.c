// SPDX-License-Identifier: Apache-2.0
#include "runtime/protocol/frame.h"
#include "runtime/protocol/job_messages.h"
#include "tests/support/decoders.h"

static const struct run_limits limits = {.value = {30000, 10000, 1 << 20, 0, 1000, 0, 1000, 1000, 64}};

// The body of the one frame in `out`.
static struct bytes body_of(const struct buffer *out, enum frame_type type)
{
    static const struct frame_rules rules = {.maximum = {0, 1 << 20, 1 << 20, 1 << 20, 1 << 20}};
    struct frame frame;
    size_t used;
    assert_true(buffer_ok(out));
    assert_int_equal(frame_next(bytes_of(out->data, out->length), &rules, &frame, &used), FRAME_COMPLETE);
    assert_int_equal(used, out->length);
    assert_int_equal(frame.type, type);
    return frame.body;
}

static struct job make_job(void)
{
    return (struct job){
        .kind = JOB_RUN,
        .run_id = bytes_of_text("0193d2a4-0000-7000-8000-00000000abcd"),
        .limits = limits,
        .seed = 0x0102030405060708,
        .count_instructions = true,
        .profile = true,
        .module_count = 2,
        .modules = {{bytes_of_text("main.lua"), bytes_of_text("return require 'util'")},
                    {bytes_of_text("util"), bytes_of("\0\xff", 2)}},
        .context = bytes_of_text("{\"a\":1}"),
    };
}

static bool decodes_as_job(struct bytes body)
{
    struct job job;
    return job_decode(body, &job);
}

static bool decodes_as_log_line(struct bytes body)
{
    struct log_line line;
    return log_line_decode(body, &line);
}

static bool decodes_as_result(struct bytes body)
{
    struct worker_result result;
    return worker_result_decode(body, &result);
}

static bool decodes_as_denied(struct bytes body)
{
    struct denied_syscall denied;
    return denied_syscall_decode(body, &denied);
}

static void a_job_comes_through_whole(void **state)
{
    (void)state;
    struct job job = make_job();
    struct buffer out = buffer_make(10000);
    job_encode(&out, &job);
    struct job back;
    assert_true(job_decode(body_of(&out, FRAME_JOB), &back));
    assert_int_equal(back.kind, JOB_RUN);
    assert_true(bytes_equal(back.run_id, job.run_id));
    assert_memory_equal(&back.limits, &limits, sizeof limits);
    assert_true(back.seed == job.seed);
    assert_true(back.count_instructions);
    assert_true(back.profile && !back.coverage);
    assert_int_equal(back.module_count, 2);
    assert_true(bytes_equal(back.modules[0].name, job.modules[0].name));
    assert_true(bytes_equal(back.modules[1].code, job.modules[1].code));
    assert_true(bytes_equal(back.context, job.context));
    buffer_free(&out);
}

static void job_decode_is_strict(void **state)
{
    (void)state;
    struct job job = make_job();
    struct buffer out = buffer_make(10000);
    job_encode(&out, &job);
    assert_decoder_is_strict(decodes_as_job, body_of(&out, FRAME_JOB));
    buffer_free(&out);
}

static bool survives_encoding(const struct job *job)
{
    struct buffer out = buffer_make(100000);
    job_encode(&out, job);
    bool good = decodes_as_job(body_of(&out, FRAME_JOB));
    buffer_free(&out);
    return good;
}

static void job_decode_refuses_values_outside_their_bounds(void **state)
{
    (void)state;
    struct job job = make_job();
    job.run_id = bytes_of_text("");
    assert_true(survives_encoding(&job));
    job.run_id = bytes_of_text("short");
    assert_false(survives_encoding(&job));
    job = make_job();
    job.limits.value[LIMIT_WALL_MS] = 0;
    assert_false(survives_encoding(&job));
    job = make_job();
    job.limits.value[LIMIT_JSON_DEPTH] = 1001;
    assert_false(survives_encoding(&job));
    job = make_job();
    char name[MODULE_NAME_MAX + 1] = {0};
    job.modules[1].name = bytes_of(name, MODULE_NAME_MAX);
    assert_true(survives_encoding(&job));
    job.modules[1].name = bytes_of(name, MODULE_NAME_MAX + 1);
    assert_false(survives_encoding(&job));
    job.module_count = MODULES_MAX;
    for (uint32_t i = 0; i < MODULES_MAX; i++)
        job.modules[i].name = bytes_of_text("m");
    assert_true(survives_encoding(&job));
}

static void a_log_line_comes_through_cut_and_cleaned(void **state)
{
    (void)state;
    struct log_line line = {.level = LOG_LEVEL_WARN, .at_ns = 1234567, .message = bytes_of("a\0\xff", 3)};
    struct buffer out = buffer_make(100000);
    struct log_line back;
    log_line_encode(&out, &line);
    assert_true(log_line_decode(body_of(&out, FRAME_LOG), &back));
    assert_int_equal(back.level, LOG_LEVEL_WARN);
    assert_true(back.at_ns == 1234567);
    assert_true(bytes_equal(back.message, bytes_of("a\0\xef\xbf\xbd", 5)));
    assert_decoder_is_strict(decodes_as_log_line, body_of(&out, FRAME_LOG));
    autofree char *large = malloc(LOG_MESSAGE_MAX + 10);
    memset(large, 'x', LOG_MESSAGE_MAX + 10);
    line.message = bytes_of(large, LOG_MESSAGE_MAX + 10);
    buffer_clear(&out);
    log_line_encode(&out, &line);
    assert_true(log_line_decode(body_of(&out, FRAME_LOG), &back));
    assert_int_equal(back.message.length, LOG_MESSAGE_MAX);
    buffer_free(&out);
}

// The example of docs/protocol.md.
static void a_log_line_has_the_documented_bytes(void **state)
{
    (void)state;
    static const uint8_t documented[] = {0x0f, 0, 0, 0, 0x02, 0x01, 0xe8, 0x03, 0,   0,
                                         0,    0, 0, 0, 0x02, 0,    0,    0,    'h', 'i'};
    struct log_line line = {.level = LOG_LEVEL_INFO, .at_ns = 1000, .message = bytes_of_text("hi")};
    struct buffer out = buffer_make(100);
    log_line_encode(&out, &line);
    assert_int_equal(out.length, sizeof documented);
    assert_memory_equal(out.data, documented, sizeof documented);
    buffer_free(&out);
}

static struct worker_result make_failure(void)
{
    return (struct worker_result){
        .outcome = OUTCOME_CPU_LIMIT,
        .message = bytes_of_text("CPU limit of 200 ms reached"),
        .logs_truncated = true,
        .instructions_counted = true,
        .instructions = 12345,
        .memory_peak_bytes = 67890,
        .limit_observed = 200700,
        .traceback_count = 2,
        .traceback = {{bytes_of_text("[C]"), 0, bytes_of_text("rep")},
                      {bytes_of_text("main.lua"), 12, {"", 0}}},
    };
}

static void a_failure_comes_through_whole(void **state)
{
    (void)state;
    struct worker_result result = make_failure();
    struct buffer out = buffer_make(10000);
    worker_result_encode(&out, &result);
    struct worker_result back;
    assert_true(worker_result_decode(body_of(&out, FRAME_RESULT), &back));
    assert_int_equal(back.outcome, OUTCOME_CPU_LIMIT);
    assert_true(bytes_equal(back.message, result.message));
    assert_true(back.logs_truncated && back.instructions_counted);
    assert_int_equal(back.instructions, 12345);
    assert_int_equal(back.memory_peak_bytes, 67890);
    assert_int_equal(back.limit_observed, 200700);
    assert_int_equal(back.traceback_count, 2);
    assert_true(bytes_equal_text(back.traceback[0].function, "rep"));
    assert_true(bytes_equal_text(back.traceback[1].source, "main.lua"));
    assert_int_equal(back.traceback[1].line, 12);
    assert_decoder_is_strict(decodes_as_result, body_of(&out, FRAME_RESULT));
    buffer_free(&out);
}

static void a_success_comes_through_whole(void **state)
{
    (void)state;
    struct worker_result result = {.outcome = OUTCOME_OK, .output = bytes_of_text("[1]")};
    struct buffer out = buffer_make(10000);
    worker_result_encode(&out, &result);
    struct worker_result back;
    assert_true(worker_result_decode(body_of(&out, FRAME_RESULT), &back));
    assert_true(bytes_equal_text(back.output, "[1]"));
    assert_decoder_is_strict(decodes_as_result, body_of(&out, FRAME_RESULT));
    buffer_free(&out);
}

static bool result_is_taken(const struct worker_result *result)
{
    struct buffer out = buffer_make(10000);
    worker_result_encode(&out, result);
    bool taken = decodes_as_result(body_of(&out, FRAME_RESULT));
    buffer_free(&out);
    return taken;
}

static void a_result_that_contradicts_itself_is_refused(void **state)
{
    (void)state;
    struct worker_result result = {.outcome = OUTCOME_OK};
    assert_false(result_is_taken(&result));
    result.output = bytes_of_text("1");
    assert_true(result_is_taken(&result));
    result.message = bytes_of_text("odd");
    assert_false(result_is_taken(&result));
    result.message = bytes_of_text("");
    result.value = bytes_of_text("1");
    assert_false(result_is_taken(&result));
    result = make_failure();
    result.output = bytes_of_text("1");
    assert_false(result_is_taken(&result));
    result = make_failure();
    result.message = bytes_of_text(""); // error("") is a plugin's right
    assert_true(result_is_taken(&result));
}

// The outcome is the body's first byte.
static void a_worker_cannot_say_what_only_the_engine_knows(void **state)
{
    (void)state;
    struct worker_result result = make_failure();
    struct buffer out = buffer_make(10000);
    worker_result_encode(&out, &result);
    for (unsigned outcome = 0; outcome < 256; outcome++) {
        bool sayable = outcome > OUTCOME_OK && outcome <= OUTCOME_OUTPUT_LIMIT;
        out.data[FRAME_HEADER_SIZE] = (char)outcome;
        assert_int_equal(decodes_as_result(body_of(&out, FRAME_RESULT)), sayable);
    }
    buffer_free(&out);
}

static void encoders_for_signal_handlers_write_the_same_bytes(void **state)
{
    (void)state;
    struct worker_result result = make_failure();
    struct buffer out = buffer_make(10000);
    worker_result_encode(&out, &result);
    char fixed[2000];
    assert_int_equal(worker_result_encode_fixed(fixed, sizeof fixed, &result), out.length);
    assert_memory_equal(fixed, out.data, out.length);
    assert_int_equal(worker_result_encode_fixed(fixed, out.length + 1, &result), out.length);
    buffer_free(&out);
}

// The longest that a frame can be by the bytes it is made of: each of them becomes three.
static void fill_with_broken_names(struct stack_frame frames[TRACEBACK_MAX])
{
    static char broken[WORKER_TEXT_MAX];
    memset(broken, 0xff, sizeof broken);
    for (uint32_t i = 0; i < TRACEBACK_MAX; i++)
        frames[i] =
            (struct stack_frame){bytes_of(broken, MODULE_NAME_MAX), i, bytes_of(broken, MODULE_NAME_MAX)};
}

static void fill_with_long_names(struct stack_frame frames[TRACEBACK_MAX])
{
    static char name[MODULE_NAME_MAX];
    memset(name, 'n', sizeof name);
    for (uint32_t i = 0; i < TRACEBACK_MAX; i++)
        frames[i] = (struct stack_frame){bytes_of(name, sizeof name), i, bytes_of(name, sizeof name)};
}

static void the_longest_frames_fit_their_buffers(void **state)
{
    (void)state;
    static char text[WORKER_TEXT_MAX];
    memset(text, 'm', sizeof text);
    struct worker_result result = {.outcome = OUTCOME_CPU_LIMIT,
                                   .message = bytes_of(text, sizeof text),
                                   .traceback_count = TRACEBACK_MAX};
    struct denied_syscall denied = {.number = 1, .traceback_count = TRACEBACK_MAX};
    char frame[RESULT_FRAME_BYTES_MAX];
    struct worker_result back;
    // Not a byte is left but the closing NUL.
    fill_with_long_names(result.traceback);
    fill_with_long_names(denied.traceback);
    assert_int_equal(worker_result_encode_fixed(frame, sizeof frame, &result), RESULT_FRAME_BYTES_MAX - 1);
    assert_int_equal(denied_syscall_encode(frame, DENIED_FRAME_BYTES_MAX, &denied),
                     DENIED_FRAME_BYTES_MAX - 1);
    fill_with_broken_names(result.traceback);
    size_t length = worker_result_encode_fixed(frame, sizeof frame, &result);
    assert_true(worker_result_decode(bytes_of(frame + FRAME_HEADER_SIZE, length - FRAME_HEADER_SIZE), &back));
    assert_int_equal(back.traceback_count, TRACEBACK_MAX);
    assert_int_equal(back.traceback[0].function.length, MODULE_NAME_MAX / 3 * 3);
}

static void what_does_not_fit_loses_its_names_then_its_places_and_never_its_outcome(void **state)
{
    (void)state;
    struct worker_result result = {.outcome = OUTCOME_CPU_LIMIT, .traceback_count = TRACEBACK_MAX}, back;
    fill_with_broken_names(result.traceback);
    char frame[RESULT_FRAME_BYTES_MAX];
    size_t length = worker_result_encode_fixed(frame, 6000, &result);
    assert_true(worker_result_decode(bytes_of(frame + FRAME_HEADER_SIZE, length - FRAME_HEADER_SIZE), &back));
    assert_int_equal(back.traceback_count, TRACEBACK_MAX);
    assert_int_equal(back.traceback[0].function.length, 0);
    length = worker_result_encode_fixed(frame, 100, &result);
    assert_true(worker_result_decode(bytes_of(frame + FRAME_HEADER_SIZE, length - FRAME_HEADER_SIZE), &back));
    assert_int_equal(back.traceback_count, 0);
    assert_int_equal(back.outcome, OUTCOME_CPU_LIMIT);
    assert_int_equal(worker_result_encode_fixed(frame, 20, &result), 0);
}

static void a_denied_call_comes_through_whole(void **state)
{
    (void)state;
    struct denied_syscall denied = {.number = 257,
                                    .traceback_count = 1,
                                    .traceback = {{bytes_of_text("main.lua"), 3, bytes_of_text("f")}}};
    char frame[500];
    assert_int_equal(denied_syscall_encode(frame, 10, &denied), 0);
    size_t length = denied_syscall_encode(frame, sizeof frame, &denied);
    struct bytes body = bytes_of(frame + FRAME_HEADER_SIZE, length - FRAME_HEADER_SIZE);
    struct denied_syscall back;
    assert_true(denied_syscall_decode(body, &back));
    assert_int_equal(back.number, 257);
    assert_int_equal(back.traceback_count, 1);
    assert_int_equal(back.traceback[0].line, 3);
    assert_decoder_is_strict(decodes_as_denied, body);
}

static void a_full_traceback_of_long_names_fits(void **state)
{
    (void)state;
    char name[300];
    memset(name, 'n', sizeof name);
    struct denied_syscall denied = {.number = 1, .traceback_count = TRACEBACK_MAX};
    for (uint32_t i = 0; i < TRACEBACK_MAX; i++)
        denied.traceback[i] = (struct stack_frame){bytes_of(name, 300), i, bytes_of(name, 300)};
    char frame[DENIED_FRAME_BYTES_MAX];
    size_t length = denied_syscall_encode(frame, sizeof frame, &denied);
    assert_true(length > 0);
    struct denied_syscall back;
    assert_true(
        denied_syscall_decode(bytes_of(frame + FRAME_HEADER_SIZE, length - FRAME_HEADER_SIZE), &back));
    assert_int_equal(back.traceback[TRACEBACK_MAX - 1].source.length, MODULE_NAME_MAX);
}

static void log_levels_have_names(void **state)
{
    (void)state;
    assert_string_equal(plugin_log_level_name(LOG_LEVEL_DEBUG), "debug");
    assert_string_equal(plugin_log_level_name(LOG_LEVEL_ERROR), "error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_comes_through_whole),
        cmocka_unit_test(job_decode_is_strict),
        cmocka_unit_test(job_decode_refuses_values_outside_their_bounds),
        cmocka_unit_test(a_log_line_comes_through_cut_and_cleaned),
        cmocka_unit_test(a_log_line_has_the_documented_bytes),
        cmocka_unit_test(a_failure_comes_through_whole),
        cmocka_unit_test(a_success_comes_through_whole),
        cmocka_unit_test(a_result_that_contradicts_itself_is_refused),
        cmocka_unit_test(a_worker_cannot_say_what_only_the_engine_knows),
        cmocka_unit_test(encoders_for_signal_handlers_write_the_same_bytes),
        cmocka_unit_test(the_longest_frames_fit_their_buffers),
        cmocka_unit_test(what_does_not_fit_loses_its_names_then_its_places_and_never_its_outcome),
        cmocka_unit_test(a_denied_call_comes_through_whole),
        cmocka_unit_test(a_full_traceback_of_long_names_fits),
        cmocka_unit_test(log_levels_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
