// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/coverage_report.h"

#include "base/json_write.h"
#include "runtime/protocol/coverage.h"
#include "sandboxctl/text_style.h"
#include "sandboxctl/whole_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool make_room(struct covered_lines *lines, uint32_t line)
{
    if (line < lines->count)
        return true;
    size_t count = (size_t)line + line / 2 + 64;
    uint64_t *hits = realloc(lines->hits, count * sizeof *hits);
    if (hits == NULL)
        return false;
    memset(hits + lines->count, 0, (count - lines->count) * sizeof *hits);
    lines->hits = hits;
    lines->count = (uint32_t)count;
    return true;
}

bool coverage_report_add(struct coverage_report *report, struct bytes coverage)
{
    uint32_t count = coverage.length > 0 ? coverage_count(coverage) : 0;
    for (uint32_t i = 0; i < count; i++) {
        struct coverage_line line = coverage_line_at(coverage, i);
        struct covered_lines *lines = &report->modules[line.module];
        // The worker may say anything: no module is this long.
        if (line.line > run_limit_table[LIMIT_CODE_BYTES].maximum)
            continue;
        if (!make_room(lines, line.line))
            return false;
        lines->loaded = true;
        lines->hits[line.line] += lines->hits[line.line] == 0 ? 1 + (uint64_t)line.hits : line.hits;
    }
    return true;
}

bool coverage_report_add_unloaded(struct coverage_report *report, size_t index, struct bytes coverage)
{
    struct coverage_report alone = {0};
    bool good = coverage_report_add(&alone, coverage);
    for (uint32_t line = 1; good && line < alone.modules[0].count; line++)
        alone.modules[0].hits[line] = alone.modules[0].hits[line] > 0;
    if (good) {
        free(report->modules[index].hits);
        report->modules[index] = alone.modules[0];
        report->modules[index].loaded = false;
        alone.modules[0] = (struct covered_lines){0};
    }
    coverage_report_free(&alone);
    return good;
}

void coverage_report_free(struct coverage_report *report)
{
    for (size_t i = 0; i < MODULES_MAX; i++)
        free(report->modules[i].hits);
    *report = (struct coverage_report){0};
}

struct covered_counts {
    uint32_t lines;
    uint32_t covered;
};

static struct covered_counts count_lines(const struct covered_lines *lines)
{
    struct covered_counts counts = {0};
    for (uint32_t line = 1; line < lines->count; line++) {
        counts.lines += lines->hits[line] > 0;
        counts.covered += lines->hits[line] > 1;
    }
    return counts;
}

// The next range of lines that hold code and did not run, from `*line` on; lines without code in between do
// not end it. Afterwards `*line` is behind it. False if there is none.
static bool next_missed(const struct covered_lines *lines, uint32_t *line, uint32_t *ret_first,
                        uint32_t *ret_last)
{
    uint32_t at = *line;
    while (at < lines->count && lines->hits[at] != 1)
        at++;
    if (at >= lines->count)
        return false;
    *ret_first = *ret_last = at;
    for (; at < lines->count && lines->hits[at] <= 1; at++)
        if (lines->hits[at] == 1)
            *ret_last = at;
    *line = at;
    return true;
}

static double percent(struct covered_counts counts)
{
    return counts.lines > 0 ? 100.0 * counts.covered / counts.lines : 100.0;
}

static void put_row(FILE *out, bool colour, const char *name, struct covered_counts counts)
{
    enum style style = counts.covered == counts.lines ? STYLE_GOOD : STYLE_WARN;
    fputs("  ", out);
    put_foreign(out, name, 24);
    fprintf(out, " %4" PRIu32 " of %4" PRIu32 " lines  %s%5.1f %%%s", counts.covered, counts.lines,
            style_begin(colour, style), percent(counts), style_end(colour));
}

void coverage_report_text(FILE *out, bool colour, const struct coverage_report *report,
                          const struct bundle *bundle)
{
    struct covered_counts all = {0};
    fputs("coverage by line:\n", out);
    for (size_t i = 0; i < bundle->module_count; i++) {
        const struct covered_lines *lines = &report->modules[i];
        struct covered_counts counts = count_lines(lines);
        all.lines += counts.lines;
        all.covered += counts.covered;
        put_row(out, colour, bundle->modules[i].name, counts);
        if (!lines->loaded) {
            fprintf(out, "  %snever loaded%s\n", style_begin(colour, STYLE_WARN), style_end(colour));
            continue;
        }
        uint32_t line = 1, first, last;
        for (const char *before = "  not run: "; next_missed(lines, &line, &first, &last); before = ", ")
            if (first == last)
                fprintf(out, "%s%" PRIu32, before, first);
            else
                fprintf(out, "%s%" PRIu32 "-%" PRIu32, before, first, last);
        fputc('\n', out);
    }
    put_row(out, colour, "all", all);
    fputc('\n', out);
}

static void put_counts(struct buffer *out, struct covered_counts counts)
{
    json_put_name(out, "lines");
    json_put_unsigned(out, counts.lines);
    json_put_name(out, "covered");
    json_put_unsigned(out, counts.covered);
}

static void put_module(struct buffer *out, const char *name, const struct covered_lines *lines)
{
    buffer_append_byte(out, '{');
    json_put_name(out, "module");
    json_put_text(out, name);
    json_put_name(out, "loaded");
    buffer_append_text(out, lines->loaded ? "true" : "false");
    put_counts(out, count_lines(lines));
    json_put_name(out, "missed");
    buffer_append_byte(out, '[');
    uint32_t line = 1, first, last;
    for (const char *before = "["; next_missed(lines, &line, &first, &last); before = ",[")
        buffer_printf(out, "%s%" PRIu32 ",%" PRIu32 "]", before, first, last);
    buffer_append_text(out, "]}");
}

void coverage_report_json(struct buffer *out, const struct coverage_report *report,
                          const struct bundle *bundle)
{
    struct covered_counts all = {0};
    for (size_t i = 0; i < bundle->module_count; i++) {
        struct covered_counts counts = count_lines(&report->modules[i]);
        all.lines += counts.lines;
        all.covered += counts.covered;
    }
    buffer_append_byte(out, '{');
    put_counts(out, all);
    json_put_name(out, "modules");
    buffer_append_byte(out, '[');
    for (size_t i = 0; i < bundle->module_count; i++) {
        if (i > 0)
            buffer_append_byte(out, ',');
        put_module(out, bundle->modules[i].name, &report->modules[i]);
    }
    buffer_append_text(out, "]}");
}

struct written_report {
    const struct coverage_report *report;
    const struct bundle *bundle;
};

static void put_lcov(FILE *out, const void *user)
{
    const struct written_report *written = user;
    for (size_t i = 0; i < written->bundle->module_count; i++) {
        const struct covered_lines *lines = &written->report->modules[i];
        struct covered_counts counts = count_lines(lines);
        fprintf(out, "TN:\nSF:%s\n", written->bundle->modules[i].path);
        for (uint32_t line = 1; line < lines->count; line++)
            if (lines->hits[line] > 0)
                fprintf(out, "DA:%" PRIu32 ",%" PRIu64 "\n", line, lines->hits[line] - 1);
        fprintf(out, "LF:%" PRIu32 "\nLH:%" PRIu32 "\nend_of_record\n", counts.lines, counts.covered);
    }
}

bool coverage_report_lcov(const char *path, const struct coverage_report *report, const struct bundle *bundle,
                          struct error *err)
{
    return replace_whole_file(path, put_lcov, &(struct written_report){report, bundle}, err);
}
