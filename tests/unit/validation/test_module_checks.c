// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"
#include "tests/unit/validation/fixture.h"

// The only finding of a plugin of two modules, the second of this name and code; NULL code: "".
static void expect(const char *name, struct bytes code, enum validation_code expected, uint32_t line,
                   uint32_t column)
{
    struct policy policy = fixture_validation_policy();
    struct validation_input input = {.policy = &policy};
    fixture_module(&input, "main.lua", bytes_of_text("return 1"));
    fixture_module(&input, name, code);
    struct validation *validation = validation_new(&input, NULL);
    assert_non_null(validation);
    const struct findings *findings = validation_findings(validation);
    if (expected == VALIDATION_CODE_COUNT) {
        assert_int_equal(findings->count, 0);
        assert_true(validation_needs_worker(validation));
    } else {
        assert_int_equal(findings->count, 1);
        assert_int_equal(findings->items[0].code, expected);
        assert_int_equal(findings->items[0].module, 2);
        assert_int_equal(findings->items[0].line, line);
        assert_int_equal(findings->items[0].column, column);
        assert_false(validation_is_valid(validation));
    }
    validation_free(validation);
}

static void names_are_plain_words_and_paths(void **state)
{
    (void)state;
    static const char *const good[] = {"util", "a", "lib/util", "lib.util", "my-module_2", "Util.lua"};
    static const char *const bad[] = {"",         "a b",  ".hidden", "/etc/passwd",
                                      "\xc3\xa9", "a\nb", "\xff",    "main.lua"};
    char long_name[MODULE_NAME_MAX + 2];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        expect(good[i], bytes_of_text(""), VALIDATION_CODE_COUNT, 0, 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect(bad[i], bytes_of_text(""), VALIDATION_CODE_MODULE_NAME, 0, 0);
    memset(long_name, 'n', sizeof long_name);
    long_name[MODULE_NAME_MAX + 1] = '\0';
    expect(long_name, bytes_of_text(""), VALIDATION_CODE_MODULE_NAME, 0, 0);
    long_name[MODULE_NAME_MAX] = '\0';
    expect(long_name, bytes_of_text(""), VALIDATION_CODE_COUNT, 0, 0);
}

static void a_byte_that_is_not_utf8_is_shown_by_line_and_column(void **state)
{
    (void)state;
    expect("m", bytes_of_text("-- caf\xc3\xa9\nlocal x = '\xc3\xa9\xe9'"), VALIDATION_CODE_NOT_UTF8, 2, 13);
    expect("m", bytes_of_text("-- caf\xc3\xa9\nlocal x = '\xc3\xa9'"), VALIDATION_CODE_COUNT, 0, 0);
}

static void what_all_modules_have_together_must_fit_the_policy(void **state)
{
    (void)state;
    static char code[2000];
    memset(code, ' ', sizeof code);
    expect("m", bytes_of(code, 992), VALIDATION_CODE_COUNT, 0, 0); // main.lua has 8
    expect("m", bytes_of(code, 993), VALIDATION_CODE_SOURCE_SIZE, 0, 0);
    code[0] = '\xff'; // not looked at
    expect("m", bytes_of(code, 993), VALIDATION_CODE_SOURCE_SIZE, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_plain_words_and_paths),
        cmocka_unit_test(a_byte_that_is_not_utf8_is_shown_by_line_and_column),
        cmocka_unit_test(what_all_modules_have_together_must_fit_the_policy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
