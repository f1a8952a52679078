// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lua/plugin_harness.h"

#include "base/buffer.h"
#include "base/fd.h"
#include "runtime/protocol/coverage.h"
#include "runtime/protocol/frame.h"
#include "runtime/protocol/outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static uint64_t or_default(uint64_t value, uint64_t otherwise)
{
    return value > 0 ? value : otherwise;
}

static void make_job(const struct plugin_case *plugin, struct job *ret_job)
{
    struct job *job = ret_job;
    *job = (struct job){
        .kind = plugin->kind,
        .seed = plugin->seed,
        .count_instructions = plugin->count,
        .profile = plugin->profile,
        .coverage = plugin->coverage,
        .module_count = 1,
        .context = bytes_of_text(plugin->context != NULL ? plugin->context : "null"),
    };
    size_t length = plugin->code_length > 0 ? plugin->code_length : strlen(plugin->code);
    job->modules[0] = (struct job_module){bytes_of_text("main.lua"), bytes_of(plugin->code, length)};
    for (int i = 0; i < HARNESS_MODULES_MAX && plugin->modules[i].name != NULL; i++)
        job->modules[job->module_count++] = (struct job_module){bytes_of_text(plugin->modules[i].name),
                                                                bytes_of_text(plugin->modules[i].code)};
    uint64_t *limits = job->limits.value;
    limits[LIMIT_WALL_MS] = or_default(plugin->wall_ms, 30000);
    limits[LIMIT_CPU_MS] = or_default(plugin->cpu_ms, 20000);
    limits[LIMIT_MEMORY_BYTES] = or_default(plugin->memory_bytes, 256 << 20);
    limits[LIMIT_INSTRUCTIONS] = plugin->instructions;
    limits[LIMIT_OUTPUT_BYTES] = or_default(plugin->output_bytes, 1 << 20);
    limits[LIMIT_LOG_BYTES] = or_default(plugin->log_bytes, 64 << 10);
    limits[LIMIT_JSON_DEPTH] = or_default(plugin->json_depth, 64);
}

static void deny_names(const char *names, bool allowed[LUA_NAME_COUNT])
{
    while (names != NULL && *names != '\0') {
        size_t length = strcspn(names, " ");
        assert_true(lua_names_select(names, length, allowed, false) > 0);
        names += length + (names[length] == ' ');
    }
}

static bool bound_address_space(size_t room)
{
    unsigned long long pages;
    FILE *statm = fopen("/proc/self/statm", "re");
    if (statm == NULL || fscanf(statm, "%llu", &pages) != 1)
        return false;
    fclose(statm);
    rlim_t bytes = pages * (rlim_t)sysconf(_SC_PAGESIZE) + room;
    return setrlimit(RLIMIT_AS, &(struct rlimit){bytes, bytes}) == 0;
}

static _Noreturn void run_child(const struct plugin_case *plugin, int socket)
{
    struct lua_image_options options = {.deterministic = plugin->deterministic,
                                        .validator = plugin->kind == JOB_VALIDATE,
                                        .hash_seed = 12345};
    memset(options.allowed, true, sizeof(options.allowed));
    deny_names(plugin->deny, options.allowed);
    void *volatile shift = plugin->heap_shift > 0 ? malloc(plugin->heap_shift) : NULL;
    (void)shift; // kept until the end
    struct lua_image *image = lua_image_new(&options, NULL);
    static struct job job; // large
    make_job(plugin, &job);
    if (image == NULL || !lua_image_arm(image, socket, NULL))
        _exit(99);
    if (plugin->room > 0 && !bound_address_space(plugin->room))
        _exit(99);
    lua_image_run(image, &job);
}

static void read_frame(const struct frame *frame, struct plugin_end *end)
{
    struct log_line line;
    switch (frame->type) {
    case FRAME_RESULT:
        assert_true(worker_result_decode(frame->body, &end->result));
        end->has_result = true;
        break;
    case FRAME_PROFILE:
        assert_null(end->profile);
        end->profile = malloc(sizeof *end->profile);
        assert_true(profile_decode(frame->body, end->profile));
        break;
    case FRAME_COVERAGE:
        assert_int_equal(end->coverage.length, 0);
        assert_true(coverage_check(frame->body));
        end->coverage = frame->body;
        break;
    default:
        assert_true(log_line_decode(frame->body, &line));
        if (end->log_count < HARNESS_LOGS_MAX)
            end->logs[end->log_count] = line;
        end->log_count++;
    }
}

static void read_frames(struct bytes input, struct plugin_end *end)
{
    const struct frame_rules rules = {.maximum = {[FRAME_LOG] = 1 << 20,
                                                  [FRAME_RESULT] = 1 << 28,
                                                  [FRAME_PROFILE] = PROFILE_BODY_MAX,
                                                  [FRAME_COVERAGE] = COVERAGE_BODY_MAX}};
    while (input.length > 0) {
        struct frame frame;
        size_t used;
        assert_int_equal(frame_next(input, &rules, &frame, &used), FRAME_COMPLETE);
        assert_false(end->has_result); // nothing may follow it
        read_frame(&frame, end);
        input = bytes_of(input.data + used, input.length - used);
    }
}

void plugin_run(const struct plugin_case *plugin, struct plugin_end *ret_end)
{
    int sockets[2];
    assert_true(fd_socket_pair(SOCK_STREAM, sockets, NULL));
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(sockets[0]);
        run_child(plugin, sockets[1]);
    }
    close(sockets[1]);
    struct buffer all = buffer_make(1 << 29);
    ssize_t got;
    do {
        char *room = buffer_reserve(&all, 65536);
        assert_non_null(room);
        got = read(sockets[0], room, 65536);
        all.length += got > 0 ? (size_t)got : 0;
    } while (got > 0);
    close(sockets[0]);
    *ret_end = (struct plugin_end){0};
    assert_int_equal(waitpid(child, &ret_end->wait_status, 0), child);
    ret_end->bytes = all.data;
    read_frames(bytes_of(all.data, all.length), ret_end);
}

void plugin_end_free(struct plugin_end *end)
{
    free(end->bytes);
    free(end->profile);
}

static bool contains(struct bytes text, const char *piece)
{
    return memmem(text.data, text.length, piece, strlen(piece)) != NULL;
}

static void print_end(const struct plugin_case *plugin, const struct plugin_end *end)
{
    print_message("code:\n%.400s\nwait status %d, outcome %s, message '%.*s', output '%.*s'\n", plugin->code,
                  end->wait_status, end->has_result ? outcome_name(end->result.outcome) : "none",
                  (int)end->result.message.length, end->result.message.data,
                  (int)(end->result.output.length > 400 ? 400 : end->result.output.length),
                  end->result.output.data);
    for (uint32_t i = 0; i < end->result.traceback_count; i++)
        print_message("  %.*s:%u %.*s\n", (int)end->result.traceback[i].source.length,
                      end->result.traceback[i].source.data, end->result.traceback[i].line,
                      (int)end->result.traceback[i].function.length, end->result.traceback[i].function.data);
}

static void expect(const struct plugin_case *plugin, enum outcome outcome, const char *output, int64_t line,
                   const char *message)
{
    struct plugin_end end;
    plugin_run(plugin, &end);
    uint32_t where = 0;
    for (uint32_t i = 0; i < end.result.traceback_count && where == 0; i++)
        where = end.result.traceback[i].line;
    bool right = end.wait_status == 0 && end.has_result && end.result.outcome == outcome &&
                 (output == NULL || bytes_equal_text(end.result.output, output)) &&
                 (line < 0 || where == line) && (message == NULL || contains(end.result.message, message));
    if (!right) {
        print_end(plugin, &end);
        fail_msg("expected outcome %s, output %s, line %d, message with '%s'", outcome_name(outcome),
                 output != NULL ? output : "(any)", (int)line, message != NULL ? message : "");
    }
    plugin_end_free(&end);
}

void expect_end(const struct plugin_case *plugin, enum outcome outcome, const char *output)
{
    expect(plugin, outcome, output, -1, NULL);
}

void expect_line(const struct plugin_case *plugin, enum outcome outcome, uint32_t line)
{
    expect(plugin, outcome, NULL, line, NULL);
}

void expect_message(const struct plugin_case *plugin, enum outcome outcome, const char *text)
{
    expect(plugin, outcome, NULL, -1, text);
}
