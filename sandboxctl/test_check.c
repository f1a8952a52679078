// SPDX-License-Identifier: Apache-2.0
// What a case expected against what came, told so that the difference is seen at once.
#include "sandboxctl/test_case.h"

#include "base/buffer.h"
#include "base/cleanup.h"
#include "policies/units.h"
#include "sandboxctl/json_difference.h"

#include <inttypes.h>
#include <string.h>

enum { PROBLEM_MAX = 64 * 1024 };

static void check_status(struct buffer *problem, const struct test_case *test,
                         const struct run_result *result)
{
    if (result->outcome == test->status && !test->unfit)
        return;
    buffer_printf(problem, "expected status %s, got %s",
                  test->unfit ? TEST_STATUS_UNFIT : outcome_name(test->status),
                  outcome_name(result->outcome));
    if (result->outcome != OUTCOME_OK)
        buffer_printf(problem, ": %s", result->message);
    buffer_append_byte(problem, '\n');
}

static void check_output(struct buffer *problem, const struct test_case *test,
                         const struct run_result *result)
{
    if (test->output == NULL || result->outcome != OUTCOME_OK)
        return;
    json_t *output =
        json_loadb(result->output.data, result->output.length, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    if (output == NULL)
        buffer_append_text(problem, "the output is no JSON that can be compared\n");
    else
        json_difference_put(problem, "$", test->output, output);
    json_decref(output);
}

static void check_error(struct buffer *problem, const struct test_case *test, const char *message)
{
    if (!test->has_error || regexec(&test->error, message, 0, NULL, 0) == 0)
        return;
    buffer_printf(problem, "expected an error that matches \"%s\", got \"%s\"\n", test->error_text, message);
}

// What a run used, in µs or units, by the name that api.md gives it.
static bool used_figure(const struct run_figures *figures, const char *name, bool *ret_is_time,
                        uint64_t *ret_used)
{
    const struct {
        const char *name;
        bool is_time;
        uint64_t used;
    } rows[] = {
        {"wall_ms", true, figures->wall_us},
        {"cpu_ms", true, figures->cpu_us},
        {"memory_bytes", false, figures->memory_bytes},
        {"rss_bytes", false, figures->rss_bytes},
        {"instructions", false, figures->instructions},
        {"output_bytes", false, figures->output_bytes},
        {"log_bytes", false, figures->log_bytes},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].name, name) != 0)
            continue;
        *ret_is_time = rows[i].is_time;
        *ret_used = rows[i].used;
        return true;
    }
    return false;
}

static void check_usage(struct buffer *problem, const struct test_case *test, const struct run_result *result)
{
    const char *name;
    json_t *ceiling;
    json_object_foreach(test->usage, name, ceiling)
    {
        bool is_time = false;
        uint64_t used = 0;
        if (!json_is_number(ceiling) || !used_figure(&result->figures, name, &is_time, &used)) {
            buffer_printf(problem, "\"usage.%s\": expected a figure of \"usage\" and a number\n", name);
            continue;
        }
        if (is_time && test->slowed)
            continue;
        double figure = is_time ? (double)used / 1e3 : (double)used;
        if (figure > json_number_value(ceiling))
            buffer_printf(problem, "expected %s of at most %g, used %g\n", name, json_number_value(ceiling),
                          figure);
    }
}

// Takes the problem over.
static void conclude(struct test_case *test, struct buffer *problem)
{
    bool failed = problem->length > 0 || !buffer_ok(problem);
    test->verdict.passed = !failed;
    test->verdict.problem = failed ? buffer_take(problem, NULL) : NULL;
    buffer_free(problem);
}

void test_case_refused(struct test_case *test, const struct error *err, const struct diagnostics *faults)
{
    char line[DIAGNOSTIC_TEXT_SIZE];
    struct buffer problem = buffer_make(PROBLEM_MAX), text = buffer_make(PROBLEM_MAX);
    buffer_append_text(&text, err->text);
    for (size_t i = 0; i < faults->count; i++) {
        diagnostic_format(&faults->items[i], line);
        buffer_printf(&text, "\n%s", line);
    }
    autofree char *message = buffer_take(&text, NULL);
    if (message == NULL)
        buffer_append_text(&problem, err->text);
    else if (test->unfit && diagnostics_any(faults))
        check_error(&problem, test, message);
    else
        buffer_append_text(&problem, message);
    conclude(test, &problem);
}

void test_case_check(struct test_case *test, const struct run_result *result)
{
    struct buffer problem = buffer_make(PROBLEM_MAX);
    check_status(&problem, test, result);
    check_error(&problem, test, result->message);
    check_output(&problem, test, result);
    check_usage(&problem, test, result);
    test->verdict.figures = result->figures;
    conclude(test, &problem);
}
