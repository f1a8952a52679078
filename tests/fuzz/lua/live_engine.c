// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/lua/live_engine.h"

#include "base/json_cursor.h"
#include "base/require.h"
#include "base/uuid.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

enum { MAX_RUNNING = 4, QUEUE = 4096, GRACE_MS = 50, START_MS = 60000, ANSWER_S = 120 };

// Besides the stock policies: one with nothing in it that may differ from one run to the next, and one with
// everything that plugins may ever see.
static const struct {
    const char *file, *text;
} own_policies[] = {
    {"repeatable.json", "{\"name\":\"repeatable\",\"extends\":\"trusted\",\"lua\":{\"deterministic\":true},"
                        "\"scheduling\":{\"idle_workers\":4}}"},
    {"everything.json", "{\"name\":\"everything\",\"extends\":\"trusted\",\"lua\":{\"allow\":[\"random\"]},"
                        "\"seccomp\":{\"allow\":[\"getrandom\"]}}"},
};
static const char *const policy_names[PROGRAM_POLICIES] = {
    "repeatable", "repeatable", "repeatable", "everything", "default", "strict", "trusted", "audit",
};

static _Noreturn void give_up(const char *what, const char *why)
{
    fprintf(stderr, "lua_live: %s: %s\n", what, why);
    exit(2);
}

static unsigned open_fds(void)
{
    unsigned count = 0;
    DIR *folder = opendir("/proc/self/fd");
    require(folder != NULL);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

static void on_event(void *context, const struct engine_note *note)
{
    struct live *live = context;
    if (note->event != EVENT_ZYGOTE_DIED && note->event != EVENT_ZYGOTE_REFUSED &&
        note->event != EVENT_WORKER_LOST)
        return;
    snprintf(live->death, sizeof live->death, "%s: %s", note->policy, note->text);
    atomic_fetch_add(&live->deaths, 1);
}

static void *serve(void *engine)
{
    engine_serve(engine);
    return NULL;
}

static void read_policies(struct live *live, const char *folder)
{
    struct policy_sources sources;
    struct diagnostics faults;
    struct error err = {0};
    diagnostics_init(&faults);
    policy_sources_init(&sources);
    bool good = policy_sources_add_folder(&sources, folder, &err);
    for (size_t i = 0; good && i < sizeof own_policies / sizeof *own_policies; i++)
        good = policy_sources_add(&sources, own_policies[i].file, NULL, bytes_of_text(own_policies[i].text),
                                  &err);
    if (!good)
        give_up(folder, err.text);
    live->set = policy_set_make(&sources, &faults, &err);
    if (live->set == NULL)
        give_up(folder, faults.count > 0 ? faults.items[0].message : err.text);
    policy_sources_free(&sources);
    diagnostics_free(&faults);
    for (unsigned i = 0; i < PROGRAM_POLICIES; i++) {
        live->policies[i] = policy_set_find(live->set, policy_names[i]);
        if (live->policies[i] == NULL)
            give_up(policy_names[i], "there is no such policy");
    }
}

void live_start(struct live *live, const char *zygote, const char *policies)
{
    *live = (struct live){.fds_before = open_fds()};
    read_policies(live, policies);
    const struct engine_options options = {
        .zygote_path = zygote,
        .max_running = MAX_RUNNING,
        .queue_capacity = QUEUE,
        .memory_budget_bytes = 8ULL << 30,
        .zygote_runs_max = 20000,
        .grace_ms = GRACE_MS,
        .event = on_event,
        .event_context = live,
    };
    struct error err = {0};
    live->engine = engine_new(&options, &err);
    if (live->engine == NULL)
        give_up(zygote, err.text);
    if (!engine_set_policies(live->engine, policy_set_items(live->set), policy_set_count(live->set), START_MS,
                             &err))
        give_up(zygote, err.text);
    require(pthread_create(&live->thread, NULL, serve, live->engine) == 0);
}

bool live_stop(struct live *live)
{
    engine_stop(live->engine);
    pthread_join(live->thread, NULL);
    engine_free(live->engine);
    policy_set_free(live->set);
    bool clean = true;
    if (open_fds() != live->fds_before) {
        fprintf(stderr, "lua_live: %u descriptors were open at the start, %u at the end\n", live->fds_before,
                open_fds());
        clean = false;
    }
    if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD) {
        fprintf(stderr, "lua_live: a process is left\n");
        clean = false;
    }
    return clean;
}

static void copy_logs(struct ending *ending, const struct run_result *result)
{
    static const char *const levels[] = {"debug ", "info ", "warn ", "error "};
    ending->log_count = result->log_count;
    ending->logs_truncated = result->logs_truncated;
    for (uint32_t i = 0; i < result->log_count; i++) {
        buffer_append_text(&ending->logs, levels[result->logs[i].level]);
        buffer_append(&ending->logs, result->logs[i].message.data, result->logs[i].message.length);
        buffer_append_byte(&ending->logs, '\n');
        ending->logged_bytes += result->logs[i].message.length;
    }
}

static void copy_traceback(struct ending *ending, const struct run_result *result)
{
    ending->traceback_count = result->traceback_count;
    for (uint32_t i = 0; i < result->traceback_count && i < TRACEBACK_MAX; i++) {
        const struct stack_frame *frame = &result->traceback[i];
        buffer_printf(&ending->traceback, "%.*s:%u in %.*s\n", (int)frame->source.length, frame->source.data,
                      frame->line, (int)frame->function.length, frame->function.data);
    }
}

static void on_done(void *user, const struct run_result *result)
{
    struct ending *ending = user;
    if (atomic_load(&ending->calls) == 0) {
        ending->outcome = result->outcome;
        buffer_append(&ending->output, result->output.data, result->output.length);
        buffer_append_text(&ending->message, result->message);
        buffer_append(&ending->value, result->value.data, result->value.length);
        buffer_append(&ending->coverage, result->coverage.data, result->coverage.length);
        copy_logs(ending, result);
        copy_traceback(ending, result);
        ending->audit_count = result->audit_count;
        ending->limit_hit = result->limit_hit;
        ending->limit = result->limit;
        ending->limit_observed = result->limit_observed_us_or_bytes;
        ending->figures = result->figures;
    }
    atomic_fetch_add(&ending->calls, 1);
}

static void ending_init(struct ending *ending)
{
    struct buffer empty = buffer_make(64 << 20);
    *ending = (struct ending){.output = empty,
                              .message = empty,
                              .value = empty,
                              .traceback = empty,
                              .logs = empty,
                              .coverage = empty};
}

// The settings as the policy's zygote can carry them, with a context that fits.
static void hold_to_policy(struct trial *trial, struct bytes *ret_context)
{
    struct run_limits *limits = &trial->settings.limits;
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++)
        if (trial->policy->ceilings.value[i] > 0 && limits->value[i] > trial->policy->ceilings.value[i])
            limits->value[i] = trial->policy->ceilings.value[i];
    *ret_context = program_context(trial->settings.context);
    if (!json_check(*ret_context, (unsigned)limits->value[LIMIT_JSON_DEPTH], NULL))
        *ret_context = program_context(0);
}

void trial_begin(struct trial *trial, struct live *live, struct bytes program)
{
    *trial = (struct trial){.live = live};
    ending_init(&trial->ending);
    trial->module_count = program_split(program_settings_read(program, &trial->settings), trial->modules);
    trial->policy = live->policies[trial->settings.policy];
    struct run_request request = {
        .tenant = "",
        .policy = trial->policy,
        .seed = trial->settings.seed,
        .count_instructions = trial->settings.limits.value[LIMIT_INSTRUCTIONS] > 0,
        .profile = trial->settings.profile,
        .coverage = trial->settings.coverage,
        .module_count = trial->module_count,
        .done = on_done,
        .user = &trial->ending,
    };
    hold_to_policy(trial, &request.context);
    request.limits.limits = trial->settings.limits;
    memcpy(request.modules, trial->modules, sizeof trial->modules);
    trial->job_bytes = program.length + request.context.length;
    uuid_v7(request.run_id);
    trial->ending.admission = engine_submit(live->engine, &request);
    if (trial->settings.cancel)
        engine_cancel(live->engine, request.run_id);
}

void trial_wait(struct trial *trial)
{
    const struct timespec moment = {.tv_nsec = 200000};
    time_t until = time(NULL) + ANSWER_S;
    while (trial->ending.admission == ADMITTED && atomic_load(&trial->ending.calls) == 0 &&
           time(NULL) < until)
        nanosleep(&moment, NULL);
}

void trial_end(struct trial *trial)
{
    struct ending *ending = &trial->ending;
    struct buffer *texts[] = {&ending->output,    &ending->message, &ending->value,
                              &ending->traceback, &ending->logs,    &ending->coverage};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        buffer_free(texts[i]);
}
