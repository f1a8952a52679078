// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "base/cleanup.h"
#include "packaging/sorted_json.h"

static void one_value_has_one_text(void **state)
{
    (void)state;
    autofree char *text =
        json_sorted(bytes_of_text(" {\"b\": [1, 2.50, \"\\u00e4\\u0000\"],\n\"a\":{\"d\":null,\"c\":1}}"));
    assert_string_equal(text, "{\"a\":{\"c\":1,\"d\":null},\"b\":[1,2.5,\"\xc3\xa4\\u0000\"]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_value_has_one_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
