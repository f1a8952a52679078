// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/job_options.h"

#include "sandboxctl/context.h"
#include "sandboxctl/policy_source.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>

struct local_engine *job_options_engine(const struct invocation *invocation, bool one_run, struct error *err)
{
    const char *policy = invocation_option(invocation, "policy");
    const struct local_engine_setup setup = {
        .policy = policy != NULL ? policy : "default", .concurrency = 1, .one_run = one_run};
    return local_engine_new_with(&setup, err);
}

static bool read_limits(const struct invocation *invocation, const struct local_engine *local,
                        struct local_job *job, struct error *err)
{
    job->limits = local_engine_limits(local);
    manifest_lower_limits(&job->bundle->declared, &job->limits.limits, job->limits.set_by);
    const char *text;
    for (size_t n = 0; (text = invocation_nth(invocation, "limit", n)) != NULL; n++)
        if (!local_limit_parse(local, text, &job->limits, err))
            return false;
    return true;
}

static bool read_seed(const char *text, bool deterministic, uint64_t *ret_seed, struct error *err)
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

bool job_options_read(const struct invocation *invocation, const struct local_engine *local,
                      struct local_job *job, char **ret_context, struct error *err)
{
    bool deterministic = local_engine_policy(local)->deterministic;
    if (!read_limits(invocation, local, job, err) ||
        !read_seed(invocation_option(invocation, "seed"), deterministic, &job->seed, err))
        return false;
    const uint64_t *limits = job->limits.limits.value;
    size_t length;
    *ret_context = context_read(invocation_option(invocation, "context"), limits[LIMIT_CONTEXT_BYTES],
                                (unsigned)limits[LIMIT_JSON_DEPTH], &length, err);
    if (*ret_context == NULL)
        return false;
    job->context = bytes_of(*ret_context, length);
    return true;
}
