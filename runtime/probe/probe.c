// SPDX-License-Identifier: Apache-2.0
#include "runtime/probe/probe.h"

#include "base/fd.h"
#include "base/json_write.h"
#include "runtime/lua/lua_selftest.h"
#include "runtime/lua/plugin_run.h"
#include "runtime/protocol/exit_codes.h"
#include "runtime/protocol/job_messages.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LIST_BYTES_MAX = 1 << 20, ANSWER_BYTES = 4096 };

// In the interpreter's place: what one worker knows of itself from before it was confined.
struct lua_image {
    int socket;
    pid_t own;
    pid_t zygote;
};

static struct attempts (*const tables[])(void) = {
    attempts_on_files,  attempts_on_network, attempts_on_processes, attempts_on_rights,    attempts_on_memory,
    attempts_on_kernel, attempts_on_host,    attempts_on_clocks,    attempts_on_leftovers,
};

const struct attempt *probe_attempt(uint32_t number)
{
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
        struct attempts attempts = tables[t]();
        if (number < attempts.count)
            return &attempts.rows[number];
        number -= (uint32_t)attempts.count;
    }
    return NULL;
}

struct lua_image *lua_image_new(const struct lua_image_options *options, struct error *err)
{
    (void)options;
    struct lua_image *image = calloc(1, sizeof *image);
    if (image == NULL)
        error_set(err, ERROR_MEMORY, "no memory for the probe");
    return image;
}

void lua_image_free(struct lua_image *image)
{
    free(image);
}

const char *lua_image_release(void)
{
    return "no interpreter: a probe";
}

bool lua_selftest(struct error *err)
{
    return error_set(err, ERROR_UNSUPPORTED, "a probe has no interpreter");
}

bool lua_image_arm(struct lua_image *image, int socket, struct error *err)
{
    (void)err;
    *image = (struct lua_image){.socket = socket, .own = getpid(), .zygote = getppid()};
    return true;
}

size_t lua_image_written(struct lua_image *image, void **ret_start)
{
    *ret_start = image;
    return sizeof *image;
}

uint32_t lua_image_stack(struct lua_image *image, struct stack_frame *ret_frames, uint32_t capacity)
{
    (void)image;
    (void)ret_frames;
    (void)capacity;
    return 0;
}

// Writes the frame and ends the run.
_Noreturn static void answer(const struct lua_image *image, struct buffer *frame, const char *output,
                             size_t length)
{
    buffer_clear(frame);
    worker_result_encode(frame,
                         &(struct worker_result){.outcome = OUTCOME_OK, .output = bytes_of(output, length)});
    if (!buffer_ok(frame) || !fd_write_all(image->socket, frame->data, frame->length, NULL))
        _exit(EXIT_ENGINE_GONE);
    _exit(EXIT_RUN_ENDED);
}

_Noreturn static void refuse(const struct lua_image *image, const char *message)
{
    struct buffer frame = buffer_make(ANSWER_BYTES);
    worker_result_encode(
        &frame, &(struct worker_result){.outcome = OUTCOME_PLUGIN_ERROR, .message = bytes_of_text(message)});
    fd_write_all(image->socket, frame.data, frame.length, NULL);
    _exit(EXIT_RUN_ENDED);
}

static void put_layers(struct buffer *out, uint32_t layers)
{
    json_put_name(out, "layers");
    buffer_append_byte(out, '[');
    const char *comma = "";
    for (unsigned i = 0; i < ISOLATION_LAYER_COUNT; i++) {
        if ((layers & 1u << i) == 0)
            continue;
        buffer_append_text(out, comma);
        json_put_text(out, isolation_layer_name((enum isolation_layer)i));
        comma = ",";
    }
    buffer_append_byte(out, ']');
}

static void put_attempt(struct buffer *out, const struct attempt *attempt)
{
    buffer_append_byte(out, '{');
    json_put_name(out, "group");
    json_put_text(out, attempt->group);
    json_put_name(out, "name");
    json_put_text(out, attempt->name);
    json_put_name(out, "syscall");
    if (attempt->number != NO_CALL)
        json_put_integer(out, attempt->number);
    else
        buffer_append_text(out, "null");
    json_put_name(out, "foreign");
    buffer_append_text(out, attempt->foreign ? "true" : "false");
    put_layers(out, attempt->layers);
    json_put_name(out, "filter_only");
    if (attempt->filter_only != NULL)
        json_put_text(out, attempt->filter_only);
    else
        buffer_append_text(out, "null");
    json_put_name(out, "before");
    buffer_append_text(out, attempt->before != NULL ? "true" : "false");
    buffer_append_byte(out, '}');
}

_Noreturn static void list_all(const struct lua_image *image)
{
    struct buffer out = buffer_make(LIST_BYTES_MAX), frame = buffer_make(2 * LIST_BYTES_MAX);
    const struct attempt *attempt;
    buffer_append_byte(&out, '[');
    for (uint32_t i = 0; (attempt = probe_attempt(i)) != NULL; i++) {
        if (i > 0)
            buffer_append_byte(&out, ',');
        put_attempt(&out, attempt);
    }
    buffer_append_byte(&out, ']');
    if (!buffer_ok(&out))
        _exit(EXIT_INTERPRETER);
    answer(image, &frame, out.data, out.length);
}

_Noreturn static void hold(const struct lua_image *image)
{
    struct buffer frame = buffer_make(ANSWER_BYTES), text = buffer_make(32);
    char byte;
    json_put_integer(&text, image->own);
    log_line_encode(&frame,
                    &(struct log_line){.level = LOG_LEVEL_INFO, .message = bytes_of(text.data, text.length)});
    if (!buffer_ok(&frame) || !fd_write_all(image->socket, frame.data, frame.length, NULL))
        _exit(EXIT_ENGINE_GONE);
    while (read(image->socket, &byte, 1) > 0) {
    }
    _exit(EXIT_ENGINE_GONE);
}

static int make_attempt(const struct attempt *attempt, const struct probe_baits *baits)
{
    if (attempt->act != NULL)
        return attempt->act(baits);
    long a[6];
    for (int i = 0; i < 6; i++) {
        a[i] = attempt->arguments[i];
        if (a[i] == VICTIM_PID)
            a[i] = (long)baits->value[BAIT_VICTIM_PID];
        if (a[i] == ZYGOTE_PID)
            a[i] = (long)baits->value[BAIT_ZYGOTE_PID];
    }
    return syscall(attempt->number, a[0], a[1], a[2], a[3], a[4], a[5]) == -1 ? errno : 0;
}

void lua_image_run(struct lua_image *image, const struct job *job)
{
    struct probe_order order;
    struct probe_baits baits;
    if (!probe_order_decode(job->modules[0].code, &order) || !probe_baits_decode(job->context, &baits))
        refuse(image, "this is a probe, started by sandboxctl doctor: it runs no plugin");
    const struct attempt *attempt = order.kind >= PROBE_BEFORE ? probe_attempt(order.attempt) : NULL;
    probe_prepare(attempt);
    if (order.kind == PROBE_LIST)
        list_all(image);
    if (order.kind == PROBE_HOLD)
        hold(image);
    if (attempt == NULL || (order.kind == PROBE_BEFORE && attempt->before == NULL))
        refuse(image, "there is no such attempt");
    baits.value[BAIT_OWN_PID] = image->own;
    baits.value[BAIT_ZYGOTE_PID] = image->zygote;
    // Room for the answer first: an attempt may leave no memory.
    struct buffer frame = buffer_make(ANSWER_BYTES), text = buffer_make(32);
    if (buffer_reserve(&frame, ANSWER_BYTES / 2) == NULL || buffer_reserve(&text, 16) == NULL)
        _exit(EXIT_INTERPRETER);
    int error = 0;
    if (order.kind == PROBE_BEFORE)
        attempt->before(&baits);
    else
        error = make_attempt(attempt, &baits);
    json_put_integer(&text, error);
    answer(image, &frame, text.data, text.length);
}
