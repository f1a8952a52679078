// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/profile_report.h"

#include "sandboxctl/whole_file.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/scratch_folder.h"

#include <stdlib.h>
#include <string.h>

static struct profile profile; // large
static char main_name[] = "main.lua";
static char code[] = "local x\n\n\t x = ('\x1b'):rep(9)\n";
static const struct bundle bundle = {
    .modules = {{.name = main_name, .path = main_name, .code = code, .length = sizeof code - 1}},
    .module_count = 1,
};

static int make_profile(void **state)
{
    profile = (struct profile){
        .source_count = 2,
        .sources = {bytes_of_text("main.lua"), bytes_of_text("[C]")},
        .function_count = 2,
        .functions = {{bytes_of_text("main chunk"), 0, 0}, {bytes_of_text("string.rep"), 1, 0}},
        .node_count = 2,
        .nodes = {{0, 0, {1, 1000000, 0}}, {1, 1, {3, 3000000, 512}}},
        .line_count = 2,
        .lines = {{0, 1, {1, 1000000, 0}, {4, 4000000, 512}}, {0, 3, {3, 3000000, 512}, {3, 3000000, 512}}},
    };
    return scratch_setup(state);
}

static void paths_say_the_form(void **state)
{
    (void)state;
    struct error err;
    assert_true(profile_path_check("a.svg", &err) && profile_path_check("x/b.folded", &err));
    assert_false(profile_path_check("a.png", &err));
    assert_non_null(strstr(err.text, ".svg, .folded or .bytes.folded"));
    assert_false(profile_path_check(".svg", &err));
}

static void expect_file(void **state, const char *name, const char *expected)
{
    char path[256];
    size_t length;
    scratch_path(*state, name, path);
    assert_true(profile_write(path, &profile, "t", NULL));
    char *text = read_whole_file(path, 100000, &length, NULL);
    assert_string_equal(text, expected);
    free(text);
}

static void folded_stacks_have_microseconds_or_bytes(void **state)
{
    expect_file(state, "a.folded", "main chunk main.lua 1000\nmain chunk main.lua;string.rep 3000\n");
    expect_file(state, "a.bytes.folded", "main chunk main.lua;string.rep 512\n");
}

static void what_cannot_be_written_is_an_error_and_leaves_nothing(void **state)
{
    (void)state;
    struct error err;
    assert_false(profile_write("/nonexistent/a.svg", &profile, "t", &err));
    assert_non_null(strstr(err.text, "/nonexistent/a.svg"));
}

static void the_costliest_lines_come_first_with_their_text(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    profile_report_lines(out, false, &profile, &bundle);
    fclose(out);
    assert_string_equal(text, "  CPU alone with calls   allocated  line\n"
                              "   75.0 %   75.0 %       512 B  main.lua:3  x = ('?'):rep(9)\n"
                              "   25.0 %  100.0 %         0 B  main.lua:1  local x\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_say_the_form),
        cmocka_unit_test_setup_teardown(folded_stacks_have_microseconds_or_bytes, make_profile,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_written_is_an_error_and_leaves_nothing, make_profile,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(the_costliest_lines_come_first_with_their_text, make_profile,
                                        scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
