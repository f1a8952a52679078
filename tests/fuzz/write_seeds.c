// SPDX-License-Identifier: Apache-2.0
// Writes the seeds of the message targets: one good message of each kind, by the encoders themselves, so that
// they never fall behind the format. Usage: write_seeds FOLDER
#include "base/buffer.h"
#include "base/require.h"
#include "runtime/protocol/coverage.h"
#include "runtime/protocol/frame.h"
#include "runtime/protocol/job_messages.h"
#include "runtime/protocol/profile.h"
#include "runtime/protocol/zygote_messages.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

// Writes what is in `out`, but for its first `skipped` bytes, and clears it.
static void save(const char *root, const char *target, const char *name, struct buffer *out, size_t skipped)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", root, target);
    require(mkdir(path, 0777) == 0 || errno == EEXIST);
    snprintf(path, sizeof path, "%s/%s/%s", root, target, name);
    FILE *file = fopen(path, "wb");
    require(buffer_ok(out) && file != NULL);
    require(fwrite(out->data + skipped, 1, out->length - skipped, file) == out->length - skipped);
    require(fclose(file) == 0);
    buffer_clear(out);
}

static void save_jobs(const char *root, struct buffer *out)
{
    struct job job = {
        .run_id = bytes_of_text("0193d2a4-0000-7000-8000-00000000abcd"),
        .limits = {.value = {30000, 10000, 1 << 20, 0, 1000, 0, 1000, 1000, 64}},
        .seed = 7,
        .module_count = 2,
        .modules = {{bytes_of_text("main"), bytes_of_text("return 1")},
                    {bytes_of_text("m"), bytes_of_text("x=1")}},
        .context = bytes_of_text("{\"a\":1}"),
    };
    job_encode(out, &job);
    save(root, "job", "two_modules", out, FRAME_HEADER_SIZE);
}

static void save_observations(const char *root, struct buffer *out)
{
    struct profile *profile = calloc(1, sizeof *profile);
    require(profile != NULL);
    profile->cpu_ns = 1000;
    profile->source_count = 2;
    profile->sources[0] = bytes_of_text("main");
    profile->sources[1] = bytes_of_text("[C]");
    profile->function_count = 2;
    profile->functions[0] = (struct profile_function){bytes_of_text("main chunk"), 0, 0};
    profile->functions[1] = (struct profile_function){bytes_of_text("string.rep"), 1, 0};
    profile->node_count = 2;
    profile->nodes[0] = (struct profile_node){0, 0, {1, 400, 10}};
    profile->nodes[1] = (struct profile_node){1, 1, {1, 600, 20}};
    profile->line_count = 1;
    profile->lines[0] = (struct profile_line){0, 3, {2, 1000, 30}, {2, 1000, 30}};
    profile_encode(out, profile);
    free(profile);
    size_t begun = coverage_encode_begin(out, 2);
    coverage_encode_line(out, &(struct coverage_line){0, 1, 5});
    coverage_encode_line(out, &(struct coverage_line){1, 7, 0});
    coverage_encode_end(out, begun);
    save(root, "worker_frames", "profile_and_coverage", out, 0);
}

static void save_worker_frames(const char *root, struct buffer *out)
{
    struct log_line line = {.level = LOG_LEVEL_INFO, .at_ns = 1000, .message = bytes_of_text("h\xc3\xa9llo")};
    log_line_encode(out, &line);
    save(root, "log_line", "hello", out, FRAME_HEADER_SIZE);
    struct worker_result ok = {
        .outcome = OUTCOME_OK, .output = bytes_of_text("[1,2]"), .memory_peak_bytes = 99};
    log_line_encode(out, &line);
    worker_result_encode(out, &ok);
    save(root, "worker_frames", "log_and_ok", out, 0);
    struct worker_result failure = {
        .outcome = OUTCOME_PLUGIN_ERROR,
        .message = bytes_of_text("boom"),
        .value = bytes_of_text("{}"),
        .traceback_count = 2,
        .traceback = {{bytes_of_text("[C]"), 0, bytes_of_text("error")}, {bytes_of_text("main"), 3, {"", 0}}},
    };
    worker_result_encode(out, &failure);
    save(root, "worker_frames", "failure", out, 0);
    struct denied_syscall denied = {
        .number = 257, .traceback_count = 1, .traceback = {{bytes_of_text("main"), 3, bytes_of_text("f")}}};
    char frame[1024];
    buffer_append(out, frame, denied_syscall_encode(frame, sizeof frame, &denied));
    save(root, "worker_frames", "denied", out, 0);
    save_observations(root, out);
}

static void save_zygote_packets(const char *root, struct buffer *out)
{
    struct zygote_setup setup = {.policy_name = bytes_of_text("default"),
                                 .policy_version = bytes_of_text("sha256:00"),
                                 .allowed_syscall_count = 1,
                                 .allowed_syscalls = {39},
                                 .memory_bytes_max = 1 << 20,
                                 .output_bytes_max = 1 << 16,
                                 .job_bytes_max = 1 << 18,
                                 .cpu_ms_max = 1000};
    zygote_setup_encode(out, &setup);
    save(root, "zygote_messages", "setup", out, 0);
    struct zygote_spawn spawn = {.count = 2, .worker_id = {1, 2}};
    zygote_spawn_encode(out, &spawn);
    save(root, "zygote_messages", "spawn", out, 0);
    struct zygote_kill kill = {.worker_id = 3};
    zygote_kill_encode(out, &kill);
    save(root, "zygote_messages", "kill", out, 0);
    struct zygote_give_way give_way = {.worker_id = 3, .nice_by = 5};
    zygote_give_way_encode(out, &give_way);
    save(root, "zygote_messages", "give_way", out, 0);
    struct zygote_bound_cpu bound_cpu = {.worker_id = 3, .cpu_ms = 250};
    zygote_bound_cpu_encode(out, &bound_cpu);
    save(root, "zygote_messages", "bound_cpu", out, 0);
    struct zygote_ready ready = {.lua_release = bytes_of_text("Lua 5.4.9")};
    ready.isolation.layer[LAYER_LANDLOCK] = (struct layer_report){LAYER_MISSING, "no kernel support"};
    zygote_ready_encode(out, &ready);
    save(root, "zygote_messages", "ready", out, 0);
    struct zygote_failed failed = {.reason = bytes_of_text("no seccomp")};
    zygote_failed_encode(out, &failed);
    save(root, "zygote_messages", "failed", out, 0);
    struct zygote_exited exited = {.count = 1, .exits = {{1, 9, 0, 100, 200}}};
    zygote_exited_encode(out, &exited);
    save(root, "zygote_messages", "exited", out, 0);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: write_seeds FOLDER\n");
        return 2;
    }
    require(mkdir(argv[1], 0777) == 0 || errno == EEXIST);
    struct buffer out = buffer_make(1 << 16);
    save_jobs(argv[1], &out);
    save_worker_frames(argv[1], &out);
    save_zygote_packets(argv[1], &out);
    buffer_free(&out);
    return 0;
}
