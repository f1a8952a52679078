// SPDX-License-Identifier: Apache-2.0
// One run leaves something, the next looks for it, both workers of one zygote: every channel between two
// processes of one kernel that survives the first of them. Behind the whole confinement the first is stopped
// already where a call is needed; where none is, nothing may come over.
#include "runtime/probe/attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/vm_sockets.h>
#include <stdint.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define GROUP "leftovers"
#define SAME_ZYGOTE "workers of one zygote share it; only the filter keeps them out"

enum {
    KEYCTL_SEARCH = 10,
    USER_KEYRING = -4,
    SESSION_KEYRING = -3,
    SHM_KEY = 0x5a4e,
    PATTERN_BYTES = 1 << 20
};

static char room[PATTERN_BYTES];
static const char pattern[] = "left by the run before";

static void fill(char *memory, size_t size)
{
    for (size_t at = 0; at + sizeof pattern <= size; at += sizeof pattern)
        memcpy(memory + at, pattern, sizeof pattern);
}

static bool holds_pattern(const char *memory, size_t size)
{
    return memmem(memory, size, pattern, sizeof pattern) != NULL;
}

static char *map_fresh(void)
{
    char *memory = mmap(NULL, PATTERN_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory != MAP_FAILED ? memory : NULL;
}

static char *grow_heap(void)
{
    uintptr_t start = (uintptr_t)syscall(SYS_brk, 0);
    return (uintptr_t)syscall(SYS_brk, start + PATTERN_BYTES) > start ? (char *)start : NULL;
}

// Static memory, the heap, fresh pages and the stack: all that a worker may write to.
static void leave_bytes(const struct probe_baits *baits)
{
    (void)baits;
    char stack[65536];
    char *const places[] = {room, map_fresh(), grow_heap()};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (places[i] != NULL)
            fill(places[i], sizeof room);
    fill(stack, sizeof stack);
    __asm__ volatile("" : : "r"(stack) : "memory");
}

static int find_bytes(const struct probe_baits *baits)
{
    (void)baits;
    char stack[65536];
    const char *const places[] = {room, map_fresh(), grow_heap()};
    __asm__ volatile("" : "=m"(stack)); // what lay there before
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (places[i] != NULL && holds_pattern(places[i], sizeof room))
            return 0;
    return holds_pattern(stack, sizeof stack) ? 0 : ENODATA;
}

static void leave_key_in(long keyring)
{
    syscall(SYS_add_key, "user", "sandbox-leftover", "x", 1, keyring);
}

static int find_key_in(long keyring)
{
    return syscall(SYS_keyctl, KEYCTL_SEARCH, keyring, "user", "sandbox-leftover", 0) > 0 ? 0 : errno;
}

static void leave_user_key(const struct probe_baits *baits)
{
    (void)baits;
    leave_key_in(USER_KEYRING);
}

static int find_user_key(const struct probe_baits *baits)
{
    (void)baits;
    return find_key_in(USER_KEYRING);
}

static void leave_session_key(const struct probe_baits *baits)
{
    (void)baits;
    leave_key_in(SESSION_KEYRING);
}

static int find_session_key(const struct probe_baits *baits)
{
    (void)baits;
    return find_key_in(SESSION_KEYRING);
}

static void leave_shared_memory(const struct probe_baits *baits)
{
    (void)baits;
    syscall(SYS_shmget, SHM_KEY, 4096, IPC_CREAT | 0600);
}

static int find_shared_memory(const struct probe_baits *baits)
{
    (void)baits;
    return syscall(SYS_shmget, SHM_KEY, 0, 0) >= 0 ? 0 : errno;
}

static void leave_semaphore(const struct probe_baits *baits)
{
    (void)baits;
    syscall(SYS_semget, SHM_KEY, 1, IPC_CREAT | 0600);
}

static int find_semaphore(const struct probe_baits *baits)
{
    (void)baits;
    return syscall(SYS_semget, SHM_KEY, 0, 0) >= 0 ? 0 : errno;
}

static void leave_message_queue(const struct probe_baits *baits)
{
    (void)baits;
    syscall(SYS_msgget, SHM_KEY, IPC_CREAT | 0600);
}

static int find_message_queue(const struct probe_baits *baits)
{
    (void)baits;
    return syscall(SYS_msgget, SHM_KEY, 0) >= 0 ? 0 : errno;
}

static void leave_posix_queue(const struct probe_baits *baits)
{
    (void)baits;
    syscall(SYS_mq_open, "sandbox-leftover", O_CREAT | O_RDWR, 0600, 0);
}

static int find_posix_queue(const struct probe_baits *baits)
{
    (void)baits;
    return syscall(SYS_mq_open, "sandbox-leftover", O_RDWR, 0, 0) >= 0 ? 0 : errno;
}

static void leave_file(const struct probe_baits *baits)
{
    (void)baits;
    syscall(SYS_openat, AT_FDCWD, "/dev/shm/sandbox-leftover", O_CREAT | O_RDWR, 0600);
    syscall(SYS_openat, AT_FDCWD, "/sandbox-leftover", O_CREAT | O_RDWR, 0600);
}

static int find_file(const struct probe_baits *baits)
{
    (void)baits;
    if (syscall(SYS_openat, AT_FDCWD, "/dev/shm/sandbox-leftover", O_RDONLY, 0) >= 0)
        return 0;
    return syscall(SYS_openat, AT_FDCWD, "/sandbox-leftover", O_RDONLY, 0) >= 0 ? 0 : errno;
}

// The root is one inode for all workers of a zygote. A lock ends with its process, so to take one is enough.
static int lock_root(const struct probe_baits *baits)
{
    (void)baits;
    enum { LOCK_EXCLUSIVE = 2 };
    long root = syscall(SYS_openat, AT_FDCWD, "/", O_RDONLY | O_DIRECTORY, 0);
    return root < 0 || syscall(SYS_flock, root, LOCK_EXCLUSIVE) != 0 ? errno : 0;
}

static int reach_by_vsock(const struct probe_baits *baits)
{
    (void)baits;
    struct sockaddr_vm name = {
        .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_LOCAL, .svm_port = VMADDR_PORT_ANY};
    long own = syscall(SYS_socket, AF_VSOCK, SOCK_STREAM, 0);
    return own < 0 || syscall(SYS_bind, own, &name, sizeof name) != 0 ? errno : 0;
}

// A run says something by the work that it gives its zygote; pid 1 is the one process that outlives both.
static int look_at_zygotes_time(const struct probe_baits *baits)
{
    struct timespec spent;
    long id = (long)((~(uint64_t)baits->value[BAIT_ZYGOTE_PID] << 3) | 2);
    return syscall(SYS_clock_gettime, id, &spent) == 0 ? 0 : errno;
}

#define LEAVE(name, number, look, leave, reason) \
    { \
        GROUP, name, number, {0}, look, reason, .before = leave \
    }

static const struct attempt table[] = {
    {GROUP, "bytes in memory", NO_CALL, {0}, find_bytes, .before = leave_bytes},
    LEAVE("a key of the user", SYS_keyctl, find_user_key, leave_user_key, SAME_ZYGOTE),
    LEAVE("a key of the session", SYS_keyctl, find_session_key, leave_session_key, SAME_ZYGOTE),
    LEAVE("System V shared memory", SYS_shmget, find_shared_memory, leave_shared_memory, SAME_ZYGOTE),
    LEAVE("a System V semaphore", SYS_semget, find_semaphore, leave_semaphore, SAME_ZYGOTE),
    LEAVE("a System V message queue", SYS_msgget, find_message_queue, leave_message_queue, SAME_ZYGOTE),
    LEAVE("a POSIX message queue", SYS_mq_open, find_posix_queue, leave_posix_queue, NULL),
    LEAVE("a file", SYS_openat, find_file, leave_file, NULL),
    {GROUP, "a lock of a file", SYS_openat, {0}, lock_root},
    {GROUP, "CPU time of the zygote", SYS_clock_gettime, {0}, look_at_zygotes_time, SAME_ZYGOTE},
    {GROUP, "vsock", SYS_socket, {0}, reach_by_vsock},
};

struct attempts attempts_on_leftovers(void)
{
    return ATTEMPTS(table);
}
