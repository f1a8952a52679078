// SPDX-License-Identifier: Apache-2.0
// What a case expected against what came, told so that the difference is seen at once.
#include "sandboxctl/test_case.h"

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/closest.h"
#include "base/json_write.h"
#include "base/require.h"
#include "policies/units.h"
#include "sandboxctl/json_difference.h"

#include <stddef.h>
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

// What a run used, by the names that the API gives it.
static const struct usage_figure {
    const char *name;
    enum limit_unit unit; // of a ceiling; UNIT_MS: the figure itself is in µs
    size_t offset;        // of the uint64_t in struct run_figures
} usage_figures[] = {
    {"wall_ms", UNIT_MS, offsetof(struct run_figures, wall_us)},
    {"cpu_ms", UNIT_MS, offsetof(struct run_figures, cpu_us)},
    {"memory_bytes", UNIT_BYTES, offsetof(struct run_figures, memory_bytes)},
    {"rss_bytes", UNIT_BYTES, offsetof(struct run_figures, rss_bytes)},
    {"instructions", UNIT_COUNT, offsetof(struct run_figures, instructions)},
    {"output_bytes", UNIT_BYTES, offsetof(struct run_figures, output_bytes)},
    {"log_bytes", UNIT_BYTES, offsetof(struct run_figures, log_bytes)},
};
enum { USAGE_FIGURE_COUNT = sizeof usage_figures / sizeof *usage_figures };

static const struct usage_figure *find_figure(const char *name, struct closest *closest)
{
    for (size_t i = 0; i < USAGE_FIGURE_COUNT; i++) {
        if (strcmp(usage_figures[i].name, name) == 0)
            return &usage_figures[i];
        closest_offer(closest, usage_figures[i].name);
    }
    return NULL;
}

// A ceiling: a number, or a text with a unit.
static bool read_ceiling(const struct usage_figure *figure, const json_t *value, double *ret_ceiling,
                         struct error *err)
{
    uint64_t ceiling;
    if (json_is_number(value) && json_number_value(value) >= 0) {
        *ret_ceiling = json_number_value(value);
        return true;
    }
    if (!json_is_string(value))
        return error_set(err, ERROR_INVALID, "expected a number, or a text with a unit");
    if (!units_parse(bytes_of_text(json_string_value(value)), figure->unit, &ceiling, err))
        return false;
    *ret_ceiling = (double)ceiling;
    return true;
}

bool test_usage_valid(const json_t *usage, const char *where, struct error *err)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)usage, name, value)
    {
        double ceiling;
        struct closest closest = closest_make(name, strlen(name));
        const struct usage_figure *figure = find_figure(name, &closest);
        const char *meant = closest_text(&closest);
        if (figure == NULL)
            return error_set(err, ERROR_INVALID, "%s: \"usage.%s\": there is no such figure%s%s%s", where,
                             name, meant != NULL ? "; did you mean \"" : "", meant != NULL ? meant : "",
                             meant != NULL ? "\"?" : "");
        if (!read_ceiling(figure, value, &ceiling, err))
            return error_prefix(err, "%s: \"usage.%s\"", where, name);
    }
    return true;
}

static void put_exceeded(struct buffer *problem, const struct usage_figure *figure, const json_t *ceiling,
                         uint64_t used)
{
    buffer_printf(problem, "expected %s of at most ", figure->name);
    if (json_is_string(ceiling))
        buffer_append_text(problem, json_string_value(ceiling));
    else if (json_is_integer(ceiling))
        json_put_integer(problem, json_integer_value(ceiling));
    else
        json_put_double(problem, json_real_value(ceiling));
    buffer_append_text(problem, ", used ");
    if (figure->unit == UNIT_MS)
        json_put_ms_from_us(problem, used);
    else
        json_put_unsigned(problem, used);
    buffer_append_byte(problem, '\n');
}

static void check_usage(struct buffer *problem, const struct test_case *test, const struct run_result *result)
{
    const char *name;
    json_t *value;
    json_object_foreach(test->usage, name, value)
    {
        double ceiling;
        struct closest closest = closest_make(name, strlen(name));
        const struct usage_figure *figure = find_figure(name, &closest);
        require(figure != NULL &&
                read_ceiling(figure, value, &ceiling, NULL)); // test_usage_valid has seen it
        if (figure->unit == UNIT_MS && test->slowed)
            continue;
        uint64_t used = *(const uint64_t *)((const char *)&result->figures + figure->offset);
        if ((figure->unit == UNIT_MS ? (double)used / 1e3 : (double)used) > ceiling)
            put_exceeded(problem, figure, value, used);
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
