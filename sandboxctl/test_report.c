// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/test_report.h"

#include "base/buffer.h"
#include "base/json_write.h"
#include "sandboxctl/text_style.h"
#include "sandboxctl/whole_file.h"
#include "sandboxctl/xml_text.h"

#include <stdlib.h>
#include <string.h>

size_t test_cases_failed(const struct test_cases *cases)
{
    size_t failed = 0;
    for (size_t i = 0; i < cases->count; i++)
        failed += !cases->items[i].verdict.passed;
    return failed;
}

// Each line of `text` with `before` in front.
static void put_indented(FILE *out, const char *before, const char *text)
{
    while (text != NULL && *text != '\0') {
        size_t length = strcspn(text, "\n");
        fputs(before, out);
        put_foreign_lines(out, bytes_of(text, length));
        fputc('\n', out);
        text += length + (text[length] == '\n');
    }
}

static const char *problem_of(const struct test_case *test)
{
    return test->verdict.problem != NULL ? test->verdict.problem : "it was not run";
}

void test_report_text(FILE *out, bool colour, const char *plugin, const struct test_cases *cases)
{
    for (size_t i = 0; i < cases->count; i++) {
        const struct test_case *test = &cases->items[i];
        char took[FIGURE_SIZE];
        bool passed = test->verdict.passed;
        fprintf(out, "%s%s%s ", style_begin(colour, passed ? STYLE_GOOD : STYLE_BAD),
                passed ? "ok    " : "FAILED", style_end(colour));
        put_foreign(out, test->file, 0);
        fputs(": ", out);
        put_foreign(out, test->name, 0);
        fprintf(out, " %s(%s)%s\n", style_begin(colour, STYLE_DIM),
                figure_us(test->verdict.figures.wall_us, took), style_end(colour));
        if (!passed)
            put_indented(out, "         ", problem_of(test));
    }
    size_t failed = test_cases_failed(cases);
    fputs(style_begin(colour, failed > 0 ? STYLE_BAD : STYLE_GOOD), out);
    put_foreign(out, plugin, 0);
    fprintf(out, ": %zu passed, %zu failed%s\n", cases->count - failed, failed, style_end(colour));
}

// A part of a test point's description: a '#' would begin a directive, and a newline another test point.
static void put_description(FILE *out, const char *text)
{
    char one[2] = {0};
    while (*text != '\0') {
        size_t plain = strcspn(text, "#\\\n");
        put_foreign_lines(out, bytes_of(text, plain));
        text += plain;
        one[0] = *text != '\n' ? *text : ' ';
        if (*text != '\0')
            fprintf(out, "%s%s", *text != '\n' ? "\\" : "", one);
        text += *text != '\0';
    }
}

void test_report_tap(FILE *out, const struct test_cases *cases)
{
    fprintf(out, "TAP version 14\n1..%zu\n", cases->count);
    for (size_t i = 0; i < cases->count; i++) {
        const struct test_case *test = &cases->items[i];
        fprintf(out, "%sok %zu - ", test->verdict.passed ? "" : "not ", i + 1);
        put_description(out, test->file);
        fputs(": ", out);
        put_description(out, test->name);
        fputc('\n', out);
        if (test->verdict.passed)
            continue;
        fputs("  ---\n  message: |\n", out);
        put_indented(out, "    ", problem_of(test));
        fputs("  ...\n", out);
    }
}

void test_report_json(struct buffer *out, const char *plugin, const struct test_cases *cases,
                      const struct coverage_report *coverage, const struct bundle *bundle)
{
    size_t failed = test_cases_failed(cases);
    buffer_append_byte(out, '{');
    json_put_name(out, "plugin");
    json_put_text(out, plugin);
    json_put_name(out, "passed");
    json_put_unsigned(out, cases->count - failed);
    json_put_name(out, "failed");
    json_put_unsigned(out, failed);
    json_put_name(out, "cases");
    buffer_append_byte(out, '[');
    for (size_t i = 0; i < cases->count; i++) {
        const struct test_case *test = &cases->items[i];
        buffer_append_text(out, i > 0 ? ",{" : "{");
        json_put_name(out, "file");
        json_put_text(out, test->file);
        json_put_name(out, "name");
        json_put_text(out, test->name);
        json_put_name(out, "passed");
        buffer_append_text(out, test->verdict.passed ? "true" : "false");
        json_put_name(out, "wall_ms");
        json_put_ms_from_us(out, test->verdict.figures.wall_us);
        if (!test->verdict.passed) {
            json_put_name(out, "problem");
            json_put_text(out, problem_of(test));
        }
        buffer_append_byte(out, '}');
    }
    buffer_append_byte(out, ']');
    if (coverage != NULL) {
        json_put_name(out, "coverage");
        coverage_report_json(out, coverage, bundle);
    }
    buffer_append_byte(out, '}');
}

struct junit {
    const char *plugin;
    const struct test_cases *cases;
};

static void put_junit(FILE *out, const void *user)
{
    const char *plugin = ((const struct junit *)user)->plugin;
    const struct test_cases *cases = ((const struct junit *)user)->cases;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"", out);
    xml_put(out, plugin);
    fprintf(out, "\" tests=\"%zu\" failures=\"%zu\">\n", cases->count, test_cases_failed(cases));
    for (size_t i = 0; i < cases->count; i++) {
        const struct test_case *test = &cases->items[i];
        fputs("  <testcase classname=\"", out);
        xml_put(out, test->file);
        fputs("\" name=\"", out);
        xml_put(out, test->name);
        fprintf(out, "\" time=\"%.6f\"", (double)test->verdict.figures.wall_us / 1e6);
        if (test->verdict.passed) {
            fputs("/>\n", out);
            continue;
        }
        fputs("><failure message=\"not as expected\">", out);
        xml_put(out, problem_of(test));
        fputs("</failure></testcase>\n", out);
    }
    fputs("</testsuite>\n", out);
}

bool test_report_junit(const char *path, const char *plugin, const struct test_cases *cases,
                       struct error *err)
{
    return replace_whole_file(path, put_junit, &(struct junit){plugin, cases}, err);
}
