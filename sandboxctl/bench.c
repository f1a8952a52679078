// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/bench.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json_write.h"
#include "policies/advice.h"
#include "sandboxctl/job_options.h"
#include "sandboxctl/progress.h"
#include "sandboxctl/refusal.h"
#include "sandboxctl/report.h"
#include "sandboxctl/text_style.h"

#include <stdlib.h>
#include <string.h>

enum { RUNS_DEFAULT = 1000, RUNS_MAX = 1000000 };

const struct option_spec bench_options[] = {
    {"runs", 'n', "N", "how many runs (default: 1000)", NULL},
    JOB_OPTIONS,
    {0},
};

// What is measured of each run, with the limit that bounds it.
enum figure { FIGURE_WALL, FIGURE_CPU, FIGURE_MEMORY, FIGURE_INSTRUCTIONS, FIGURE_COUNT };
static const enum run_limit figure_limits[FIGURE_COUNT] = {
    [FIGURE_WALL] = LIMIT_WALL_MS,
    [FIGURE_CPU] = LIMIT_CPU_MS,
    [FIGURE_MEMORY] = LIMIT_MEMORY_BYTES,
    [FIGURE_INSTRUCTIONS] = LIMIT_INSTRUCTIONS,
};

struct bench {
    const struct invocation *invocation;
    const struct bundle *bundle;
    uint64_t *figures[FIGURE_COUNT]; // times in µs
    size_t wanted;
    size_t done;
    size_t failed;
};

static void measured(void *user, const struct run_result *result)
{
    struct bench *bench = user;
    if (result->outcome != OUTCOME_OK) {
        if (bench->failed++ == 0)
            report_error(stderr, bench->invocation->error_colour, result, bench->bundle);
        return;
    }
    const struct run_figures *figures = &result->figures;
    bench->figures[FIGURE_WALL][bench->done] = figures->wall_us;
    bench->figures[FIGURE_CPU][bench->done] = figures->cpu_us;
    bench->figures[FIGURE_MEMORY][bench->done] = figures->memory_bytes;
    bench->figures[FIGURE_INSTRUCTIONS][bench->done] = figures->instructions;
    bench->done++;
}

static int compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static uint64_t percentile(const struct bench *bench, enum figure figure, unsigned percent)
{
    return bench->figures[figure][(bench->done - 1) * percent / 100];
}

static const char *figure_text(enum figure figure, uint64_t value, char text[FIGURE_SIZE])
{
    switch (run_limit_table[figure_limits[figure]].unit) {
    case UNIT_MS:
        return figure_us(value, text);
    case UNIT_BYTES:
        return figure_bytes(value, text);
    case UNIT_COUNT:
        break;
    }
    return figure_count(value, text);
}

// In the limit's own unit; the figures are sorted already.
static uint64_t suggestion(const struct bench *bench, enum figure figure)
{
    enum run_limit limit = figure_limits[figure];
    unsigned scale = run_limit_table[limit].unit == UNIT_MS ? 1000 : 1;
    struct limit_advice advice = {0};
    limit_advise(limit, bench->figures[figure], bench->done, NULL, 0, scale, &advice);
    return advice.suggestion;
}

static void show_table(const struct bench *bench)
{
    printf("%zu runs, each in a fresh worker\n", bench->done);
    printf("%-14s %12s %12s %12s %12s   %s\n", "", "p50", "p90", "p99", "max", "suggested limit");
    for (int figure = 0; figure < FIGURE_COUNT; figure++) {
        char text[4][FIGURE_SIZE];
        char limit[FIGURE_SIZE];
        static const unsigned percents[] = {50, 90, 99, 100};
        for (int i = 0; i < 4; i++)
            figure_text(figure, percentile(bench, figure, percents[i]), text[i]);
        uint64_t suggested = suggestion(bench, figure);
        bool time = run_limit_table[figure_limits[figure]].unit == UNIT_MS;
        printf("%-14s %12s %12s %12s %12s   %s\n", run_limit_table[figure_limits[figure]].name, text[0],
               text[1], text[2], text[3], figure_text(figure, time ? suggested * 1000 : suggested, limit));
    }
}

static void put_json_figure(struct buffer *text, const struct bench *bench, enum figure figure)
{
    static const struct {
        const char *name;
        unsigned percent;
    } rows[] = {{"p50", 50}, {"p90", 90}, {"p99", 99}, {"max", 100}};
    json_put_name(text, run_limit_table[figure_limits[figure]].name);
    buffer_append_byte(text, '{');
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_put_name(text, rows[i].name);
        uint64_t value = percentile(bench, figure, rows[i].percent);
        if (run_limit_table[figure_limits[figure]].unit == UNIT_MS)
            json_put_ms_from_us(text, value);
        else
            json_put_unsigned(text, value);
    }
    json_put_name(text, "suggested_limit");
    json_put_unsigned(text, suggestion(bench, figure));
    buffer_append_byte(text, '}');
}

static enum exit_status show_json(const struct bench *bench)
{
    struct buffer text = buffer_make(65536);
    buffer_append_byte(&text, '{');
    json_put_name(&text, "runs");
    json_put_unsigned(&text, bench->done);
    json_put_name(&text, "failed");
    json_put_unsigned(&text, bench->failed);
    for (int figure = 0; figure < FIGURE_COUNT; figure++)
        put_json_figure(&text, bench, figure);
    buffer_append_byte(&text, '}');
    return print_text(&text, STATUS_SUCCESS);
}

static bool run_all(struct bench *bench, struct local_engine *local, struct local_job *job, bool *interrupted,
                    struct error *err)
{
    struct progress progress = progress_begin(stderr, bench->invocation->json, "runs", bench->wanted);
    bool submitted = true;
    for (size_t i = 0; submitted && i < bench->wanted && bench->failed == 0 && !*interrupted; i++) {
        submitted = local_engine_submit(local, job, err);
        if (submitted)
            local_engine_finish(local, interrupted);
        progress_at(&progress, clock_monotonic_ns(), i + 1);
    }
    progress_end(&progress);
    return submitted;
}

static bool allocate(struct bench *bench, const char *runs)
{
    char *end;
    bench->wanted = RUNS_DEFAULT;
    if (runs != NULL)
        bench->wanted = strtoul(runs, &end, 10);
    if ((runs != NULL && *end != '\0') || bench->wanted < 1 || bench->wanted > RUNS_MAX)
        return false;
    for (int figure = 0; figure < FIGURE_COUNT; figure++) {
        bench->figures[figure] = calloc(bench->wanted, sizeof(uint64_t));
        if (bench->figures[figure] == NULL)
            return false;
    }
    return true;
}

static enum exit_status conclude(struct bench *bench)
{
    if (bench->failed > 0)
        return STATUS_PLUGIN_FAILED;
    if (bench->done == 0)
        return STATUS_INTERRUPTED;
    for (int figure = 0; figure < FIGURE_COUNT; figure++)
        qsort(bench->figures[figure], bench->done, sizeof(uint64_t), compare);
    if (bench->invocation->json)
        return show_json(bench);
    show_table(bench);
    return STATUS_SUCCESS;
}

static enum exit_status run_bench(struct bench *bench)
{
    const struct invocation *invocation = bench->invocation;
    struct diagnostics faults;
    diagnostics_init(&faults);
    struct local_job job = {.bundle = bench->bundle,
                            .kind = JOB_RUN,
                            .faults = &faults,
                            .count_instructions = true,
                            .done = measured,
                            .user = bench};
    struct error err;
    autofree char *context = NULL;
    bool interrupted = false;
    enum exit_status status;
    struct local_engine *local = job_options_engine(invocation, false, &err);
    if (local == NULL)
        return refuse(invocation, &err);
    if (!job_options_read(invocation, local, &job, &context, &err) ||
        !run_all(bench, local, &job, &interrupted, &err))
        status = refuse_with_faults(invocation, &err, job.faults);
    else
        status = conclude(bench);
    local_engine_free(local);
    diagnostics_free(&faults);
    return interrupted ? STATUS_INTERRUPTED : status;
}

enum exit_status bench_command(const struct invocation *invocation)
{
    struct error err;
    struct bundle bundle;
    if (!bundle_load(&bundle, invocation->arguments[0], &err))
        return refuse(invocation, &err);
    struct bench bench = {.invocation = invocation, .bundle = &bundle};
    enum exit_status status;
    if (!allocate(&bench, invocation_option(invocation, "runs")))
        status = fail(STATUS_USAGE, "--runs: expected a number from 1 to %d", RUNS_MAX);
    else
        status = run_bench(&bench);
    for (int figure = 0; figure < FIGURE_COUNT; figure++)
        free(bench.figures[figure]);
    bundle_free(&bundle);
    return status;
}
