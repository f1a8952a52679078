// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/context.h"
#include "tests/support/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

static void text_is_taken_as_it_is_and_nothing_means_null(void **state)
{
    (void)state;
    size_t length;
    char *text = context_read(" {\"a\": 1}", 100, 10, &length, NULL);
    assert_string_equal(text, " {\"a\": 1}");
    assert_int_equal(length, 9);
    free(text);
    text = context_read(NULL, 100, 10, &length, NULL);
    assert_string_equal(text, "null");
    free(text);
}

static void faults_name_line_and_column(void **state)
{
    (void)state;
    static const struct {
        const char *argument;
        const char *expected;
    } rows[] = {
        {"{\"a\":\n }", "--context:2:2:"},
        {"", "--context:1:1:"},
        {"[[[1]]]", "--context:1:3:"},
        {"\"0123456789012345678901234567890\"", "context_bytes is 20"},
        {"@/nonexistent/context.json", "No such file"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error err;
        size_t length;
        assert_null(context_read(rows[i].argument, 20, 2, &length, &err));
        if (strstr(err.text, rows[i].expected) == NULL)
            fail_msg("%s: got %s", rows[i].argument, err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_taken_as_it_is_and_nothing_means_null),
        cmocka_unit_test(faults_name_line_and_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
