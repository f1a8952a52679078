// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/json_indent.h"

#include "tests/support/cmocka_all.h"

#include <stdlib.h>

static void values_keep_their_text_and_get_lines_of_their_own(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        const char *expected;
    } rows[] = {
        {"0.1", "0.1"},
        {"\"a,{\\\"[\"", "\"a,{\\\"[\""},
        {"[]", "[]"},
        {"{}", "{}"},
        {"[1,2]", "[\n  1,\n  2\n]"},
        {"{\"a\":[],\"b\":{\"c\":0.1}}", "{\n  \"a\": [],\n  \"b\": {\n    \"c\": 0.1\n  }\n}"},
        {"[[[]],{}]", "[\n  [\n    []\n  ],\n  {}\n]"},
        {" [ 9007199254740993 , {\n} ] ", "[\n  9007199254740993,\n  {}\n]"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);
        assert_non_null(out);
        json_indent_put(out, bytes_of_text(rows[i].json));
        fclose(out);
        assert_string_equal(text, rows[i].expected);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(values_keep_their_text_and_get_lines_of_their_own)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
