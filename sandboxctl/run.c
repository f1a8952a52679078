// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/run.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "runtime/engine/result_json.h"
#include "sandboxctl/job_options.h"
#include "sandboxctl/profile_report.h"
#include "sandboxctl/progress.h"
#include "sandboxctl/refusal.h"
#include "sandboxctl/remote_run.h"
#include "sandboxctl/report.h"

#include <sodium.h>

const struct option_spec run_options[] = {
    JOB_OPTIONS,
    {"profile", 0, "FILE",
     "write where CPU time and memory went: .svg is a flame graph, .folded has CPU time by stack and "
     ".bytes.folded memory; repeatable",
     "file"},
    {"count", 0, NULL, "count instructions (costs up to twice the CPU time)", NULL},
    REMOTE_RUN_OPTIONS,
    {0},
};

struct run_view {
    const struct invocation *invocation;
    const struct bundle *bundle;
    enum exit_status status;
    struct progress progress; // taken away before anything else is shown
    bool ended;
};

static void show_log(void *user, const struct run_log_line *line)
{
    struct run_view *view = user;
    progress_end(&view->progress);
    if (!view->invocation->json)
        report_log_line(stderr, view->invocation->error_colour, line);
}

static void show_json(struct run_view *view, const struct run_result *result)
{
    const struct bundle_module *entry = &view->bundle->modules[0];
    unsigned char digest[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof digest + 1];
    crypto_hash_sha256(digest, (const unsigned char *)entry->code, entry->length);
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    const struct result_labels labels = {.code_sha256 = hex};
    struct buffer text = buffer_make(SIZE_MAX);
    result_json_put(&text, result, &labels);
    view->status = print_text(&text, view->status);
}

// How the plugin ended is what the exit status tells first.
static void write_profiles(struct run_view *view, const struct run_result *result)
{
    const char *path;
    struct error err;
    enum exit_status status = STATUS_SUCCESS;
    if (result->profile == NULL)
        status = fail(STATUS_FAILURE, "there is no profile: the worker did not come to write it");
    for (size_t n = 0; (path = invocation_nth(view->invocation, "profile", n)) != NULL; n++)
        if (result->profile != NULL &&
            !profile_write(path, result->profile, view->invocation->arguments[0], &err))
            status = fail_with(&err);
    if (view->status == STATUS_SUCCESS)
        view->status = status;
}

static bool wants_profile(const struct invocation *invocation)
{
    return invocation_option(invocation, "profile") != NULL;
}

static bool profile_paths_check(const struct invocation *invocation, struct error *err)
{
    const char *path;
    for (size_t n = 0; (path = invocation_nth(invocation, "profile", n)) != NULL; n++)
        if (!profile_path_check(path, err))
            return false;
    return true;
}

static void show_result(void *user, const struct run_result *result)
{
    struct run_view *view = user;
    bool ok = result->outcome == OUTCOME_OK;
    progress_end(&view->progress);
    view->ended = true;
    view->status = ok                                          ? STATUS_SUCCESS
                   : result->outcome == OUTCOME_INTERNAL_ERROR ? STATUS_FAILURE
                                                               : STATUS_PLUGIN_FAILED;
    if (wants_profile(view->invocation))
        write_profiles(view, result);
    if (view->invocation->json) {
        show_json(view, result);
        return;
    }
    bool colour = view->invocation->error_colour;
    if (ok)
        report_output(stdout, result);
    fflush(stdout);
    if (result->logs_truncated)
        fputs("(more was logged than log_bytes allows)\n", stderr);
    report_error(stderr, colour, result, view->bundle);
    report_usage(stderr, colour, result);
    if (result->profile != NULL)
        profile_report_lines(stderr, colour, result->profile, view->bundle);
}

// Serves the run that was submitted to its end. False: it was interrupted.
static bool serve(struct local_engine *local, struct run_view *view)
{
    bool interrupted;
    view->progress = progress_begin(stderr, view->invocation->json, "running", 0);
    while (!view->ended) {
        local_engine_step(local);
        progress_at(&view->progress, clock_monotonic_ns(), 0);
    }
    local_engine_finish(local, &interrupted);
    return !interrupted;
}

enum exit_status run_command(const struct invocation *invocation)
{
    if (invocation_flag(invocation, "remote") && wants_profile(invocation))
        return fail(STATUS_USAGE, "--profile: of local runs only; a server's answer has its own with "
                                  "\"options\": {\"profile\": true}");
    if (invocation_flag(invocation, "remote"))
        return remote_run_command(invocation);
    struct error err;
    struct bundle bundle;
    if (!profile_paths_check(invocation, &err) || !bundle_load(&bundle, invocation->arguments[0], &err))
        return refuse(invocation, &err);
    struct run_view view = {.invocation = invocation, .bundle = &bundle, .status = STATUS_FAILURE};
    struct diagnostics faults;
    diagnostics_init(&faults);
    struct local_job job = {.bundle = &bundle,
                            .kind = JOB_RUN,
                            .faults = &faults,
                            .count_instructions = invocation_flag(invocation, "count"),
                            .profile = wants_profile(invocation),
                            .done = show_result,
                            .log = show_log,
                            .user = &view};
    autofree char *context = NULL;
    bool interrupted = false;
    struct local_engine *local = job_options_engine(invocation, true, &err);
    if (local == NULL)
        view.status = refuse(invocation, &err);
    else if (!job_options_read(invocation, local, &job, &context, &err) ||
             !local_engine_submit(local, &job, &err))
        view.status = refuse_with_faults(invocation, &err, job.faults);
    else
        interrupted = !serve(local, &view);
    local_engine_free(local);
    diagnostics_free(&faults);
    bundle_free(&bundle);
    return interrupted ? STATUS_INTERRUPTED : view.status;
}
