// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/run.h"

#include "base/cleanup.h"
#include "runtime/engine/result_json.h"
#include "sandboxctl/context.h"
#include "sandboxctl/local_run.h"
#include "sandboxctl/report.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

const struct option_spec run_options[] = {
    {"context", 'c', "JSON|@FILE|-", "the plugin's context (default: null)", "file"},
    {"policy", 'p', "NAME|FILE", "a stock policy or a policy document (default: default)", "policy"},
    {"limit", 'l', "NAME=VALUE", "change a limit, e.g. cpu_ms=200 or memory_bytes=32MiB; repeatable", NULL},
    {"seed", 0, "N", "seed of math.random (default: random; 0 if the policy is deterministic)", NULL},
    {"count", 0, NULL, "count instructions (costs up to twice the CPU time)", NULL},
    {0},
};

struct run_view {
    const struct invocation *invocation;
    const struct bundle *bundle;
    enum exit_status status;
};

static void show_log(void *user, const struct run_log_line *line)
{
    const struct run_view *view = user;
    if (!view->invocation->json)
        report_log_line(stderr, view->invocation->colour, line);
}

static void show_json(const struct run_view *view, const struct run_result *result)
{
    const struct bundle_module *entry = &view->bundle->modules[0];
    unsigned char digest[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof digest + 1];
    crypto_hash_sha256(digest, (const unsigned char *)entry->code, entry->length);
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    const struct result_labels labels = {.code_sha256 = hex};
    struct buffer text = buffer_make(SIZE_MAX);
    result_json_put(&text, result, &labels);
    buffer_append_byte(&text, '\n');
    if (buffer_ok(&text))
        fwrite(text.data, 1, text.length, stdout);
    else
        fail(STATUS_FAILURE, "out of memory");
    buffer_free(&text);
}

static void show_result(void *user, const struct run_result *result)
{
    struct run_view *view = user;
    bool ok = result->outcome == OUTCOME_OK;
    view->status = ok                                          ? STATUS_SUCCESS
                   : result->outcome == OUTCOME_INTERNAL_ERROR ? STATUS_FAILURE
                                                               : STATUS_PLUGIN_FAILED;
    if (view->invocation->json) {
        show_json(view, result);
        return;
    }
    bool colour = view->invocation->colour;
    if (ok)
        report_output(stdout, result);
    fflush(stdout);
    if (result->logs_truncated)
        fputs("(more was logged than log_bytes allows)\n", stderr);
    report_error(stderr, colour, result, view->bundle);
    report_usage(stderr, colour, result);
}

static bool parse_seed(const char *text, bool deterministic, uint64_t *ret_seed, struct error *err)
{
    if (text == NULL && !deterministic)
        randombytes_buf(ret_seed, sizeof *ret_seed);
    if (text == NULL)
        return true;
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || errno != 0)
        return error_set(err, ERROR_INVALID, "--seed %s: expected a number from 0 to 2^64-1", text);
    *ret_seed = value;
    return true;
}

static bool prepare(const struct invocation *invocation, struct local_engine *local, struct local_job *job,
                    char **ret_context, struct error *err)
{
    job->limits = local_engine_limits(local);
    const char *text;
    for (size_t n = 0; (text = invocation_nth(invocation, "limit", n)) != NULL; n++)
        if (!local_limit_parse(local, text, &job->limits, err))
            return false;
    const uint64_t *limits = job->limits.limits.value;
    size_t length;
    *ret_context = context_read(invocation_option(invocation, "context"), limits[LIMIT_CONTEXT_BYTES],
                                (unsigned)limits[LIMIT_JSON_DEPTH], &length, err);
    if (*ret_context == NULL)
        return false;
    job->context = bytes_of(*ret_context, length);
    job->count_instructions = invocation_flag(invocation, "count");
    bool deterministic = local_engine_policy(local)->deterministic;
    return parse_seed(invocation_option(invocation, "seed"), deterministic, &job->seed, err);
}

enum exit_status run_command(const struct invocation *invocation)
{
    struct error err;
    struct bundle bundle;
    if (!bundle_load(&bundle, invocation->arguments[0], &err))
        return fail_with(&err);
    const char *policy = invocation_option(invocation, "policy");
    struct run_view view = {.invocation = invocation, .bundle = &bundle, .status = STATUS_FAILURE};
    struct local_job job = {
        .bundle = &bundle, .kind = JOB_RUN, .done = show_result, .log = show_log, .user = &view};
    autofree char *context = NULL;
    bool interrupted = false;
    struct local_engine *local = local_engine_new(policy != NULL ? policy : "default", 1, &err);
    if (local == NULL)
        view.status = fail_with(&err);
    else if (!prepare(invocation, local, &job, &context, &err))
        view.status = fail_with(&err);
    else if (!local_engine_submit(local, &job, &err))
        view.status = fail_with(&err);
    else
        local_engine_finish(local, &interrupted);
    local_engine_free(local);
    bundle_free(&bundle);
    return interrupted ? STATUS_INTERRUPTED : view.status;
}
