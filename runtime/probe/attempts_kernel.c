// SPDX-License-Identifier: Apache-2.0
#include "runtime/probe/attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#define GROUP "kernel"
#define KNOWN "tells what every process may know"

static char scratch[4096];
// The value that it has anyway, should the call get through.
static struct timex tuning = {.modes = ADJ_TICK, .tick = 10000};

// Sets the clock to what it shows.
static int set_clock(const struct probe_baits *baits)
{
    (void)baits;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return syscall(SYS_clock_settime, CLOCK_REALTIME, &now) == 0 ? 0 : errno;
}

static int set_time_of_day(const struct probe_baits *baits)
{
    (void)baits;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct timeval same = {.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return syscall(SYS_settimeofday, &same, NULL) == 0 ? 0 : errno;
}

// The same calls by the doors of other ABIs.
#if defined(__x86_64__)
static int open_by_int80(const struct probe_baits *baits)
{
    (void)baits;
    // 5 is open on i386. Its pointers are 32 bits wide, so the path is put where they reach.
    char *low = mmap((void *)0x10000000, 4096, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (low == MAP_FAILED)
        return errno;
    low[0] = '/';
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(5L), "b"((long)low), "c"(0L), "d"(0L) : "memory");
    return result >= 0 ? 0 : (int)-result;
}

static int getpid_by_x32(const struct probe_baits *baits)
{
    (void)baits;
    return syscall(SYS_getpid | 0x40000000) >= 0 ? 0 : errno;
}
#endif

static const struct attempt table[] = {
    {GROUP, "mount", SYS_mount, {POINTER("none"), POINTER("/"), POINTER("tmpfs"), 0, 0}},
    {GROUP, "mount of proc", SYS_mount, {POINTER("proc"), POINTER("/"), POINTER("proc"), 0, 0}},
    {GROUP, "remount writable", SYS_mount, {0, POINTER("/"), 0, MS_REMOUNT, 0}},
    {GROUP, "umount2", SYS_umount2, {POINTER("/"), MNT_DETACH}, .layers = HELD_BY(CAPABILITIES)},
    {GROUP, "pivot_root", SYS_pivot_root, {POINTER("/"), POINTER("/")}},
    {GROUP, "fsopen", SYS_fsopen, {POINTER("tmpfs"), 0}},
    {GROUP, "open_tree", SYS_open_tree, {AT_FDCWD, POINTER("/"), 1}},
    {GROUP,
     "move_mount",
     SYS_move_mount,
     {3, POINTER(""), AT_FDCWD, POINTER("/"), 4},
     .layers = HELD_BY(CAPABILITIES)},
    {GROUP,
     "mount_setattr",
     SYS_mount_setattr,
     {AT_FDCWD, POINTER("/"), 0, POINTER(scratch), 32},
     .layers = HELD_BY(CAPABILITIES)},
    {GROUP, "swapon", SYS_swapon, {POINTER("/a"), 0}},
    {GROUP, "swapoff", SYS_swapoff, {POINTER("/a")}},
    {GROUP, "quotactl", SYS_quotactl, {0x80000200, POINTER("/a"), 0, POINTER("/b")}},
    {GROUP, "bpf map", SYS_bpf, {0, POINTER(scratch), 64}},
    {GROUP, "bpf program", SYS_bpf, {5, POINTER(scratch), 64}},
    {GROUP, "perf_event_open", SYS_perf_event_open, {POINTER(scratch), 0, -1, -1, 0}},
    {GROUP, "init_module", SYS_init_module, {POINTER(scratch), 64, POINTER("")}},
    {GROUP, "finit_module", SYS_finit_module, {0, POINTER(""), 0}},
    {GROUP, "delete_module", SYS_delete_module, {POINTER("x"), 0}},
    {GROUP, "kexec_load", SYS_kexec_load, {0, 0, 0, 0}},
    {GROUP, "reboot with the magic left out", SYS_reboot, {0, 0, 0, 0}, .layers = HELD_BY(CAPABILITIES)},
    {GROUP, "acct", SYS_acct, {0}},
    {GROUP, "syslog", SYS_syslog, {3, POINTER(scratch), sizeof scratch}},
    {GROUP, "sethostname", SYS_sethostname, {POINTER("x"), 1}, .layers = HELD_BY(CAPABILITIES)},
    {GROUP, "setdomainname", SYS_setdomainname, {POINTER("x"), 1}, .layers = HELD_BY(CAPABILITIES)},
    {GROUP, "settimeofday", SYS_settimeofday, {0}, set_time_of_day},
    {GROUP, "clock_settime", SYS_clock_settime, {0}, set_clock},
    {GROUP, "adjtimex", SYS_adjtimex, {POINTER(&tuning)}},
    {GROUP, "vhangup", SYS_vhangup, {0}},
    {GROUP, "lookup_dcookie", SYS_lookup_dcookie, {0, POINTER(scratch), 16}},
    {GROUP, "uname", SYS_uname, {POINTER(scratch)}, NULL, "shows the kernel's release, not the host's name"},
    {GROUP, "sysinfo", SYS_sysinfo, {POINTER(scratch)}, NULL, KNOWN},
    {GROUP, "getrusage", SYS_getrusage, {0, POINTER(scratch)}, NULL, KNOWN},
    {GROUP, "times", SYS_times, {POINTER(scratch)}, NULL, KNOWN},
    {GROUP, "getcpu", SYS_getcpu, {POINTER(scratch), 0, 0}, NULL, KNOWN},
    {GROUP, "getrandom", SYS_getrandom, {POINTER(scratch), 1, 0}, NULL, KNOWN},
    {GROUP, "pipe2", SYS_pipe2, {POINTER(scratch), 0}},
    {GROUP, "dup", SYS_dup, {0}},
    {GROUP, "dup3", SYS_dup3, {0, 5, 0}},
    {GROUP, "eventfd2", SYS_eventfd2, {0, 0}},
    {GROUP, "epoll_create1", SYS_epoll_create1, {0}},
    {GROUP, "signalfd4", SYS_signalfd4, {-1, POINTER(scratch), 8, 0}},
    {GROUP, "timerfd_create", SYS_timerfd_create, {CLOCK_MONOTONIC, 0}},
    {GROUP, "a number that no kernel has", 9999, {0}},
#if defined(__x86_64__)
    {GROUP, "open by int 0x80", NO_CALL, {0}, open_by_int80, NULL, 1},
    {GROUP, "getpid by the x32 ABI", NO_CALL, {0}, getpid_by_x32, NULL, 1},
#endif
};

struct attempts attempts_on_kernel(void)
{
    return ATTEMPTS(table);
}
