// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"
#include "validation/codes.h"

#include <string.h>

static void every_code_is_found_by_its_name_and_only_by_it(void **state)
{
    (void)state;
    enum validation_code code;
    for (unsigned i = 0; i < VALIDATION_CODE_COUNT; i++) {
        assert_true(validation_code_by_name(bytes_of_text(validation_code_table[i].name), &code));
        assert_int_equal(code, i);
    }
    assert_false(validation_code_by_name(bytes_of_text(""), &code));
    assert_false(validation_code_by_name(bytes_of_text("syntaxx"), &code));
    assert_false(validation_code_by_name(bytes_of("syntax\0", 7), &code));
}

static void severities_have_names(void **state)
{
    (void)state;
    assert_string_equal(validation_severity_name(VALIDATION_ERROR), "error");
    assert_string_equal(validation_severity_name(VALIDATION_WARNING), "warning");
    assert_int_equal(validation_code_table[VALIDATION_CODE_SYNTAX].severity, VALIDATION_ERROR);
    assert_int_equal(validation_code_table[VALIDATION_CODE_GLOBAL_WRITE].severity, VALIDATION_WARNING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_is_found_by_its_name_and_only_by_it),
        cmocka_unit_test(severities_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
