// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/remote_result.h"

#include "base/json_raw.h"
#include "sandboxctl/report.h"

#include <string.h>

const char *text_at(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

uint64_t count_at(const json_t *object, const char *name)
{
    double value = json_number_value(json_object_get(object, name));
    return value > 0 ? (uint64_t)(value + 0.5) : 0;
}

uint64_t us_at(const json_t *object, const char *name)
{
    double value = json_number_value(json_object_get(object, name)) * 1e3;
    return value > 0 ? (uint64_t)(value + 0.5) : 0;
}

static void read_usage(const json_t *run, struct run_result *result)
{
    const json_t *usage = json_object_get(run, "usage"), *limits = json_object_get(run, "limits");
    struct run_figures *figures = &result->figures;
    figures->wall_us = us_at(usage, "wall_ms");
    figures->cpu_us = us_at(usage, "cpu_ms");
    figures->memory_bytes = count_at(usage, "memory_bytes");
    figures->instructions_counted = json_is_number(json_object_get(usage, "instructions"));
    figures->instructions = count_at(usage, "instructions");
    figures->output_bytes = count_at(usage, "output_bytes");
    figures->log_bytes = count_at(usage, "log_bytes");
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++)
        result->limits.limits.value[i] = count_at(limits, run_limit_table[i].name);
}

void remote_usage_show(FILE *out, bool colour, const json_t *run)
{
    struct run_result result = {0};
    read_usage(run, &result);
    report_usage_alone(out, colour, &result);
}

static struct bytes bytes_at(const json_t *object, const char *name)
{
    const json_t *text = json_object_get(object, name);
    return json_is_string(text) ? bytes_of(json_string_value(text), json_string_length(text))
                                : bytes_of("", 0);
}

// Fills `frames` and returns how many there are; they borrow from `error`.
static uint32_t read_traceback(const json_t *error, struct stack_frame frames[TRACEBACK_MAX])
{
    uint32_t count = 0;
    size_t index;
    json_t *frame;
    json_array_foreach(json_object_get(error, "traceback"), index, frame)
    {
        if (count == TRACEBACK_MAX)
            break;
        frames[count++] = (struct stack_frame){.source = bytes_at(frame, "source"),
                                               .line = (uint32_t)count_at(frame, "line"),
                                               .function = bytes_at(frame, "function")};
    }
    return count;
}

static void show_logs(const struct invocation *invocation, const json_t *run)
{
    size_t index;
    json_t *entry;
    json_array_foreach(json_object_get(run, "logs"), index, entry)
    {
        struct run_log_line line = {
            .level = LOG_LEVEL_INFO, .at_us = us_at(entry, "at_ms"), .message = bytes_at(entry, "message")};
        const char *level = text_at(entry, "level");
        for (int i = 0; level != NULL && i < LOG_LEVEL_COUNT; i++)
            if (strcmp(level, plugin_log_level_name((enum log_level)i)) == 0)
                line.level = (enum log_level)i;
        report_log_line(stderr, invocation->error_colour, &line);
    }
    if (json_is_true(json_object_get(run, "logs_truncated")))
        fputs("(more was logged than log_bytes allows)\n", stderr);
}

enum exit_status remote_result_show(const struct invocation *invocation, const char *text, const json_t *run,
                                    const struct bundle *bundle)
{
    static const struct bundle nothing = {.module_count = 0};
    const json_t *error = json_object_get(run, "error");
    const char *status = text_at(run, "status"), *message = text_at(error, "message");
    struct stack_frame frames[TRACEBACK_MAX];
    struct run_result result = {.message = message != NULL ? message : ""};
    if (status == NULL || !outcome_by_name(status, &result.outcome))
        return fail(STATUS_FAILURE, "the server's answer is not a run's result");
    result.output = json_raw_member(bytes_of_text(text), "output");
    result.value = json_raw_member(json_raw_member(bytes_of_text(text), "error"), "value");
    result.traceback = frames;
    result.traceback_count = read_traceback(error, frames);
    const json_t *call = json_object_get(error, "syscall");
    result.syscall_known = json_is_object(call);
    result.syscall_number = (uint32_t)count_at(call, "number");
    read_usage(run, &result);
    show_logs(invocation, run);
    if (result.outcome == OUTCOME_OK)
        report_output(stdout, &result);
    fflush(stdout);
    report_error(stderr, invocation->error_colour, &result, bundle != NULL ? bundle : &nothing);
    report_usage_alone(stderr, invocation->error_colour, &result);
    return result.outcome == OUTCOME_OK ? STATUS_SUCCESS : STATUS_PLUGIN_FAILED;
}
