// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "base/uuid.h"
#include "tests/support/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

static void uuid_v7_has_version_variant_and_time(void **state)
{
    (void)state;
    int64_t before = clock_unix_ms();
    char text[UUID_TEXT_SIZE];
    uuid_v7(text);
    int64_t after = clock_unix_ms();
    assert_true(uuid_text_valid(text, strlen(text)));
    assert_int_equal(text[14], '7');
    assert_non_null(strchr("89ab", text[19]));
    char digits[13] = {0};
    memcpy(digits, text, 8);
    memcpy(digits + 8, text + 9, 4);
    int64_t ms = strtoll(digits, NULL, 16);
    assert_true(ms >= before && ms <= after + 1);
}

static void uuid_v7_rises_within_a_process(void **state)
{
    (void)state;
    char last[UUID_TEXT_SIZE];
    uuid_v7(last);
    for (int i = 0; i < 20000; i++) {
        char text[UUID_TEXT_SIZE];
        uuid_v7(text);
        assert_true(strcmp(last, text) < 0);
        memcpy(last, text, sizeof text);
    }
}

static void uuid_text_valid_takes_only_the_canonical_form(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "0193d2a4-0000-7000-8000-00000000000",
        "0193d2a4-0000-7000-8000-0000000000000",
        "0193D2A4-0000-7000-8000-000000000000",
        "0193d2a4+0000-7000-8000-000000000000",
        "0193d2a40-000-7000-8000-000000000000",
        "0193d2a4-0000-7000-8000-00000000000g",
        "{193d2a4-0000-7000-8000-00000000000}",
    };
    assert_true(uuid_text_valid("0193d2a4-0000-7000-8000-00000000abcd", 36));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(uuid_text_valid(wrong[i], strlen(wrong[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uuid_v7_has_version_variant_and_time),
        cmocka_unit_test(uuid_v7_rises_within_a_process),
        cmocka_unit_test(uuid_text_valid_takes_only_the_canonical_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
