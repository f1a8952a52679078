// SPDX-License-Identifier: Apache-2.0
#include "policies/json_text.h"

#include "tests/support/cmocka_all.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static int remaining = -1; // allocations until one fails; below 0: none does

static void *failing_malloc(size_t size)
{
    return remaining >= 0 && remaining-- == 0 ? NULL : malloc(size);
}

static json_t *sample(void)
{
    return json_pack("{s:[i,i,{s:n}], s:{s:b, s:s}}", "a name that takes a while to write", 1, 2, "inner",
                     "another name", "flag", 1, "text", "with \"quotes\" and \xc3\xa9");
}

static void the_text_is_jansson_s(void **state)
{
    (void)state;
    json_t *value = sample();
    char *text = json_text_of(value, JSON_COMPACT | JSON_SORT_KEYS),
         *expected = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(text, expected);
    free(text);
    free(expected);
    json_decref(value);
}

static void no_value_has_no_text(void **state)
{
    (void)state;
    assert_null(json_text_of(NULL, 0));
}

static void without_memory_there_is_no_text_rather_than_a_part_of_it(void **state)
{
    (void)state;
    json_t *value = sample();
    char *whole = json_text_of(value, JSON_COMPACT | JSON_SORT_KEYS);
    json_set_alloc_funcs(failing_malloc, free);
    bool failed = true;
    for (int number = 0; failed; number++) {
        remaining = number;
        char *text = json_text_of(value, JSON_COMPACT | JSON_SORT_KEYS);
        failed = remaining < 0;
        if (text)
            assert_string_equal(text, whole);
        else
            assert_true(failed);
        free(text);
    }
    remaining = -1;
    json_set_alloc_funcs(malloc, free);
    free(whole);
    json_decref(value);
}

static void a_faulty_text_is_no_want_of_memory(void **state)
{
    (void)state;
    json_error_t fault;
    json_memory_watch();
    json_t *value = json_read(bytes_of_text("{\"a\": [1]}"), JSON_REJECT_DUPLICATES, &fault);
    assert_int_equal(json_array_size(json_object_get(value, "a")), 1);
    json_decref(value);
    assert_null(json_read(bytes_of_text("{\"a\" 1}"), 0, &fault));
    assert_int_equal(json_error_code(&fault), json_error_invalid_syntax);
    assert_null(json_read(bytes_of(NULL, 0), 0, NULL));
    assert_false(json_memory_lacked());
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
    return remaining >= 0 && remaining-- == 0 ? NULL : __real_malloc(size);
}

// jansson's room for a token grows from 16 bytes to 32, and so on: here it is the closing quote, an escape,
// an exponent or a digit that there is no room for.
static void a_text_is_read_whole_or_not_at_all(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "[\"12345678901234\", \"123456789012345678901234567890\"]",
        "{\"1234567890123\\\"\": \"1234567890\\u00e9\", \"b\": [1, 2, {}]}",
        "[12345678901234e5, -1234567890123.25, 12345678901234567, 0.12345678901234567890123456789012345]",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        json_t *whole = json_read(bytes_of_text(texts[i]), 0, NULL);
        assert_non_null(whole);
        bool failed = true;
        for (int number = 0; failed; number++) {
            json_error_t fault;
            remaining = number;
            json_t *value = json_read(bytes_of_text(texts[i]), JSON_REJECT_DUPLICATES, &fault);
            failed = remaining < 0;
            remaining = -1;
            assert_int_equal(value == NULL, failed);
            if (failed)
                assert_int_equal(json_error_code(&fault), json_error_out_of_memory);
            else
                assert_true(json_equal(value, whole));
            json_decref(value);
        }
        json_decref(whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_faulty_text_is_no_want_of_memory), // first: others put allocators of their own
        cmocka_unit_test(a_text_is_read_whole_or_not_at_all),
        cmocka_unit_test(the_text_is_jansson_s),
        cmocka_unit_test(no_value_has_no_text),
        cmocka_unit_test(without_memory_there_is_no_text_rather_than_a_part_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
