// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"
#include "tests/support/cmocka_all.h"

#include <errno.h>
#include <string.h>

static void an_error_has_kind_and_text(void **state)
{
    (void)state;
    struct error err;
    assert_false(error_set(&err, ERROR_INVALID, "line %d is odd", 3));
    assert_int_equal(err.kind, ERROR_INVALID);
    assert_int_equal(err.sys_errno, 0);
    assert_string_equal(err.text, "line 3 is odd");
}

static void a_system_error_says_which(void **state)
{
    (void)state;
    struct error err;
    assert_false(error_system(&err, ENOENT, "cannot open %s", "x"));
    assert_int_equal(err.kind, ERROR_SYSTEM);
    assert_int_equal(err.sys_errno, ENOENT);
    assert_string_equal(err.text, "cannot open x: No such file or directory");
}

static void a_prefix_keeps_kind_and_what_was_said(void **state)
{
    (void)state;
    struct error err;
    error_set(&err, ERROR_LIMIT, "too many");
    assert_false(error_prefix(&err, "policy %s", "p"));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_string_equal(err.text, "policy p: too many");
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    char large[2 * ERROR_TEXT_SIZE];
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    struct error err;
    error_set(&err, ERROR_INVALID, "%s", large);
    assert_int_equal(strlen(err.text), ERROR_TEXT_SIZE - 1);
    error_prefix(&err, "%s", large);
    error_system(&err, EIO, "%s", large);
    assert_int_equal(strlen(err.text), ERROR_TEXT_SIZE - 1);
}

static void nobody_has_to_listen(void **state)
{
    (void)state;
    assert_false(error_set(NULL, ERROR_INVALID, "x"));
    assert_false(error_system(NULL, EIO, "x"));
    assert_false(error_prefix(NULL, "x"));
}

static void every_kind_has_a_name(void **state)
{
    (void)state;
    for (int kind = ERROR_NONE; kind <= ERROR_CLOSED; kind++)
        assert_string_not_equal(error_kind_name((enum error_kind)kind), "unknown");
    assert_string_equal(error_kind_name((enum error_kind)99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_has_kind_and_text),
        cmocka_unit_test(a_system_error_says_which),
        cmocka_unit_test(a_prefix_keeps_kind_and_what_was_said),
        cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(nobody_has_to_listen),
        cmocka_unit_test(every_kind_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
