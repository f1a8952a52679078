// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/test_report.h"

#include "base/buffer.h"
#include "base/json_write.h"
#include "sandboxctl/text_style.h"

#include <errno.h>
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
        fprintf(out, "%s%.*s\n", before, (int)length, text);
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
        fprintf(out, "%s%s%s %s: %s %s(%s)%s\n", style_begin(colour, passed ? STYLE_GOOD : STYLE_BAD),
                passed ? "ok    " : "FAILED", style_end(colour), test->file, test->name,
                style_begin(colour, STYLE_DIM), figure_us(test->verdict.figures.wall_us, took),
                style_end(colour));
        if (!passed)
            put_indented(out, "         ", problem_of(test));
    }
    size_t failed = test_cases_failed(cases);
    fprintf(out, "%s%s: %zu passed, %zu failed%s\n", style_begin(colour, failed > 0 ? STYLE_BAD : STYLE_GOOD),
            plugin, cases->count - failed, failed, style_end(colour));
}

void test_report_tap(FILE *out, const struct test_cases *cases)
{
    fprintf(out, "TAP version 14\n1..%zu\n", cases->count);
    for (size_t i = 0; i < cases->count; i++) {
        const struct test_case *test = &cases->items[i];
        fprintf(out, "%sok %zu - %s: %s\n", test->verdict.passed ? "" : "not ", i + 1, test->file,
                test->name);
        if (test->verdict.passed)
            continue;
        fputs("  ---\n  message: |\n", out);
        put_indented(out, "    ", problem_of(test));
        fputs("  ...\n", out);
    }
}

void test_report_json(FILE *out, const char *plugin, const struct test_cases *cases)
{
    struct buffer text = buffer_make(SIZE_MAX);
    size_t failed = test_cases_failed(cases);
    buffer_append_byte(&text, '{');
    json_put_name(&text, "plugin");
    json_put_text(&text, plugin);
    json_put_name(&text, "passed");
    json_put_unsigned(&text, cases->count - failed);
    json_put_name(&text, "failed");
    json_put_unsigned(&text, failed);
    json_put_name(&text, "cases");
    buffer_append_byte(&text, '[');
    for (size_t i = 0; i < cases->count; i++) {
        const struct test_case *test = &cases->items[i];
        buffer_append_text(&text, i > 0 ? ",{" : "{");
        json_put_name(&text, "file");
        json_put_text(&text, test->file);
        json_put_name(&text, "name");
        json_put_text(&text, test->name);
        json_put_name(&text, "passed");
        buffer_append_text(&text, test->verdict.passed ? "true" : "false");
        json_put_name(&text, "wall_ms");
        json_put_ms_from_us(&text, test->verdict.figures.wall_us);
        if (!test->verdict.passed) {
            json_put_name(&text, "problem");
            json_put_text(&text, problem_of(test));
        }
        buffer_append_byte(&text, '}');
    }
    buffer_append_text(&text, "]}\n");
    if (buffer_ok(&text))
        fwrite(text.data, 1, text.length, out);
    buffer_free(&text);
}

static void put_xml(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        switch (byte) {
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '&':
            fputs("&amp;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default: // XML 1.0 has no other control characters
            fputc(byte < 0x20 && byte != '\n' && byte != '\t' ? '?' : byte, out);
        }
    }
}

static void put_junit(FILE *out, const char *plugin, const struct test_cases *cases)
{
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"", out);
    put_xml(out, plugin);
    fprintf(out, "\" tests=\"%zu\" failures=\"%zu\">\n", cases->count, test_cases_failed(cases));
    for (size_t i = 0; i < cases->count; i++) {
        const struct test_case *test = &cases->items[i];
        fputs("  <testcase classname=\"", out);
        put_xml(out, test->file);
        fputs("\" name=\"", out);
        put_xml(out, test->name);
        fprintf(out, "\" time=\"%.6f\"", (double)test->verdict.figures.wall_us / 1e6);
        if (test->verdict.passed) {
            fputs("/>\n", out);
            continue;
        }
        fputs("><failure message=\"not as expected\">", out);
        put_xml(out, problem_of(test));
        fputs("</failure></testcase>\n", out);
    }
    fputs("</testsuite>\n", out);
}

bool test_report_junit(const char *path, const char *plugin, const struct test_cases *cases,
                       struct error *err)
{
    char temporary[4096];
    if (snprintf(temporary, sizeof temporary, "%s.part", path) >= (int)sizeof temporary)
        return error_set(err, ERROR_INVALID, "%s: the path is too long", path);
    FILE *out = fopen(temporary, "we");
    if (out == NULL)
        return error_system(err, errno, "%s", temporary);
    put_junit(out, plugin, cases);
    bool written = fflush(out) == 0;
    written = fclose(out) == 0 && written;
    if (!written || rename(temporary, path) != 0) {
        error_system(err, errno, "%s", path);
        remove(temporary);
        return false;
    }
    return true;
}
