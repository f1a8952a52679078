// SPDX-License-Identifier: Apache-2.0
#include "runtime/probe/attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define GROUP "memory"
#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)
#define TIB (1L << 40)
#define ITSELF "changes nothing but itself"
#define SHARED_IPC "workers of one zygote share an IPC namespace; only the filter keeps them out of it"

static char data[8192] __attribute__((aligned(4096)));
static char parameters[256];

static int make_data_executable(const struct probe_baits *baits)
{
    (void)baits;
    return syscall(SYS_mprotect, data, 4096, PROT_READ | PROT_EXEC) == 0 ? 0 : errno;
}

static int make_data_executable_with_key(const struct probe_baits *baits)
{
    (void)baits;
    return syscall(SYS_pkey_mprotect, data, 4096, PROT_READ | PROT_EXEC, -1) == 0 ? 0 : errno;
}

static int make_code_writable(const struct probe_baits *baits)
{
    (void)baits;
    uintptr_t page = (uintptr_t)make_code_writable & ~(uintptr_t)4095;
    return syscall(SYS_mprotect, page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC) == 0 ? 0 : errno;
}

// More than the address space it is given, in pieces.
static int fill_address_space(const struct probe_baits *baits)
{
    (void)baits;
    for (int piece = 0; piece < 64; piece++) {
        if (mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE, ANONYMOUS | MAP_NORESERVE, -1, 0) == MAP_FAILED)
            return errno;
    }
    return 0;
}

static int grow_heap(const struct probe_baits *baits)
{
    (void)baits;
    uintptr_t now = (uintptr_t)syscall(SYS_brk, 0);
    return (uintptr_t)syscall(SYS_brk, now + TIB) > now ? 0 : ENOMEM;
}

// The one limit that a worker may set, which it lowered for its run.
static int raise_address_space(const struct probe_baits *baits)
{
    (void)baits;
    const struct rlimit more = {.rlim_cur = TIB, .rlim_max = TIB};
    return syscall(SYS_setrlimit, RLIMIT_AS, &more) == 0 ? 0 : errno;
}

static const struct attempt table[] = {
    {GROUP, "mremap to a chosen address", SYS_mremap, {0, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, 0}},
    {GROUP,
     "mmap writable and executable",
     SYS_mmap,
     {0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, ANONYMOUS, -1, 0},
     .layers = HELD_BY(MDWE)},
    {GROUP,
     "mmap executable",
     SYS_mmap,
     {0, 4096, PROT_READ | PROT_EXEC, ANONYMOUS, -1, 0},
     NULL,
     "a page of zeros that nothing can be written to"},
    {GROUP,
     "mmap shared",
     SYS_mmap,
     {0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0},
     NULL,
     "shared with children, and there are none"},
    {GROUP, "mmap of a descriptor", SYS_mmap, {0, 4096, PROT_READ, MAP_PRIVATE, 0, 0}},
    {GROUP,
     "mmap of huge pages",
     SYS_mmap,
     {0, 2 << 20, PROT_READ | PROT_WRITE, ANONYMOUS | MAP_HUGETLB, -1, 0},
     NULL,
     "the host may keep huge pages"},
    {GROUP,
     "mmap locked",
     SYS_mmap,
     {0, 4096, PROT_READ | PROT_WRITE, ANONYMOUS | MAP_LOCKED, -1, 0},
     .layers = HELD_BY(RLIMITS)},
    {GROUP, "mmap of 1 TiB", NO_CALL, {0}, fill_address_space, .layers = HELD_BY(RLIMITS)},
    {GROUP, "setrlimit of memory upwards", NO_CALL, {0}, raise_address_space, .layers = HELD_BY(RLIMITS)},
    {GROUP, "brk by 1 TiB", NO_CALL, {0}, grow_heap, .layers = HELD_BY(RLIMITS)},
    {GROUP,
     "mprotect of data to executable",
     SYS_mprotect,
     {0},
     make_data_executable,
     .layers = HELD_BY(MDWE)},
    {GROUP, "mprotect of code to writable", SYS_mprotect, {0}, make_code_writable, .layers = HELD_BY(MDWE)},
    {GROUP, "pkey_mprotect", SYS_pkey_mprotect, {0}, make_data_executable_with_key, .layers = HELD_BY(MDWE)},
    {GROUP, "remap_file_pages", SYS_remap_file_pages, {POINTER(data), 4096, 0, 1, 0}},
    {GROUP, "mlock", SYS_mlock, {POINTER(data), 4096}, .layers = HELD_BY(RLIMITS)},
    {GROUP, "mlockall", SYS_mlockall, {3}, .layers = HELD_BY(RLIMITS)},
    {GROUP, "madvise", SYS_madvise, {POINTER(data), 4096, 0}, NULL, ITSELF},
    {GROUP, "mincore", SYS_mincore, {POINTER(data), 4096, POINTER(parameters)}, NULL, ITSELF},
    {GROUP, "shmget", SYS_shmget, {IPC_PRIVATE, 4096, IPC_CREAT | 0600}, NULL, SHARED_IPC},
    {GROUP, "shmat", SYS_shmat, {0, 0, 0}, NULL, SHARED_IPC},
    {GROUP, "semget", SYS_semget, {IPC_PRIVATE, 1, IPC_CREAT | 0600}, NULL, SHARED_IPC},
    {GROUP, "msgget", SYS_msgget, {IPC_PRIVATE, IPC_CREAT | 0600}, NULL, SHARED_IPC},
    {GROUP, "mq_open", SYS_mq_open, {POINTER("x"), O_CREAT | O_RDWR, 0600, 0}},
    {GROUP, "userfaultfd", SYS_userfaultfd, {1}},
    {GROUP, "io_uring_setup", SYS_io_uring_setup, {8, POINTER(parameters)}},
    {GROUP, "io_uring_enter", SYS_io_uring_enter, {3, 1, 0, 0, 0, 0}},
    {GROUP, "io_uring_register", SYS_io_uring_register, {3, 0, 0, 0}},
    {GROUP, "io_setup", SYS_io_setup, {8, POINTER(parameters)}, NULL, "asynchronous calls on its own socket"},
    {GROUP, "membarrier", SYS_membarrier, {0, 0, 0}, NULL, ITSELF},
    {GROUP, "rseq", SYS_rseq, {0, 0, 0, 0}},
    {GROUP, "futex", SYS_futex, {POINTER(data), 1, 1, 0, 0, 0}, NULL, ITSELF},
};

struct attempts attempts_on_memory(void)
{
    return ATTEMPTS(table);
}
