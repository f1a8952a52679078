// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/json_show.h"

#include "tests/support/cmocka_all.h"

#include <stdlib.h>

static void hidden_characters_become_escapes_and_nothing_else_changes(void **state)
{
    (void)state;
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    put_foreign_json(out, bytes_of_text("{\n\t\"caf\xc3\xa9\": \"a\xe2\x80\xae"
                                        "b\xc2\x9b\x7f\\u001b\xff\"\r\n} "));
    fclose(out);
    assert_string_equal(text, "{\n\t\"caf\xc3\xa9\": \"a\\u202eb\\u009b\\u007f\\u001b?\"\r\n} ");
    free(text);
}

static void a_value_is_the_same_when_it_is_read_again(void **state)
{
    (void)state;
    char *text = NULL;
    size_t length;
    json_t *value = json_pack("[s, i]", "\xf3\xa0\x81\x81 \xe2\x81\xa6", 1);
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    assert_true(json_show(out, value, JSON_COMPACT));
    fclose(out);
    assert_string_equal(text, "[\"\\udb40\\udc41 \\u2066\",1]\n");
    json_t *again = json_loads(text, 0, NULL);
    assert_true(json_equal(value, again));
    json_decref(again);
    json_decref(value);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hidden_characters_become_escapes_and_nothing_else_changes),
        cmocka_unit_test(a_value_is_the_same_when_it_is_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
