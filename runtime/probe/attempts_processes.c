// SPDX-License-Identifier: Apache-2.0
#include "runtime/probe/attempt.h"

#include <errno.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define GROUP "processes"
#define SAME_ZYGOTE "workers of one zygote are one user; only the filter parts their signals and limits"
#define ITSELF "changes nothing but itself"

static char scratch[4096];
static struct clone_args arguments = {.exit_signal = SIGCHLD};
static struct clone_args into_namespaces = {.flags = CLONE_NEWUSER | CLONE_NEWNET, .exit_signal = SIGCHLD};
static struct iovec here = {.iov_base = scratch, .iov_len = 16};
static struct rlimit more = {RLIM_INFINITY, RLIM_INFINITY};
static struct sched_attr eager = {.size = sizeof eager, .sched_nice = -20};
static siginfo_t info = {.si_code = SI_QUEUE};

// 0 if a child was made.
static int forked(long pid)
{
    if (pid == 0)
        syscall(SYS_exit_group, 0);
    return pid > 0 ? 0 : errno;
}

static int try_clone(const struct probe_baits *baits)
{
    (void)baits;
    return forked(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
}

static int try_thread(const struct probe_baits *baits)
{
    (void)baits;
    static char stack[65536];
    long flags = CLONE_VM | CLONE_THREAD | CLONE_SIGHAND;
    // A thread on a stack of zeros would crash; that it could be made is all that counts.
    return forked(syscall(SYS_clone, flags, stack + sizeof stack - 64, 0, 0, 0));
}

static int try_clone3(const struct probe_baits *baits)
{
    (void)baits;
    return forked(syscall(SYS_clone3, &arguments, sizeof arguments));
}

static int try_clone3_into_namespaces(const struct probe_baits *baits)
{
    (void)baits;
    return forked(syscall(SYS_clone3, &into_namespaces, sizeof into_namespaces));
}

#ifdef SYS_fork
static int try_fork(const struct probe_baits *baits)
{
    (void)baits;
    return forked(syscall(SYS_fork));
}

static int try_vfork(const struct probe_baits *baits)
{
    (void)baits;
    return forked(syscall(SYS_vfork));
}
#endif

// Reads the same address in another process of the zygote: by fork it holds the same things there. All
// arguments are longs: half of an int that is passed on the stack is left to chance, and the kernel would see
// a flag that it refuses.
static int read_memory_of(int64_t pid)
{
    struct iovec there = {.iov_base = scratch, .iov_len = 16};
    return syscall(SYS_process_vm_readv, pid, &here, 1L, &there, 1L, 0L) > 0 ? 0 : errno;
}

static int read_memory(const struct probe_baits *baits)
{
    return read_memory_of(baits->value[BAIT_VICTIM_PID]);
}

static int read_memory_of_zygote(const struct probe_baits *baits)
{
    return read_memory_of(baits->value[BAIT_ZYGOTE_PID]);
}

static int write_memory(const struct probe_baits *baits)
{
    struct iovec there = {.iov_base = scratch, .iov_len = 16};
    return syscall(SYS_process_vm_writev, baits->value[BAIT_VICTIM_PID], &here, 1L, &there, 1L, 0L) > 0
               ? 0
               : errno;
}

// Only in a pid namespace of its own has the zygote this number.
static int see_outer_number(const struct probe_baits *baits)
{
    (void)baits;
    long parent = syscall(SYS_getppid);
    return parent < 0 ? errno : parent != 1 ? 0 : ESRCH;
}

static const struct attempt table[] = {
    {GROUP, "clone", SYS_clone, {0}, try_clone},
    {GROUP, "clone of a thread", SYS_clone, {0}, try_thread},
    {GROUP, "clone3", SYS_clone3, {0}, try_clone3},
    {GROUP, "clone3 into namespaces", SYS_clone3, {0}, try_clone3_into_namespaces},
#ifdef SYS_fork
    {GROUP, "fork", SYS_fork, {0}, try_fork},
    {GROUP, "vfork", SYS_vfork, {0}, try_vfork},
#endif
    {GROUP, "kill of another worker", SYS_kill, {VICTIM_PID, 0}, NULL, SAME_ZYGOTE},
    {GROUP, "kill of everything", SYS_kill, {-1, 0}, NULL, SAME_ZYGOTE},
    {GROUP,
     "kill of the zygote",
     SYS_kill,
     {ZYGOTE_PID, SIGKILL},
     NULL,
     "pid 1 takes no signal from inside",
     .layers = HELD_BY(PID_NAMESPACE)},
    {GROUP,
     "a process number of the host",
     SYS_getppid,
     {0},
     see_outer_number,
     .layers = HELD_BY(PID_NAMESPACE)},
    {GROUP, "tkill", SYS_tkill, {VICTIM_PID, 0}, NULL, SAME_ZYGOTE},
    {GROUP, "tgkill", SYS_tgkill, {VICTIM_PID, VICTIM_PID, 0}, NULL, SAME_ZYGOTE},
    {GROUP, "rt_sigqueueinfo", SYS_rt_sigqueueinfo, {VICTIM_PID, 0, POINTER(&info)}, NULL, SAME_ZYGOTE},
    {GROUP, "pidfd_open", SYS_pidfd_open, {VICTIM_PID, 0}},
    {GROUP, "pidfd_send_signal", SYS_pidfd_send_signal, {3, 0, 0, 0}},
    {GROUP, "pidfd_getfd", SYS_pidfd_getfd, {3, 0, 0}},
    {GROUP, "ptrace attach", SYS_ptrace, {PTRACE_ATTACH, VICTIM_PID, 0, 0}, .layers = HELD_BY(NOT_DUMPABLE)},
    {GROUP, "ptrace seize", SYS_ptrace, {PTRACE_SEIZE, VICTIM_PID, 0, 0}, .layers = HELD_BY(NOT_DUMPABLE)},
    {GROUP,
     "ptrace attach to the zygote",
     SYS_ptrace,
     {PTRACE_ATTACH, ZYGOTE_PID, 0, 0},
     .layers = HELD_BY(NOT_DUMPABLE)},
    {GROUP, "ptrace traceme", SYS_ptrace, {PTRACE_TRACEME, 0, 0, 0}, NULL, "the zygote traces nobody"},
    {GROUP, "process_vm_readv", SYS_process_vm_readv, {0}, read_memory, .layers = HELD_BY(NOT_DUMPABLE)},
    {GROUP,
     "process_vm_readv of the zygote",
     SYS_process_vm_readv,
     {0},
     read_memory_of_zygote,
     .layers = HELD_BY(NOT_DUMPABLE)},
    {GROUP, "process_vm_writev", SYS_process_vm_writev, {0}, write_memory, .layers = HELD_BY(NOT_DUMPABLE)},
    {GROUP, "process_madvise", SYS_process_madvise, {3, POINTER(&here), 1, 20, 0}},
    {GROUP, "process_mrelease", 448, {3, 0}},
    {GROUP, "kcmp", SYS_kcmp, {VICTIM_PID, ZYGOTE_PID, 0, 0, 0}, .layers = HELD_BY(NOT_DUMPABLE)},
    {GROUP,
     "get_robust_list",
     SYS_get_robust_list,
     {VICTIM_PID, POINTER(scratch), POINTER(scratch + 8)},
     .layers = HELD_BY(NOT_DUMPABLE)},
    {GROUP, "move_pages", SYS_move_pages, {VICTIM_PID, 0, 0, 0, 0, 0}, .layers = HELD_BY(NOT_DUMPABLE)},
    {GROUP,
     "migrate_pages",
     SYS_migrate_pages,
     {VICTIM_PID, 64, POINTER(scratch), POINTER(scratch)},
     .layers = HELD_BY(NOT_DUMPABLE)},
    {GROUP, "prlimit64 of itself upwards", SYS_prlimit64, {0, RLIMIT_NPROC, POINTER(&more), 0}},
    {GROUP, "prlimit64 of another worker upwards", SYS_prlimit64, {VICTIM_PID, RLIMIT_AS, POINTER(&more), 0}},
    {GROUP, "setrlimit", SYS_setrlimit, {RLIMIT_NOFILE, POINTER(&more)}},
    {GROUP, "setpriority", SYS_setpriority, {PRIO_PROCESS, 0, -20}},
    {GROUP, "setpriority of another worker", SYS_setpriority, {PRIO_PROCESS, VICTIM_PID, -20}},
    {GROUP, "ioprio_set", SYS_ioprio_set, {1, 0, (1 << 13) | 0}},
    // Priority 0 is none that it could get: the machine is not put at risk should the call go through.
    {GROUP, "sched_setscheduler", SYS_sched_setscheduler, {0, 1, POINTER(scratch)}},
    {GROUP, "sched_setattr", SYS_sched_setattr, {0, POINTER(&eager), 0}},
    {GROUP, "sched_setaffinity", SYS_sched_setaffinity, {0, 8, POINTER("\1\0\0\0\0\0\0")}, NULL, ITSELF},
    {GROUP, "setns", SYS_setns, {3, 0}},
    {GROUP, "unshare user", SYS_unshare, {CLONE_NEWUSER}, .layers = HELD_BY(USER_NAMESPACE)},
    {GROUP, "unshare mount", SYS_unshare, {CLONE_NEWNS}, .layers = HELD_BY(CAPABILITIES)},
    {GROUP, "unshare network", SYS_unshare, {CLONE_NEWNET}, .layers = HELD_BY(CAPABILITIES)},
    {GROUP, "unshare files", SYS_unshare, {CLONE_FILES}, NULL, ITSELF},
    {GROUP, "wait4", SYS_wait4, {-1, 0, WNOHANG, 0}},
    {GROUP, "setsid", SYS_setsid, {0}, NULL, ITSELF},
    {GROUP, "getpid", SYS_getpid, {0}, NULL, ITSELF},
    {GROUP, "rt_sigaction", SYS_rt_sigaction, {SIGSYS, 0, POINTER(scratch), 8}, NULL, ITSELF},
    {GROUP, "rt_sigprocmask", SYS_rt_sigprocmask, {SIG_BLOCK, 0, POINTER(scratch), 8}, NULL, ITSELF},
    {GROUP, "sigaltstack", SYS_sigaltstack, {0, POINTER(scratch)}, NULL, ITSELF},
    {GROUP, "nanosleep", SYS_nanosleep, {POINTER(scratch), 0}, NULL, ITSELF},
    {GROUP, "timer_create", SYS_timer_create, {0, 0, POINTER(scratch)}, NULL, ITSELF},
};

struct attempts attempts_on_processes(void)
{
    return ATTEMPTS(table);
}
