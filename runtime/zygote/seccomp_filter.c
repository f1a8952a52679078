// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/seccomp_filter.h"

#include "base/cleanup.h"
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/ioprio.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

// Private, anonymous, not executable; nothing locked, and no huge pages from the host's own pool.
#define MAP_FLAGS_CHECKED (MAP_TYPE | MAP_ANONYMOUS | MAP_LOCKED | MAP_HUGETLB | MAP_GROWSDOWN | MAP_POPULATE)
#define MAP_FLAGS_WANTED (MAP_PRIVATE | MAP_ANONYMOUS)

struct condition {
    unsigned argument;
    uint64_t mask;
    uint64_t value;
};

// The kernel reads an int argument's lower half alone: what stands above it neither hides nor breaks a value.
#define INT_IS(argument, value) \
    { \
        argument, 0xffffffff, value \
    }
// The ids 0 to 3: the two clocks of the host that every process may read, and the CPU clocks of the caller. A
// negative id is the CPU clock of any process or thread of the pid namespace, which the workers of a policy
// share: it would tell who runs and how long, and carry a message from one tenant's run to another's.
#define OWN_CLOCK \
    { \
        0, 0xfffffffc, 0 \
    }
_Static_assert((CLOCK_REALTIME | CLOCK_MONOTONIC | CLOCK_PROCESS_CPUTIME_ID | CLOCK_THREAD_CPUTIME_ID) == 3,
               "the ids that OWN_CLOCK stands for");

struct rule {
    int number;
    unsigned condition_count;
    struct condition conditions[2];
};

// What a worker needs after its start. The descriptor of read and write is not checked: only one exists, and
// a call without a condition is one that the kernel need not evaluate the filter for.
static const struct rule built_in[] = {
    {SCMP_SYS(read)},
    {SCMP_SYS(write)},
    {SCMP_SYS(exit_group)},
    {SCMP_SYS(brk)},
    {SCMP_SYS(mmap), 2, {{2, PROT_EXEC, 0}, {3, MAP_FLAGS_CHECKED, MAP_FLAGS_WANTED}}},
    {SCMP_SYS(mremap), 1, {{3, 0xffffffff & ~MREMAP_MAYMOVE, 0}}},
    {SCMP_SYS(munmap)},
    {SCMP_SYS(rt_sigreturn)},
    {SCMP_SYS(restart_syscall)},
    {SCMP_SYS(setitimer), 1, {INT_IS(0, ITIMER_REAL)}},
    // Each run's own memory (rlimits.h). Without privileges the kernel lets a hard limit only fall.
    {SCMP_SYS(setrlimit), 1, {INT_IS(0, RLIMIT_AS)}},
    {SCMP_SYS(clock_gettime), 1, {OWN_CLOCK}},
};

// Calls that reach other processes by an argument: where a policy allows them, they are for the caller alone.
static const struct rule narrowed[] = {
    {SCMP_SYS(clock_getres), 1, {OWN_CLOCK}},
    {SCMP_SYS(clock_nanosleep), 1, {OWN_CLOCK}},
    // One that is not private may lie in pages of the program's file, which all workers map.
    {SCMP_SYS(futex), 1, {{1, FUTEX_PRIVATE_FLAG, FUTEX_PRIVATE_FLAG}}},
    {SCMP_SYS(get_robust_list), 1, {INT_IS(0, 0)}},
    {SCMP_SYS(getpgid), 1, {INT_IS(0, 0)}},
    {SCMP_SYS(getpriority), 2, {INT_IS(0, PRIO_PROCESS), INT_IS(1, 0)}},
    {SCMP_SYS(getsid), 1, {INT_IS(0, 0)}},
    {SCMP_SYS(ioprio_get), 2, {INT_IS(0, IOPRIO_WHO_PROCESS), INT_IS(1, 0)}},
    {SCMP_SYS(sched_getaffinity), 1, {INT_IS(0, 0)}},
    {SCMP_SYS(sched_getattr), 1, {INT_IS(0, 0)}},
    {SCMP_SYS(sched_getparam), 1, {INT_IS(0, 0)}},
    {SCMP_SYS(sched_getscheduler), 1, {INT_IS(0, 0)}},
    {SCMP_SYS(sched_rr_get_interval), 1, {INT_IS(0, 0)}},
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static bool rule_failed(int result, int number, struct error *err)
{
    return error_system(err, -result, "seccomp: cannot add system call %d to the filter", number);
}

static int add_rule(scmp_filter_ctx filter, const struct rule *rule)
{
    struct scmp_arg_cmp compare[2];
    for (unsigned c = 0; c < rule->condition_count; c++) {
        const struct condition *condition = &rule->conditions[c];
        compare[c] = SCMP_CMP(condition->argument, SCMP_CMP_MASKED_EQ, condition->mask, condition->value);
    }
    return seccomp_rule_add_exact_array(filter, SCMP_ACT_ALLOW, rule->number, rule->condition_count, compare);
}

static bool add_built_in(scmp_filter_ctx filter, struct error *err)
{
    for (size_t i = 0; i < COUNT(built_in); i++) {
        int result = add_rule(filter, &built_in[i]);
        if (result != 0)
            return rule_failed(result, built_in[i].number, err);
    }
    return true;
}

static const struct rule *find_rule(const struct rule *rules, size_t count, int number)
{
    for (size_t i = 0; i < count; i++) {
        if (rules[i].number == number)
            return &rules[i];
    }
    return NULL;
}

static bool add_allowed(scmp_filter_ctx filter, const uint16_t *allowed, uint32_t count, struct error *err)
{
    for (uint32_t i = 0; i < count; i++) {
        int number = allowed[i];
        if (seccomp_never_allowed(number)) {
            autofree char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
            return error_set(err, ERROR_INVALID,
                             "seccomp: no policy may allow system call %s (%d); take it out of seccomp.allow",
                             name != NULL ? name : "unknown", number);
        }
        if (find_rule(built_in, COUNT(built_in), number) != NULL)
            continue; // there already, and its conditions stay
        const struct rule whole = {.number = number};
        const struct rule *rule = find_rule(narrowed, COUNT(narrowed), number);
        int result = add_rule(filter, rule != NULL ? rule : &whole);
        // The same call twice in a policy's list is no harm.
        if (result != 0 && result != -EEXIST)
            return rule_failed(result, number, err);
    }
    return true;
}

// libseccomp writes programs to descriptors only; a program is far smaller than a pipe's buffer.
static bool export_program(scmp_filter_ctx filter, struct seccomp_program *ret_program, struct error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return error_system(err, errno, "seccomp: cannot make a pipe for the filter");
    autoclose int from = ends[0];
    autoclose int to = ends[1];
    int result = seccomp_export_bpf(filter, to);
    if (result != 0)
        return error_system(err, -result, "seccomp: cannot compile the filter");
    static const size_t size_max = BPF_MAXINSNS * sizeof(struct sock_filter);
    autofree struct sock_filter *instructions = malloc(size_max);
    if (instructions == NULL)
        return error_set(err, ERROR_MEMORY, "seccomp: no memory for the filter");
    ssize_t size = read(from, instructions, size_max);
    if (size <= 0 || (size_t)size % sizeof *instructions != 0)
        return error_set(err, ERROR_INVALID, "seccomp: libseccomp compiled an empty or broken filter");
    struct sock_filter *exact = realloc(instructions, (size_t)size);
    if (exact == NULL)
        return error_set(err, ERROR_MEMORY, "seccomp: no memory for the filter");
    instructions = NULL;
    ret_program->instructions = exact;
    ret_program->length = (uint16_t)((size_t)size / sizeof *exact);
    return true;
}

bool seccomp_program_compile(const uint16_t *allowed, uint32_t allowed_count,
                             struct seccomp_program *ret_program, struct error *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
    if (filter == NULL)
        return error_set(err, ERROR_MEMORY, "seccomp: libseccomp cannot begin a filter");
    // A binary tree: the kernel evaluates the program once for every call number when it is loaded.
    bool done =
        (seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
         seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0) ||
        error_set(err, ERROR_UNSUPPORTED, "seccomp: this libseccomp is too old (2.5 or later is needed)");
    done = done && add_built_in(filter, err) && add_allowed(filter, allowed, allowed_count, err) &&
           export_program(filter, ret_program, err);
    seccomp_release(filter);
    return done;
}

void seccomp_program_free(struct seccomp_program *program)
{
    free(program->instructions);
    *program = (struct seccomp_program){0};
}

bool seccomp_program_load(const struct seccomp_program *program)
{
    struct sock_fprog bytes = {.len = program->length, .filter = program->instructions};
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &bytes) == 0;
}
