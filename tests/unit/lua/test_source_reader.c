// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/source_reader.h"

#include "tests/unit/lua/plugin_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void text_compiles_whatever_its_line_ends(void **state)
{
    (void)state;
    expect_output("return 1", "1");
    expect_output("\nreturn\n1\n", "1");
    expect_output("local x = 1\r\nreturn x\r\n", "1");
    expect_output("\xef\xbb\xbfreturn 1", "1");
    expect_output(" ", "null");
    expect_output("return [[a\n\nb]]", "\"a\\n\\nb\"");
    expect_end(&(struct plugin_case){.code = "return #'a\0b'", .code_length = 13}, OUTCOME_OK, "3");
}

static void bytecode_is_refused(void **state)
{
    (void)state;
    expect_message(&(struct plugin_case){.code = "\x1bLuaT\0\x19\x93", .code_length = 8},
                   OUTCOME_SYNTAX_ERROR, "main.lua: this is bytecode; a plugin is Lua text");
    // Behind a byte order mark it is refused by Lua.
    expect_end(&(struct plugin_case){.code = "\xef\xbb\xbf\x1bLuaT"}, OUTCOME_SYNTAX_ERROR, "");
}

static void odd_sources_are_syntax_errors(void **state)
{
    (void)state;
    static const char *const sources[] = {
        "return '\n'",
        "--[[",
        "goto nowhere",
        "::a:: ::a::",
        "break",
        "return ...x",
        "\xff\xfe",
        "local x <const> = 1 x = 2",
        "for i = 1 do end",
        "x =",
        "'\\u{110000000000}'",
        "\\",
    };
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
        expect_end(&(struct plugin_case){.code = sources[i]}, OUTCOME_SYNTAX_ERROR, "");
}

static void message_line_is_read_after_the_name(void **state)
{
    (void)state;
    const char *text;
    assert_int_equal(source_message_line(bytes_of_text("a:1"), "a:1:23: what", &text), 23);
    assert_string_equal(text, "what");
    assert_int_equal(source_message_line(bytes_of_text("main.lua"), "other:3: what", &text), 0);
    assert_string_equal(text, "other:3: what");
    assert_int_equal(source_message_line(bytes_of_text("m"), "m:x: what", NULL), 0);
    assert_int_equal(source_message_line(bytes_of_text("m"), "m:99999999999999: what", NULL), 0);
    assert_int_equal(source_message_line(bytes_of_text("m"), "m:", NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_compiles_whatever_its_line_ends),
        cmocka_unit_test(bytecode_is_refused),
        cmocka_unit_test(odd_sources_are_syntax_errors),
        cmocka_unit_test(message_line_is_read_after_the_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
