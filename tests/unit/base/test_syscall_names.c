// SPDX-License-Identifier: Apache-2.0
#include "base/syscall_names.h"
#include "tests/support/cmocka_all.h"

#include <string.h>
#include <sys/syscall.h>

static void syscall_names_match_the_headers(void **state)
{
    (void)state;
    assert_string_equal(syscall_name(SYS_openat), "openat");
    assert_string_equal(syscall_name(SYS_read), "read");
    assert_string_equal(syscall_name(SYS_exit_group), "exit_group");
    assert_null(syscall_name(99999));
    uint16_t number = 0;
    assert_true(syscall_by_name("execve", 6, &number));
    assert_int_equal(number, SYS_execve);
}

static void syscall_by_name_needs_the_whole_name(void **state)
{
    (void)state;
    uint16_t number = 7;
    assert_false(syscall_by_name("execv", 5, &number));
    assert_false(syscall_by_name("execvex", 7, &number));
    assert_false(syscall_by_name("", 0, &number));
    assert_int_equal(number, 7);
}

static void every_name_leads_back_to_itself_in_alphabetical_order(void **state)
{
    (void)state;
    assert_true(syscall_names_count() > 200);
    for (size_t i = 0; i < syscall_names_count(); i++) {
        const char *name = syscall_names_at(i);
        uint16_t number;
        assert_true(syscall_by_name(name, strlen(name), &number));
        assert_non_null(syscall_name(number));
        if (i > 0)
            assert_true(strcmp(syscall_names_at(i - 1), name) < 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(syscall_names_match_the_headers),
        cmocka_unit_test(syscall_by_name_needs_the_whole_name),
        cmocka_unit_test(every_name_leads_back_to_itself_in_alphabetical_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
