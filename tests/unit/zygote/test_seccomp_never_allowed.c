// SPDX-License-Identifier: Apache-2.0
#include "policies/forbidden_syscalls.h"
#include "runtime/zygote/seccomp_filter.h"
#include "tests/support/cmocka_all.h"

#include <seccomp.h>
#include <sys/syscall.h>

// Two lists, because the zygote does not trust what it is sent: this one must be no shorter.
static void never_allowed_covers_all_that_policies_refuse(void **state)
{
    (void)state;
    assert_true(forbidden_syscall_count > 100);
    for (size_t i = 0; i < forbidden_syscall_count; i++) {
        int number = seccomp_syscall_resolve_name(forbidden_syscall_table[i].name);
        if (number < 0)
            continue; // not a call of this architecture
        if (!seccomp_never_allowed(number))
            print_message("%s\n", forbidden_syscall_table[i].name);
        assert_true(seccomp_never_allowed(number));
    }
}

static void never_allowed_leaves_harmless_calls_to_the_policy(void **state)
{
    (void)state;
    static const int harmless[] = {SYS_getpid,    SYS_gettid,    SYS_madvise,
                                   SYS_nanosleep, SYS_getrandom, SYS_uname};
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        assert_false(seccomp_never_allowed(harmless[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_allowed_covers_all_that_policies_refuse),
        cmocka_unit_test(never_allowed_leaves_harmless_calls_to_the_policy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
