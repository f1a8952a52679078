// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "base/syscall_names.h"
#include "policies/forbidden_syscalls.h"

#include <string.h>

static void what_the_contract_names_can_never_be_allowed(void **state)
{
    (void)state;
    static const char *const never[] = {"execve",    "execveat",       "ptrace",         "mount",
                                        "bpf",       "io_uring_setup", "io_uring_enter", "io_uring_register",
                                        "keyctl",    "add_key",        "userfaultfd",    "clone",
                                        "clone3",    "fork",           "vfork",          "setns",
                                        "unshare",   "openat",         "socket",         "mprotect",
                                        "mmap",      "prctl",          "kill",           "process_vm_writev",
                                        "setrlimit", "prlimit64",      "seccomp",        "init_module",
                                        "reboot",    "pidfd_getfd",    "memfd_create",   "shmat"};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (!forbidden_syscall_find(bytes_of_text(never[i])))
            fail_msg("%s may be allowed", never[i]);
}

static void harmless_calls_can_be_allowed(void **state)
{
    (void)state;
    static const char *const harmless[] = {"getpid",      "gettid", "getrandom",    "nanosleep",
                                           "sched_yield", "uname",  "gettimeofday", "clock_nanosleep",
                                           "getrusage",   "madvise"};
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        assert_null(forbidden_syscall_find(bytes_of_text(harmless[i])));
}

static void the_table_is_sorted_and_every_row_has_a_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < forbidden_syscall_count; i++) {
        assert_true(strlen(forbidden_syscall_table[i].reason) > 10);
        if (i > 0)
            assert_true(strcmp(forbidden_syscall_table[i - 1].name, forbidden_syscall_table[i].name) < 0);
    }
}

// A name in the table that no kernel has would be a misspelt one: the call itself could be allowed.
static void every_name_in_the_table_is_a_system_call(void **state)
{
    (void)state;
    static const char *const of_other_architectures[] = {"nfsservctl", "create_module"};
    for (size_t i = 0; i < forbidden_syscall_count; i++) {
        const char *name = forbidden_syscall_table[i].name;
        uint16_t number;
        bool known = syscall_by_name(name, strlen(name), &number);
        for (size_t j = 0; j < sizeof of_other_architectures / sizeof *of_other_architectures; j++)
            known |= strcmp(name, of_other_architectures[j]) == 0;
#ifdef __x86_64__
        if (!known)
            fail_msg("%s is no system call", name);
#endif
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_contract_names_can_never_be_allowed),
        cmocka_unit_test(harmless_calls_can_be_allowed),
        cmocka_unit_test(the_table_is_sorted_and_every_row_has_a_reason),
        cmocka_unit_test(every_name_in_the_table_is_a_system_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
