// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/seccomp_filter.h"

#include "runtime/zygote/no_new_privs.h"
#include "tests/support/bpf_evaluate.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/host.h"
#include "tests/support/in_child.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/futex.h>
#include <linux/ioprio.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#define FOREIGN AUDIT_ARCH_I386
#else
#define NATIVE AUDIT_ARCH_AARCH64
#define FOREIGN AUDIT_ARCH_ARM
#endif

static struct seccomp_program compiled(const uint16_t *allowed, uint32_t count)
{
    struct seccomp_program program = {0};
    struct error err = {0};
    assert_true(seccomp_program_compile(allowed, count, &program, &err));
    assert_true(program.length > 0);
    return program;
}

static uint32_t verdict_with(const struct seccomp_program *program, int number, const uint64_t arguments[6])
{
    struct seccomp_data data = {.nr = number, .arch = NATIVE};
    memcpy(data.args, arguments, sizeof data.args);
    return bpf_evaluate(program->instructions, program->length, &data);
}

static uint32_t verdict(const struct seccomp_program *program, int number, uint64_t prot, uint64_t flags)
{
    return verdict_with(program, number, (const uint64_t[6]){0, 4096, prot, flags});
}

struct built_in {
    int number;
    uint64_t arguments[6]; // as a worker has them
};

static const struct built_in built_ins[] = {
    {SYS_read, {0}},
    {SYS_write, {0}},
    {SYS_exit_group, {0}},
    {SYS_brk, {0}},
    {SYS_mmap, {0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS}},
    {SYS_mremap, {0, 4096, 8192, MREMAP_MAYMOVE}},
    {SYS_munmap, {0}},
    {SYS_rt_sigreturn, {0}},
    {SYS_restart_syscall, {0}},
    {SYS_setitimer, {ITIMER_REAL}},
    {SYS_setrlimit, {RLIMIT_AS}},
    {SYS_clock_gettime, {CLOCK_THREAD_CPUTIME_ID}},
};

static void filter_allows_exactly_the_built_in_list(void **state)
{
    (void)state;
    struct seccomp_program program = compiled(NULL, 0);
    for (int number = 0; number < 1024; number++) {
        const struct built_in *found = NULL;
        for (size_t i = 0; i < sizeof built_ins / sizeof *built_ins; i++)
            found = built_ins[i].number == number ? &built_ins[i] : found;
        uint32_t expected = found != NULL ? SECCOMP_RET_ALLOW : SECCOMP_RET_TRAP;
        assert_int_equal(verdict_with(&program, number, found != NULL ? found->arguments : (uint64_t[6]){0}),
                         expected);
    }
    // It is loaded in every worker and evaluated for each call that has a condition.
    assert_in_range(program.length, 1, 96);
    seccomp_program_free(&program);
}

// The id that the kernel's posix-timers.h gives to a clock of the process, thread or descriptor `number`.
#define CLOCK_OF(number, what) ((~(uint64_t)(number) << 3) | (what))
#define GARBAGE 0xdeadbeef00000000

static void expect_clocks(const struct seccomp_program *program, int number)
{
    for (uint64_t id = 0; id < 64; id++) {
        uint32_t expected = id <= CLOCK_THREAD_CPUTIME_ID ? SECCOMP_RET_ALLOW : SECCOMP_RET_TRAP;
        assert_int_equal(verdict_with(program, number, (uint64_t[6]){id}), expected);
        // The kernel drops the upper half, and so does the filter.
        assert_int_equal(verdict_with(program, number, (uint64_t[6]){GARBAGE | id}), expected);
    }
    for (int32_t pid = -1; pid < 70000; pid += pid < 64 ? 1 : 997) {
        for (uint64_t what = 0; what < 8; what++) {
            uint64_t id = CLOCK_OF(pid, what);
            if (pid == -1)
                continue; // not negative: 0 to 7, as above
            assert_int_equal(verdict_with(program, number, (uint64_t[6]){id}), SECCOMP_RET_TRAP);
            assert_int_equal(verdict_with(program, number, (uint64_t[6]){id & 0xffffffff}), SECCOMP_RET_TRAP);
        }
    }
}

static void filter_allows_no_clock_of_another_process(void **state)
{
    (void)state;
    struct seccomp_program program = compiled(NULL, 0);
    expect_clocks(&program, SYS_clock_gettime);
    seccomp_program_free(&program);
    const uint16_t allowed[] = {SYS_clock_gettime, SYS_clock_getres, SYS_clock_nanosleep};
    program = compiled(allowed, 3);
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        expect_clocks(&program, allowed[i]);
    seccomp_program_free(&program);
}

static void filter_allows_one_timer_one_limit_and_mremap_without_a_chosen_address(void **state)
{
    (void)state;
    struct seccomp_program program = compiled(NULL, 0);
    for (uint64_t which = 0; which < 8; which++)
        assert_int_equal(verdict_with(&program, SYS_setitimer, (uint64_t[6]){GARBAGE | which}),
                         which == ITIMER_REAL ? SECCOMP_RET_ALLOW : SECCOMP_RET_TRAP);
    for (uint64_t which = 0; which < 20; which++)
        assert_int_equal(verdict_with(&program, SYS_setrlimit, (uint64_t[6]){GARBAGE | which}),
                         which == RLIMIT_AS ? SECCOMP_RET_ALLOW : SECCOMP_RET_TRAP);
    for (uint64_t flags = 0; flags < 16; flags++)
        assert_int_equal(verdict_with(&program, SYS_mremap, (uint64_t[6]){0, 4096, 8192, flags}),
                         (flags & ~(uint64_t)MREMAP_MAYMOVE) == 0 ? SECCOMP_RET_ALLOW : SECCOMP_RET_TRAP);
    seccomp_program_free(&program);
}

static void filter_allows_what_names_a_process_for_the_caller_alone(void **state)
{
    (void)state;
    static const struct {
        uint16_t number;
        uint64_t own[6], others[6];
    } rows[] = {
        {SYS_getpgid, {0}, {1}},
        {SYS_getsid, {0}, {1}},
        {SYS_sched_getaffinity, {0}, {1}},
        {SYS_sched_getattr, {0}, {1}},
        {SYS_sched_getparam, {0}, {1}},
        {SYS_sched_getscheduler, {GARBAGE}, {GARBAGE | 1}},
        {SYS_sched_rr_get_interval, {0}, {1}},
        {SYS_get_robust_list, {0}, {1}},
        {SYS_getpriority, {PRIO_PROCESS, 0}, {PRIO_PROCESS, 1}},
        {SYS_getpriority, {PRIO_PROCESS, 0}, {PRIO_USER, 0}},
        {SYS_ioprio_get, {IOPRIO_WHO_PROCESS, 0}, {IOPRIO_WHO_PROCESS, 1}},
        {SYS_ioprio_get, {IOPRIO_WHO_PROCESS, 0}, {IOPRIO_WHO_PGRP, 0}},
        {SYS_futex, {0, FUTEX_WAIT_PRIVATE}, {0, FUTEX_WAIT}},
        {SYS_futex, {0, FUTEX_WAKE_PRIVATE}, {0, FUTEX_WAKE | FUTEX_CLOCK_REALTIME}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct seccomp_program program = compiled(NULL, 0);
        assert_int_equal(verdict_with(&program, rows[i].number, rows[i].own), SECCOMP_RET_TRAP);
        seccomp_program_free(&program);
        program = compiled(&rows[i].number, 1);
        assert_int_equal(verdict_with(&program, rows[i].number, rows[i].own), SECCOMP_RET_ALLOW);
        assert_int_equal(verdict_with(&program, rows[i].number, rows[i].others), SECCOMP_RET_TRAP);
        seccomp_program_free(&program);
    }
}

static void filter_allows_mmap_of_private_anonymous_memory_only(void **state)
{
    (void)state;
    static const struct {
        uint64_t prot, flags;
        uint32_t expected;
    } rows[] = {
        {PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, SECCOMP_RET_ALLOW},
        {PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, SECCOMP_RET_ALLOW},
        {PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, SECCOMP_RET_TRAP},
        {PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, SECCOMP_RET_TRAP},
        {PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, SECCOMP_RET_TRAP},
        {PROT_READ, MAP_PRIVATE, SECCOMP_RET_TRAP},
        {PROT_READ, MAP_SHARED | MAP_ANONYMOUS, SECCOMP_RET_TRAP},
        {PROT_READ, MAP_SHARED_VALIDATE | MAP_ANONYMOUS, SECCOMP_RET_TRAP},
        {PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, SECCOMP_RET_TRAP},
        {PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, SECCOMP_RET_TRAP},
        {PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, SECCOMP_RET_TRAP},
        // Bits that the kernel ignores in the upper half must not hide those below.
        {PROT_EXEC | 0xffffffff00000000, MAP_PRIVATE | MAP_ANONYMOUS, SECCOMP_RET_TRAP},
    };
    struct seccomp_program program = compiled(NULL, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(verdict(&program, SYS_mmap, rows[i].prot, rows[i].flags), rows[i].expected);
    seccomp_program_free(&program);
}

static void filter_kills_calls_of_another_architecture(void **state)
{
    (void)state;
    struct seccomp_program program = compiled(NULL, 0);
    struct seccomp_data data = {.nr = SYS_read, .arch = FOREIGN};
    assert_int_equal(bpf_evaluate(program.instructions, program.length, &data), SECCOMP_RET_KILL_PROCESS);
#if defined(__x86_64__)
    // x32: the same architecture value, told by bit 30 of the number.
    data = (struct seccomp_data){.nr = SYS_read | 0x40000000, .arch = NATIVE};
    assert_int_equal(bpf_evaluate(program.instructions, program.length, &data), SECCOMP_RET_KILL_PROCESS);
#endif
    seccomp_program_free(&program);
}

static void filter_adds_what_a_policy_allows_and_nothing_else(void **state)
{
    (void)state;
    const uint16_t allowed[] = {SYS_getpid, SYS_getpid, SYS_sysinfo, SYS_read, SYS_madvise};
    struct seccomp_program program = compiled(allowed, 5);
    assert_int_equal(verdict(&program, SYS_getpid, 0, 0), SECCOMP_RET_ALLOW);
    assert_int_equal(verdict(&program, SYS_sysinfo, 0, 0), SECCOMP_RET_ALLOW);
    assert_int_equal(verdict(&program, SYS_madvise, 0, 0), SECCOMP_RET_ALLOW);
    assert_int_equal(verdict(&program, SYS_getppid, 0, 0), SECCOMP_RET_TRAP);
    assert_int_equal(verdict(&program, SYS_mmap, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS), SECCOMP_RET_TRAP);
    seccomp_program_free(&program);
}

static void filter_refuses_what_no_policy_may_allow(void **state)
{
    (void)state;
    static const uint16_t never[] = {
        SYS_execve,      SYS_ptrace, SYS_mount,  SYS_bpf,     SYS_io_uring_setup, SYS_keyctl,
        SYS_userfaultfd, SYS_clone,  SYS_clone3, SYS_mmap,    SYS_socket,         SYS_prctl,
        SYS_mprotect,    SYS_kill,   SYS_openat, SYS_seccomp,
    };
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        struct seccomp_program program = {0};
        struct error err = {0};
        assert_true(seccomp_never_allowed(never[i]));
        assert_false(seccomp_program_compile(&never[i], 1, &program, &err));
        assert_int_equal(err.kind, ERROR_INVALID);
        assert_non_null(strstr(err.text, "no policy may allow"));
        assert_null(program.instructions);
    }
}

static int load_and_call(void *context)
{
    struct layer_report report;
    no_new_privs_set(&report);
    CHECK(seccomp_program_load(context));
    syscall(SYS_getppid);
    return 0;
}

static void filter_is_enforced_by_this_kernel(void **state)
{
    (void)state;
    struct seccomp_program program = compiled(NULL, 0);
    assert_int_equal(in_child(load_and_call, &program), -SIGSYS);
    const uint16_t allowed[] = {SYS_getppid};
    seccomp_program_free(&program);
    program = compiled(allowed, 1);
    assert_int_equal(in_child(load_and_call, &program), 0);
    seccomp_program_free(&program);
}

static int load_unprivileged(void *context)
{
    if (geteuid() == 0)
        CHECK(setresuid(65533, 65533, 65533) == 0);
    CHECK(!seccomp_program_load(context) && errno == EACCES);
    return 0;
}

static void filter_that_cannot_be_loaded_is_told(void **state)
{
    (void)state;
    struct seccomp_program program = compiled(NULL, 0);
    assert_int_equal(in_child(load_unprivileged, &program), 0);
    seccomp_program_free(&program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filter_allows_exactly_the_built_in_list),
        cmocka_unit_test(filter_allows_no_clock_of_another_process),
        cmocka_unit_test(filter_allows_one_timer_one_limit_and_mremap_without_a_chosen_address),
        cmocka_unit_test(filter_allows_what_names_a_process_for_the_caller_alone),
        cmocka_unit_test(filter_allows_mmap_of_private_anonymous_memory_only),
        cmocka_unit_test(filter_kills_calls_of_another_architecture),
        cmocka_unit_test(filter_adds_what_a_policy_allows_and_nothing_else),
        cmocka_unit_test(filter_refuses_what_no_policy_may_allow),
        cmocka_unit_test(filter_is_enforced_by_this_kernel),
        cmocka_unit_test(filter_that_cannot_be_loaded_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
