// SPDX-License-Identifier: Apache-2.0
#include "tests/support/engine_fixture.h"

#include "base/uuid.h"
#include "tests/support/cmocka_all.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

enum { PATIENCE_S = 60 };

unsigned open_fd_count(void)
{
    unsigned count = 0;
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

static void on_event(void *context, const struct engine_note *note)
{
    struct fixture *fixture = context;
    snprintf(fixture->last_event, sizeof fixture->last_event, "%s: %s", note->policy, note->text);
    atomic_fetch_add(&fixture->events[note->event], 1);
}

static bool wants_all(void *context, enum engine_event event)
{
    (void)context;
    (void)event;
    return true;
}

static void *serve(void *argument)
{
    engine_serve(argument);
    return NULL;
}

static uint32_t or (uint32_t value, uint32_t otherwise)
{
    return value > 0 ? value : otherwise;
}

void fixture_start(struct fixture *fixture, const struct fixture_options *options)
{
    memset(fixture, 0, sizeof *fixture);
    fixture->fds_before = open_fd_count();
    const struct engine_options engine_options = {
        .zygote_path = options->zygote_path,
        .max_running = or (options->max_running, 16),
        .queue_capacity = or (options->queue_capacity, 100000),
        .memory_budget_bytes = options->memory_budget_bytes > 0 ? options->memory_budget_bytes : 8ULL << 30,
        .zygote_runs_max = options->zygote_runs_max,
        .zygote_age_ms_max = options->zygote_age_ms_max,
        .grace_ms = or (options->grace_ms, 50),
        .one_run = options->one_run,
        .tenant_running_max = options->tenant_running_max,
        .lasting_give_way = options->lasting_give_way,
        .kept_cores = options->kept_cores,
        .asks_for_ms = options->asks_for_ms,
        .zygote_patience_ms = options->zygote_patience_ms,
        .start_patience_ms = options->start_patience_ms,
        .event = on_event,
        .wants = options->details ? wants_all : NULL,
        .event_context = fixture,
    };
    struct error err = {0};
    fixture->engine = engine_new(&engine_options, &err);
    assert_string_equal(err.text, "");
    assert_non_null(fixture->engine);
    fixture_serve(fixture);
}

void fixture_serve(struct fixture *fixture)
{
    assert_int_equal(pthread_create(&fixture->thread, NULL, serve, fixture->engine), 0);
}

void fixture_stop(struct fixture *fixture)
{
    engine_stop(fixture->engine);
    pthread_join(fixture->thread, NULL);
    engine_free(fixture->engine);
    assert_int_equal(open_fd_count(), fixture->fds_before);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

struct policy *fixture_policy(const char *name)
{
    struct policy *policy = calloc(1, sizeof *policy);
    assert_non_null(policy);
    policy->references = 1;
    snprintf(policy->name, sizeof policy->name, "%s", name);
    snprintf(policy->version, sizeof policy->version, "sha256:%064d", 1);
    policy->limits = (struct run_limits){.value = {
                                             [LIMIT_WALL_MS] = 2000,
                                             [LIMIT_CPU_MS] = 1000,
                                             [LIMIT_MEMORY_BYTES] = 16 << 20,
                                             [LIMIT_OUTPUT_BYTES] = 65536,
                                             [LIMIT_LOG_BYTES] = 4096,
                                             [LIMIT_CODE_BYTES] = 65536,
                                             [LIMIT_CONTEXT_BYTES] = 4 << 20,
                                             [LIMIT_JSON_DEPTH] = 32,
                                         }};
    policy->ceilings = policy->limits;
    for (unsigned i = 0; i < LUA_NAME_COUNT; i++)
        policy->lua_allowed[i] = true;
    policy->idle_workers = 2;
    policy->max_concurrency = 64;
    return policy;
}

void fixture_add_policy(struct fixture *fixture, const char *name)
{
    struct policy *policy = fixture_policy(name);
    struct error err = {0};
    bool set = engine_set_policy(fixture->engine, policy, PATIENCE_S * 1000, &err);
    assert_string_equal(err.text, "");
    assert_true(set);
    policy_unref(policy);
}

void answer_init(struct answer *answer)
{
    memset(answer, 0, sizeof *answer);
    pthread_mutex_init(&answer->lock, NULL);
    pthread_cond_init(&answer->given, NULL);
}

void answer_deinit(struct answer *answer)
{
    free(answer->output);
    policy_unref(answer->policy);
    pthread_mutex_destroy(&answer->lock);
    pthread_cond_destroy(&answer->given);
}

static void copy_result(struct answer *answer, const struct run_result *result)
{
    snprintf(answer->run_id, sizeof answer->run_id, "%s", result->run_id);
    answer->outcome = result->outcome;
    free(answer->output);
    answer->output = strndup(result->output.length > 0 ? result->output.data : "", result->output.length);
    snprintf(answer->message, sizeof answer->message, "%s", result->message);
    answer->traceback_count = result->traceback_count;
    answer->line = 0;
    for (uint32_t i = 0; i < result->traceback_count && answer->line == 0; i++)
        answer->line = result->traceback[i].line;
    answer->limit_hit = result->limit_hit;
    answer->limit = result->limit;
    answer->syscall_known = result->syscall_known;
    answer->syscall_number = result->syscall_number;
    answer->log_count = result->log_count;
    answer->logs_truncated = result->logs_truncated;
    if (result->log_count > 0) {
        struct bytes last = result->logs[result->log_count - 1].message;
        snprintf(answer->last_log, sizeof answer->last_log, "%.*s", (int)last.length, last.data);
    }
    answer->audit_count = result->audit_count;
    memcpy(answer->audit, result->audit, result->audit_count * sizeof *result->audit);
    answer->figures = result->figures;
    snprintf(answer->policy_version, sizeof answer->policy_version, "%s", result->policy_version);
}

static void on_done(void *user, const struct run_result *result)
{
    struct answer *answer = user;
    pthread_mutex_lock(&answer->lock);
    copy_result(answer, result);
    answer->calls++;
    pthread_cond_broadcast(&answer->given);
    pthread_mutex_unlock(&answer->lock);
}

static void on_log(void *user, const struct run_log_line *line)
{
    struct answer *answer = user;
    (void)line;
    pthread_mutex_lock(&answer->lock);
    answer->streamed++;
    pthread_cond_broadcast(&answer->given);
    pthread_mutex_unlock(&answer->lock);
}

void answer_wait(struct answer *answer)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    int waited = 0;
    pthread_mutex_lock(&answer->lock);
    while (answer->calls == 0 && waited == 0)
        waited = pthread_cond_timedwait(&answer->given, &answer->lock, &until);
    pthread_mutex_unlock(&answer->lock);
    assert_int_equal(waited, 0);
}

void fixture_request(struct run_request *ret_request, const char *policy, const char *code,
                     const char *context, struct answer *answer)
{
    policy_unref(answer->policy);
    answer->policy = fixture_policy(policy);
    *ret_request = (struct run_request){
        .tenant = "",
        .policy = answer->policy,
        .limits.limits = answer->policy->limits,
        .module_count = 1,
        .context = bytes_of_text(context),
        .done = on_done,
        .log = on_log,
        .user = answer,
    };
    ret_request->modules[0] = (struct job_module){.name = bytes_of_text("main"), .code = bytes_of_text(code)};
    uuid_v7(ret_request->run_id);
}

void fixture_run(struct fixture *fixture, const char *policy, const char *code, const char *context,
                 struct answer *answer)
{
    struct run_request request;
    answer_init(answer);
    fixture_request(&request, policy, code, context, answer);
    struct policy *live = engine_policy(fixture->engine, policy);
    assert_non_null(live);
    request.policy = live;
    assert_int_equal(engine_submit(fixture->engine, &request), ADMITTED);
    policy_unref(live);
    answer_wait(answer);
    assert_int_equal(answer->calls, 1);
    assert_string_equal(answer->run_id, request.run_id);
}

void wait_until(bool (*condition)(void *argument), void *argument)
{
    struct timespec pause = {.tv_nsec = 2000000};
    for (int i = 0; i < PATIENCE_S * 500; i++) {
        if (condition(argument))
            return;
        nanosleep(&pause, NULL);
    }
    fail_msg("it did not come true within %d s", PATIENCE_S);
}
