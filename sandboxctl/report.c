// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/report.h"

#include "base/syscall_names.h"
#include "sandboxctl/json_indent.h"
#include "sandboxctl/text_style.h"

#include <inttypes.h>
#include <string.h>

enum { EXCERPT_CONTEXT = 2, EXCERPT_WIDTH = 160 };

void report_output(FILE *out, const struct run_result *result)
{
    json_indent_put(out, result->output);
    fputc('\n', out);
}

void report_log_line(FILE *out, bool colour, const struct run_log_line *line)
{
    static const enum style styles[LOG_LEVEL_COUNT] = {
        [LOG_LEVEL_DEBUG] = STYLE_DIM,
        [LOG_LEVEL_INFO] = STYLE_PLAIN,
        [LOG_LEVEL_WARN] = STYLE_WARN,
        [LOG_LEVEL_ERROR] = STYLE_BAD,
    };
    fprintf(out, "%s[%9.3f ms] %-5s%s ", style_begin(colour, styles[line->level]), (double)line->at_us / 1e3,
            plugin_log_level_name(line->level), style_end(colour));
    put_foreign_lines(out, line->message);
    fputc('\n', out);
}

static void put_excerpt(FILE *out, bool colour, const struct bundle_module *module, uint32_t wanted)
{
    const char *at = module->code;
    const char *end = module->code + module->length;
    for (uint32_t line = 1; at < end && line <= wanted + EXCERPT_CONTEXT; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline != NULL ? newline : end;
        if (line + EXCERPT_CONTEXT >= wanted) {
            size_t length = (size_t)(stop - at) < EXCERPT_WIDTH ? (size_t)(stop - at) : EXCERPT_WIDTH;
            fprintf(out, "%s  %s %5" PRIu32 " | ",
                    style_begin(colour, line == wanted ? STYLE_BOLD : STYLE_DIM), line == wanted ? ">" : " ",
                    line);
            put_foreign_lines(out, bytes_of(at, length));
            fprintf(out, "%s\n", style_end(colour));
        }
        at = stop + 1;
    }
}

static void put_stack(FILE *out, const struct run_result *result)
{
    for (uint32_t i = 0; i < result->traceback_count; i++) {
        const struct stack_frame *frame = &result->traceback[i];
        fputs("    at ", out);
        put_foreign_lines(out, frame->source);
        if (frame->line > 0)
            fprintf(out, ":%" PRIu32, frame->line);
        if (frame->function.length > 0) {
            fputs(" in ", out);
            put_foreign_lines(out, frame->function);
        }
        fputc('\n', out);
    }
}

static void put_audited(FILE *out, bool colour, const struct run_result *result)
{
    for (uint32_t i = 0; i < result->audit_count; i++) {
        const char *name = syscall_name(result->audit[i].number);
        fprintf(out, "%snot allowed%s: system call %s (%" PRIu32 "), %" PRIu64 " time%s\n",
                style_begin(colour, STYLE_WARN), style_end(colour), name != NULL ? name : "unknown",
                result->audit[i].number, result->audit[i].count, result->audit[i].count == 1 ? "" : "s");
    }
}

void report_error(FILE *out, bool colour, const struct run_result *result, const struct bundle *bundle)
{
    put_audited(out, colour, result);
    if (result->outcome == OUTCOME_OK)
        return;
    fprintf(out, "%s%s%s: ", style_begin(colour, STYLE_BAD), outcome_name(result->outcome),
            style_end(colour));
    put_foreign_lines(out, bytes_of_text(result->message));
    fputc('\n', out);
    if (result->syscall_known) {
        const char *name = syscall_name(result->syscall_number);
        fprintf(out, "  system call %s (%" PRIu32 ")\n", name != NULL ? name : "unknown",
                result->syscall_number);
    }
    for (uint32_t i = 0; i < result->traceback_count; i++) {
        const struct stack_frame *frame = &result->traceback[i];
        if (frame->line == 0)
            continue;
        const struct bundle_module *module = bundle_find_module(bundle, frame->source);
        if (module != NULL)
            put_excerpt(out, colour, module, frame->line);
        break;
    }
    put_stack(out, result);
    if (result->value.length > 0) {
        fputs("  value ", out);
        put_foreign_lines(out, result->value);
        fputc('\n', out);
    }
}

struct usage_row {
    enum run_limit limit;
    uint64_t used; // µs for times
    bool known;
};

static const char *figure_of(const struct run_limit_info *info, uint64_t value, char text[FIGURE_SIZE])
{
    if (info->unit == UNIT_MS)
        return figure_us(value, text);
    if (info->unit == UNIT_BYTES)
        return figure_bytes(value, text);
    return figure_count(value, text);
}

static void put_usage_row(FILE *out, bool colour, const struct run_result *result,
                          const struct usage_row *row, bool with_origin)
{
    const struct run_limit_info *info = &run_limit_table[row->limit];
    uint64_t limit = result->limits.limits.value[row->limit];
    bool unlimited = limit == 0 && info->zero_is_unlimited;
    uint64_t scale = info->unit == UNIT_MS ? 1000 : 1;
    char used[FIGURE_SIZE];
    char allowed[FIGURE_SIZE];
    double part = unlimited || limit == 0 ? 0 : 100.0 * (double)row->used / (double)(limit * scale);
    enum style style = part >= 100 ? STYLE_BAD : part >= 80 ? STYLE_WARN : STYLE_PLAIN;
    fprintf(out, "  %-14s %s%12s%s of %-12s", info->name, style_begin(colour, style),
            row->known ? figure_of(info, row->used, used) : "not counted", style_end(colour),
            unlimited ? "no limit" : figure_of(info, limit * scale, allowed));
    if (unlimited || !row->known)
        fprintf(out, " %8s", "");
    else
        fprintf(out, " %6.1f %%", part);
    if (with_origin)
        fprintf(out, "  set by %s", limit_origin_name(result->limits.set_by[row->limit]));
    fputc('\n', out);
}

static void put_usage(FILE *out, bool colour, const struct run_result *result, bool with_origin)
{
    const struct run_figures *figures = &result->figures;
    const struct usage_row rows[] = {
        {LIMIT_WALL_MS, figures->wall_us, true},
        {LIMIT_CPU_MS, figures->cpu_us, true},
        {LIMIT_MEMORY_BYTES, figures->memory_bytes, true},
        {LIMIT_INSTRUCTIONS, figures->instructions, figures->instructions_counted},
        {LIMIT_OUTPUT_BYTES, figures->output_bytes, true},
        {LIMIT_LOG_BYTES, figures->log_bytes, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        put_usage_row(out, colour, result, &rows[i], with_origin);
}

void report_usage(FILE *out, bool colour, const struct run_result *result)
{
    put_usage(out, colour, result, true);
}

void report_usage_alone(FILE *out, bool colour, const struct run_result *result)
{
    put_usage(out, colour, result, false);
}
