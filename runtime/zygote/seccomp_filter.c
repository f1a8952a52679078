// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/seccomp_filter.h"

#include "base/cleanup.h"
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

// Private, anonymous, not executable; nothing locked, and no huge pages from the host's own pool.
#define MAP_FLAGS_CHECKED (MAP_TYPE | MAP_ANONYMOUS | MAP_LOCKED | MAP_HUGETLB | MAP_GROWSDOWN | MAP_POPULATE)
#define MAP_FLAGS_WANTED (MAP_PRIVATE | MAP_ANONYMOUS)

struct condition {
    unsigned argument;
    uint64_t mask;
    uint64_t value;
};

// What a worker needs after its start. The descriptor of read and write is not checked: only one exists.
static const struct {
    int number;
    unsigned condition_count;
    struct condition conditions[2];
} built_in[] = {
    {SCMP_SYS(read)},
    {SCMP_SYS(write)},
    {SCMP_SYS(exit_group)},
    {SCMP_SYS(brk)},
    {SCMP_SYS(mmap), 2, {{2, PROT_EXEC, 0}, {3, MAP_FLAGS_CHECKED, MAP_FLAGS_WANTED}}},
    {SCMP_SYS(mremap)},
    {SCMP_SYS(munmap)},
    {SCMP_SYS(rt_sigreturn)},
    {SCMP_SYS(restart_syscall)},
    {SCMP_SYS(setitimer)},
    {SCMP_SYS(clock_gettime)},
};

static bool rule_failed(int result, int number, struct error *err)
{
    return error_system(err, -result, "seccomp: cannot add system call %d to the filter", number);
}

static bool add_built_in(scmp_filter_ctx filter, struct error *err)
{
    for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++) {
        struct scmp_arg_cmp compare[2];
        for (unsigned c = 0; c < built_in[i].condition_count; c++) {
            const struct condition *condition = &built_in[i].conditions[c];
            compare[c] = SCMP_CMP(condition->argument, SCMP_CMP_MASKED_EQ, condition->mask, condition->value);
        }
        int result = seccomp_rule_add_exact_array(filter, SCMP_ACT_ALLOW, built_in[i].number,
                                                  built_in[i].condition_count, compare);
        if (result != 0)
            return rule_failed(result, built_in[i].number, err);
    }
    return true;
}

static bool is_built_in(int number)
{
    for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++) {
        if (built_in[i].number == number)
            return true;
    }
    return false;
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
        if (is_built_in(number))
            continue; // there already, and its conditions stay
        int result = seccomp_rule_add_exact(filter, SCMP_ACT_ALLOW, number, 0);
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
