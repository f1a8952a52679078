// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/coverage_report.h"

#include "runtime/protocol/coverage.h"
#include "runtime/protocol/frame.h"
#include "sandboxctl/whole_file.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/scratch_folder.h"

#include <stdlib.h>

static char main_name[] = "main.lua", main_path[] = "p/main.lua", util_name[] = "util",
            util_path[] = "p/util.lua";
static const struct bundle bundle = {
    .modules = {{.name = main_name, .path = main_path}, {.name = util_name, .path = util_path}},
    .module_count = 2,
};

// The body of a worker's frame; the caller frees `out`.
static struct bytes encode(struct buffer *out, const struct coverage_line *lines, uint32_t count)
{
    *out = buffer_make(1000);
    size_t begun = coverage_encode_begin(out, count);
    for (uint32_t i = 0; i < count; i++)
        coverage_encode_line(out, &lines[i]);
    coverage_encode_end(out, begun);
    return bytes_of(out->data + FRAME_HEADER_SIZE, out->length - FRAME_HEADER_SIZE);
}

static void add(struct coverage_report *report, const struct coverage_line *lines, uint32_t count)
{
    struct buffer out;
    assert_true(coverage_report_add(report, encode(&out, lines, count)));
    buffer_free(&out);
}

// Two runs; the second loads another module.
static struct coverage_report two_runs(void)
{
    struct coverage_report report = {0};
    const struct coverage_line first[] = {{0, 2, 1}, {0, 3, 0}, {0, 5, 0}, {0, 9, 0}, {0, 200, 7}};
    const struct coverage_line second[] = {{0, 2, 2}, {0, 3, 0},   {0, 5, 0},
                                           {0, 9, 1}, {0, 200, 0}, {1, 1, 1}};
    add(&report, first, 5);
    add(&report, second, 6);
    return report;
}

static void runs_are_merged_into_a_table(void **state)
{
    (void)state;
    struct coverage_report report = two_runs();
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    coverage_report_text(out, false, &report, &bundle);
    fclose(out);
    assert_string_equal(text, "coverage by line:\n"
                              "  main.lua                    3 of    5 lines   60.0 %  not run: 3-5\n"
                              "  util                        1 of    1 lines  100.0 %\n"
                              "  all                         4 of    6 lines   66.7 %\n");
    free(text);
    coverage_report_free(&report);
}

static void a_module_that_was_never_loaded_is_told(void **state)
{
    (void)state;
    struct coverage_report report = {0};
    assert_true(coverage_report_add(&report, bytes_of("", 0)));
    struct buffer out = buffer_make(1000);
    coverage_report_json(&out, &report, &bundle);
    assert_string_equal(out.data,
                        "{\"lines\":0,\"covered\":0,\"modules\":["
                        "{\"module\":\"main.lua\",\"loaded\":false,\"lines\":0,\"covered\":0,\"missed\":[]},"
                        "{\"module\":\"util\",\"loaded\":false,\"lines\":0,\"covered\":0,\"missed\":[]}]}");
    buffer_free(&out);
    coverage_report_free(&report);
}

static void the_lines_of_an_unloaded_module_count_as_not_run(void **state)
{
    (void)state;
    struct coverage_report report = {0};
    const struct coverage_line main_lines[] = {{0, 1, 1}}, util_lines[] = {{0, 2, 1}, {0, 3, 0}};
    struct buffer frame, out = buffer_make(1000);
    add(&report, main_lines, 1);
    assert_true(coverage_report_add_unloaded(&report, 1, encode(&frame, util_lines, 2)));
    buffer_free(&frame);
    coverage_report_json(&out, &report, &bundle);
    assert_string_equal(out.data,
                        "{\"lines\":3,\"covered\":1,\"modules\":["
                        "{\"module\":\"main.lua\",\"loaded\":true,\"lines\":1,\"covered\":1,\"missed\":[]},"
                        "{\"module\":\"util\",\"loaded\":false,\"lines\":2,\"covered\":0,"
                        "\"missed\":[[2,3]]}]}");
    buffer_free(&out);
    coverage_report_free(&report);
}

static void json_has_counts_and_ranges(void **state)
{
    (void)state;
    struct coverage_report report = two_runs();
    struct buffer out = buffer_make(1000);
    coverage_report_json(&out, &report, &bundle);
    assert_string_equal(out.data,
                        "{\"lines\":6,\"covered\":4,\"modules\":["
                        "{\"module\":\"main.lua\",\"loaded\":true,\"lines\":5,\"covered\":3,"
                        "\"missed\":[[3,5]]},"
                        "{\"module\":\"util\",\"loaded\":true,\"lines\":1,\"covered\":1,\"missed\":[]}]}");
    buffer_free(&out);
    coverage_report_free(&report);
}

static void lcov_has_a_record_per_module(void **state)
{
    struct coverage_report report = two_runs();
    char path[256];
    size_t length;
    scratch_path(*state, "lcov.info", path);
    assert_true(coverage_report_lcov(path, &report, &bundle, NULL));
    char *text = read_whole_file(path, 10000, &length, NULL);
    assert_string_equal(text, "TN:\nSF:p/main.lua\nDA:2,3\nDA:3,0\nDA:5,0\nDA:9,1\nDA:200,7\nLF:5\nLH:3\n"
                              "end_of_record\nTN:\nSF:p/util.lua\nDA:1,1\nLF:1\nLH:1\nend_of_record\n");
    free(text);
    coverage_report_free(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_are_merged_into_a_table),
        cmocka_unit_test(a_module_that_was_never_loaded_is_told),
        cmocka_unit_test(the_lines_of_an_unloaded_module_count_as_not_run),
        cmocka_unit_test(json_has_counts_and_ranges),
        cmocka_unit_test_setup_teardown(lcov_has_a_record_per_module, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
