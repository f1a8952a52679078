// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/accounts/api_key.h"
#include "tests/support/cmocka_all.h"

#include <sodium.h>

static void key_reads_back_as_it_was_made(void **state)
{
    (void)state;
    struct api_key made, read;
    char text[API_KEY_SIZE];
    api_key_make(&made, text);
    assert_int_equal(strlen(text), API_KEY_SIZE - 1);
    assert_true(api_key_read(bytes_of_text(text), &read));
    assert_string_equal(read.id, made.id);
    assert_true(api_key_hash_equal(&read.hash, &made.hash));
    assert_non_null(strstr(text, made.id));
}

static void key_with_another_secret_has_another_hash(void **state)
{
    (void)state;
    struct api_key made, read;
    char text[API_KEY_SIZE];
    api_key_make(&made, text);
    char *last = &text[API_KEY_SIZE - 2];
    *last = *last == 'a' ? 'b' : 'a';
    assert_true(api_key_read(bytes_of_text(text), &read));
    assert_string_equal(read.id, made.id);
    assert_false(api_key_hash_equal(&read.hash, &made.hash));
}

static void text_of_another_form_is_no_key(void **state)
{
    (void)state;
    struct api_key read;
    char text[API_KEY_SIZE + 8];
    struct api_key made;
    api_key_make(&made, text);
    assert_false(api_key_read(bytes_of(text, API_KEY_SIZE - 2), &read));
    strcat(text, "x");
    assert_false(api_key_read(bytes_of_text(text), &read));
    api_key_make(&made, text);
    text[0] = 'S';
    assert_false(api_key_read(bytes_of_text(text), &read));
    api_key_make(&made, text);
    text[5] = '_';
    assert_false(api_key_read(bytes_of_text(text), &read));
    api_key_make(&made, text);
    text[30] = '\0';
    assert_false(api_key_read(bytes_of(text, API_KEY_SIZE - 1), &read));
    assert_false(api_key_read(bytes_of_text(""), &read));
}

static void header_gives_its_key_in_any_case_of_the_scheme(void **state)
{
    (void)state;
    struct bytes key;
    assert_true(api_key_of_header("Bearer abc", &key) && bytes_equal_text(key, "abc"));
    assert_true(api_key_of_header("bearer  abc ", &key) && bytes_equal_text(key, "abc"));
    assert_false(api_key_of_header("Bearer abc def", &key));
    assert_false(api_key_of_header("Basic abc", &key));
    assert_false(api_key_of_header("Bearer", &key));
    assert_false(api_key_of_header(NULL, &key));
}

int main(void)
{
    if (sodium_init() < 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_reads_back_as_it_was_made),
        cmocka_unit_test(key_with_another_secret_has_another_hash),
        cmocka_unit_test(text_of_another_form_is_no_key),
        cmocka_unit_test(header_gives_its_key_in_any_case_of_the_scheme),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
