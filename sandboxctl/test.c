// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/test.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "policies/units.h"
#include "sandboxctl/coverage_report.h"
#include "sandboxctl/local_run.h"
#include "sandboxctl/policy_source.h"
#include "sandboxctl/progress.h"
#include "sandboxctl/test_report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct option_spec test_options[] = {
    {"filter", 'f', "TEXT", "only the cases whose file or name contains TEXT", NULL},
    {"policy", 'p', "NAME|FILE", "policy of cases that name none (default: default)", "policy"},
    {"jobs", 'j', "N", "cases at once (default: the number of processors)", NULL},
    {"tap", 0, NULL, "print TAP version 14", NULL},
    {"coverage", 0, NULL, "tell which lines ran, and write them to lcov.info", NULL},
    {"lcov", 0, "FILE", "the same, written to FILE", "file"},
    {"junit", 0, "FILE", "also write a JUnit XML report", "file"},
    {0},
};

struct test_session {
    const struct invocation *invocation;
    const struct bundle *bundle;
    struct test_cases cases;
    struct coverage_report *coverage; // NULL: nobody asked
    const char *lcov;                 // where it goes
    struct progress progress;
    size_t submitted;
    uint32_t jobs;
    bool interrupted;
    bool coverage_lost; // no memory for it
};

// A case on its way.
struct running_case {
    struct test_session *session;
    struct test_case *test;
};

static void checked(void *user, const struct run_result *result)
{
    struct running_case *running = user;
    struct test_session *session = running->session;
    test_case_check(running->test, result);
    if (session->coverage != NULL && !coverage_report_add(session->coverage, result->coverage))
        session->coverage_lost = true;
    free(running);
}

static bool apply_limits(const struct local_engine *local, const struct test_case *test,
                         struct effective_limits *limits, struct error *err)
{
    const char *name;
    json_t *value;
    json_object_foreach(test->limits, name, value)
    {
        char text[128];
        if (json_is_string(value))
            snprintf(text, sizeof text, "%s=%s", name, json_string_value(value));
        else
            snprintf(text, sizeof text, "%s=%" JSON_INTEGER_FORMAT, name, json_integer_value(value));
        if (!local_limit_parse(local, text, limits, err))
            return false;
    }
    return true;
}

static bool submit(struct test_session *session, struct local_engine *local, struct test_case *test,
                   struct diagnostics *faults, struct error *err)
{
    struct running_case *running = malloc(sizeof *running);
    if (running == NULL)
        return error_set(err, ERROR_MEMORY, "out of memory");
    *running = (struct running_case){session, test};
    test->slowed = session->coverage != NULL;
    struct local_job job = {
        .bundle = session->bundle,
        .kind = JOB_RUN,
        .context = bytes_of_text(test->context),
        .faults = faults,
        .limits = local_engine_limits(local),
        .seed = test->seed,
        .count_instructions = json_object_get(test->usage, "instructions") != NULL,
        .coverage = session->coverage != NULL,
        .done = checked,
        .user = running,
    };
    manifest_lower_limits(&session->bundle->declared, &job.limits.limits, job.limits.set_by);
    if (apply_limits(local, test, &job.limits, err) && local_engine_submit(local, &job, err))
        return true;
    free(running);
    return false;
}

static const char *policy_of(const struct test_session *session, const struct test_case *test)
{
    const char *given = invocation_option(session->invocation, "policy");
    return test->policy != NULL ? test->policy : given != NULL ? given : "default";
}

static bool wanted(const struct test_session *session, const struct test_case *test)
{
    const char *filter = invocation_option(session->invocation, "filter");
    return filter == NULL || strstr(test->file, filter) != NULL || strstr(test->name, filter) != NULL;
}

static bool runs_under(const struct test_session *session, const struct test_case *test, const char *policy)
{
    return !test->faulty && strcmp(policy_of(session, test), policy) == 0;
}

// Whether a policy that cases name is one; else those cases have failed, and the others are run.
static bool policy_usable(struct test_session *session, const char *policy)
{
    static const struct diagnostics none = {0};
    struct error err;
    struct policy *loaded = policy_source_load(policy, &err);
    for (size_t i = 0; loaded == NULL && i < session->cases.count; i++)
        if (runs_under(session, &session->cases.items[i], policy))
            test_case_refused(&session->cases.items[i], &err, &none);
    policy_unref(loaded);
    return loaded != NULL;
}

// All cases of one policy, in parallel.
static bool run_policy(struct test_session *session, const char *policy, struct error *err)
{
    struct local_engine *local = local_engine_new(policy, session->jobs, err);
    if (local == NULL)
        return false;
    for (size_t i = 0; i < session->cases.count && local_engine_wait_for_room(local); i++) {
        struct test_case *test = &session->cases.items[i];
        if (!runs_under(session, test, policy))
            continue;
        struct error refused;
        struct diagnostics faults;
        diagnostics_init(&faults);
        if (!submit(session, local, test, &faults, &refused))
            test_case_refused(test, &refused, &faults);
        diagnostics_free(&faults);
        progress_at(&session->progress, clock_monotonic_ns(), session->submitted++);
    }
    bool interrupted = false;
    local_engine_finish(local, &interrupted);
    session->interrupted = session->interrupted || interrupted;
    local_engine_free(local);
    return true;
}

struct unloaded_module {
    struct test_session *session;
    size_t index;
};

static void lines_found(void *user, const struct run_result *result)
{
    const struct unloaded_module *unloaded = user;
    struct test_session *session = unloaded->session;
    if (!coverage_report_add_unloaded(session->coverage, unloaded->index, result->coverage))
        session->coverage_lost = true;
}

// A module that no case loaded counts with all of its lines. Which those are, a compiler has to say: each is
// begun alone, in a worker, and ended by its first instructions.
static bool find_unloaded_lines(struct test_session *session, struct error *err)
{
    struct local_engine *local = NULL;
    bool good = true;
    for (size_t i = 0; good && i < session->bundle->module_count; i++) {
        struct unloaded_module unloaded = {session, i};
        struct bundle alone = {.modules = {session->bundle->modules[i]}, .module_count = 1};
        if (session->coverage->modules[i].loaded)
            continue;
        if (local == NULL)
            local = local_engine_new("default", 1, err);
        struct local_job job = {
            .bundle = &alone, .kind = JOB_RUN, .coverage = true, .done = lines_found, .user = &unloaded};
        good = local != NULL;
        if (!good)
            break;
        job.limits = local_engine_limits(local);
        job.limits.limits.value[LIMIT_INSTRUCTIONS] = run_limit_table[LIMIT_INSTRUCTIONS].minimum;
        good = local_engine_submit(local, &job, err);
        local_engine_finish(local, &session->interrupted);
    }
    local_engine_free(local);
    return good;
}

static bool first_of_its_policy(const struct test_session *session, size_t index)
{
    const char *policy = policy_of(session, &session->cases.items[index]);
    for (size_t i = 0; i < index; i++)
        if (runs_under(session, &session->cases.items[i], policy))
            return false;
    return !session->cases.items[index].faulty;
}

static bool run_all(struct test_session *session, struct error *err)
{
    session->progress = progress_begin(stderr, session->invocation->json, "cases", session->cases.count);
    bool ran = true;
    for (size_t i = 0; ran && i < session->cases.count && !session->interrupted; i++) {
        const struct test_case *test = &session->cases.items[i];
        const char *policy = policy_of(session, test);
        if (first_of_its_policy(session, i) && (test->policy == NULL || policy_usable(session, policy)))
            ran = run_policy(session, policy, err);
    }
    progress_end(&session->progress);
    if (ran && session->coverage != NULL && !session->interrupted)
        ran = find_unloaded_lines(session, err);
    return ran;
}

// Cases that the filter leaves out are dropped, so that every report speaks of the rest alone.
static bool drop_unwanted(struct test_session *session)
{
    struct test_cases dropped = {.items = calloc(session->cases.count, sizeof *dropped.items)};
    size_t kept = 0;
    if (dropped.items == NULL)
        return false;
    for (size_t i = 0; i < session->cases.count; i++) {
        if (wanted(session, &session->cases.items[i]))
            session->cases.items[kept++] = session->cases.items[i];
        else
            dropped.items[dropped.count++] = session->cases.items[i];
    }
    session->cases.count = kept;
    test_cases_free(&dropped);
    return true;
}

// A table on the terminal, or beside a report for programs; and the file.
static bool report_coverage(const struct test_session *session, struct error *err)
{
    const struct invocation *invocation = session->invocation;
    if (session->coverage_lost)
        return error_set(err, ERROR_MEMORY, "there was no memory for the coverage");
    if (!invocation->json)
        coverage_report_text(invocation_flag(invocation, "tap") ? stderr : stdout, invocation->colour,
                             session->coverage, session->bundle);
    return coverage_report_lcov(session->lcov, session->coverage, session->bundle, err);
}

static enum exit_status report(const struct test_session *session, const char *plugin)
{
    const struct invocation *invocation = session->invocation;
    enum exit_status status = test_cases_failed(&session->cases) > 0 ? STATUS_PLUGIN_FAILED : STATUS_SUCCESS;
    struct buffer json = buffer_make(SIZE_MAX);
    if (invocation->json) {
        test_report_json(&json, plugin, &session->cases, session->coverage, session->bundle);
        status = print_text(&json, status);
    } else if (invocation_flag(invocation, "tap")) {
        test_report_tap(stdout, &session->cases);
    } else {
        test_report_text(stdout, invocation->colour, plugin, &session->cases);
    }
    const char *junit = invocation_option(invocation, "junit");
    struct error err;
    if (junit != NULL && !test_report_junit(junit, plugin, &session->cases, &err))
        return fail(STATUS_FAILURE, "%s", err.text);
    if (session->interrupted)
        return STATUS_INTERRUPTED;
    if (session->coverage != NULL && !report_coverage(session, &err))
        return fail(STATUS_FAILURE, "%s", err.text);
    return status;
}

static bool parse_jobs(const char *text, uint32_t *ret_jobs)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    *ret_jobs = processors > 0 ? (uint32_t)processors : 1;
    if (text == NULL)
        return true;
    char *end;
    unsigned long jobs = strtoul(text, &end, 10);
    *ret_jobs = (uint32_t)jobs;
    return *end == '\0' && jobs >= 1 && jobs <= 256;
}

static enum exit_status run_and_report(struct test_session *session, const char *plugin)
{
    struct error err;
    if (!drop_unwanted(session))
        return fail(STATUS_FAILURE, "out of memory");
    if (!run_all(session, &err))
        return fail_with(&err);
    if (session->cases.count == 0)
        return fail(STATUS_NOT_FOUND, "no case contains '%s'",
                    invocation_option(session->invocation, "filter"));
    return report(session, plugin);
}

enum exit_status test_command(const struct invocation *invocation)
{
    struct error err;
    struct bundle bundle;
    struct test_session session = {.invocation = invocation, .bundle = &bundle};
    struct coverage_report coverage = {0};
    session.lcov = invocation_option(invocation, "lcov");
    if (session.lcov != NULL || invocation_flag(invocation, "coverage"))
        session.coverage = &coverage;
    if (session.lcov == NULL)
        session.lcov = "lcov.info";
    const char *path = invocation->argument_count > 0 ? invocation->arguments[0] : ".";
    const char *junit = invocation_option(invocation, "junit");
    if (strcmp(session.lcov, "-") == 0 || (junit != NULL && strcmp(junit, "-") == 0))
        return fail(STATUS_USAGE,
                    "--lcov and --junit: expected the name of a file; standard output has the report");
    if (!parse_jobs(invocation_option(invocation, "jobs"), &session.jobs))
        return fail(STATUS_USAGE, "--jobs: expected a number from 1 to 256");
    if (!bundle_load(&bundle, path, &err))
        return fail_with(&err);
    const char *name = bundle.declared.name;
    enum exit_status status;
    if (!test_cases_load(&session.cases, bundle.folder, &err)) {
        status = fail_with(&err);
    } else {
        status = run_and_report(&session, name != NULL ? name : path);
    }
    test_cases_free(&session.cases);
    coverage_report_free(&coverage);
    bundle_free(&bundle);
    return status;
}
