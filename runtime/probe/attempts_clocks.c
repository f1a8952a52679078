// SPDX-License-Identifier: Apache-2.0
// Other runs seen through clocks: a clock id names the CPU time of any process or thread, so that whoever may
// read it knows who lives, how long it has worked, and what another run says by working and resting. And
// calls that tell as much about a process by its number, should a policy allow them.
#include "runtime/probe/attempt.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/ioprio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define GROUP "clocks"
#define SAME_ZYGOTE "workers of one zygote share a pid namespace; only the filter keeps them apart"
#define ITSELF "changes nothing but itself"
#define UNKNOWN_CLOCK 63 // no kernel has so many

// As CLOCKFD and CPUCLOCK_SCHED of the kernel's posix-timers.h: what a negative id names, by its lower bits.
enum { WHOLE_PROCESS_TIME = 2, OPEN_DEVICE = 3, ONE_THREAD_TIME = 6, PIDS_LOOKED_AT = 4096 };

static char scratch[64];
static const struct timespec at_once;
static const struct itimerval soon = {.it_value = {.tv_sec = 1}};

static long clock_of(int64_t number, int what)
{
    return (long)((~(uint64_t)number << 3) | (unsigned)what);
}

static int read_clock(long id)
{
    return syscall(SYS_clock_gettime, id, scratch) == 0 ? 0 : errno;
}

static int read_worker(const struct probe_baits *baits)
{
    return read_clock(clock_of(baits->value[BAIT_VICTIM_PID], WHOLE_PROCESS_TIME));
}

// The kernel reads the lower half of an id alone.
static int read_worker_with_another_upper_half(const struct probe_baits *baits)
{
    uint64_t id = (uint64_t)clock_of(baits->value[BAIT_VICTIM_PID], WHOLE_PROCESS_TIME);
    return read_clock((long)(id & 0xffffffff));
}

static int read_worker_thread(const struct probe_baits *baits)
{
    return read_clock(clock_of(baits->value[BAIT_VICTIM_PID], ONE_THREAD_TIME));
}

static int read_zygote(const struct probe_baits *baits)
{
    return read_clock(clock_of(baits->value[BAIT_ZYGOTE_PID], WHOLE_PROCESS_TIME));
}

static int read_zygote_thread(const struct probe_baits *baits)
{
    return read_clock(clock_of(baits->value[BAIT_ZYGOTE_PID], ONE_THREAD_TIME));
}

static int list_the_living(const struct probe_baits *baits)
{
    for (int64_t pid = 1; pid < PIDS_LOOKED_AT; pid++)
        if (pid != baits->value[BAIT_OWN_PID] && read_clock(clock_of(pid, WHOLE_PROCESS_TIME)) == 0)
            return 0;
    return ESRCH;
}

static int read_device(const struct probe_baits *baits)
{
    (void)baits;
    return read_clock(clock_of(0, OPEN_DEVICE));
}

static int ask_whether_worker_lives(const struct probe_baits *baits)
{
    long id = clock_of(baits->value[BAIT_VICTIM_PID], WHOLE_PROCESS_TIME);
    return syscall(SYS_clock_getres, id, scratch) == 0 ? 0 : errno;
}

static int sleep_by_worker(const struct probe_baits *baits)
{
    long id = clock_of(baits->value[BAIT_VICTIM_PID], WHOLE_PROCESS_TIME);
    return syscall(SYS_clock_nanosleep, id, TIMER_ABSTIME, &at_once, NULL) == 0 ? 0 : errno;
}

// Nobody waits at that address; that it could be asked is enough.
static int wake_by_shared_page(const struct probe_baits *baits)
{
    (void)baits;
    return syscall(SYS_futex, SAME_ZYGOTE, FUTEX_WAKE, 1L, NULL, NULL, 0L) >= 0 ? 0 : errno;
}

#define BY_NUMBER(name, number, ...) \
    { \
        GROUP, name, number, {__VA_ARGS__}, NULL, SAME_ZYGOTE \
    }

static const struct attempt table[] = {
    {GROUP, "CPU clock of another worker", SYS_clock_gettime, {0}, read_worker, SAME_ZYGOTE},
    {GROUP,
     "CPU clock of another worker by half an id",
     SYS_clock_gettime,
     {0},
     read_worker_with_another_upper_half,
     SAME_ZYGOTE},
    {GROUP, "CPU clock of another worker's thread", SYS_clock_gettime, {0}, read_worker_thread},
    {GROUP, "CPU clock of the zygote", SYS_clock_gettime, {0}, read_zygote, SAME_ZYGOTE},
    {GROUP, "CPU clock of the zygote's thread", SYS_clock_gettime, {0}, read_zygote_thread},
    {GROUP, "list of living workers by their clocks", SYS_clock_gettime, {0}, list_the_living, SAME_ZYGOTE},
    {GROUP, "clock of a descriptor", SYS_clock_gettime, {0}, read_device},
    {GROUP, "clock that no kernel has", SYS_clock_gettime, {UNKNOWN_CLOCK, POINTER(scratch)}},
    {GROUP, "clock_getres of another worker", SYS_clock_getres, {0}, ask_whether_worker_lives, SAME_ZYGOTE},
    {GROUP, "clock_nanosleep by another worker", SYS_clock_nanosleep, {0}, sleep_by_worker, SAME_ZYGOTE},
    {GROUP, "setitimer of CPU time", SYS_setitimer, {ITIMER_PROF, POINTER(&soon), 0}, NULL, ITSELF},
    {GROUP, "futex in the program's file", SYS_futex, {0}, wake_by_shared_page, SAME_ZYGOTE},
    BY_NUMBER("getpgid of another worker", SYS_getpgid, VICTIM_PID),
    BY_NUMBER("getsid of another worker", SYS_getsid, VICTIM_PID),
    BY_NUMBER("getpriority of another worker", SYS_getpriority, PRIO_PROCESS, VICTIM_PID),
    BY_NUMBER("ioprio_get of another worker", SYS_ioprio_get, IOPRIO_WHO_PROCESS, VICTIM_PID),
    BY_NUMBER("sched_getscheduler of another worker", SYS_sched_getscheduler, VICTIM_PID),
    BY_NUMBER("sched_getaffinity of another worker", SYS_sched_getaffinity, VICTIM_PID, sizeof scratch,
              POINTER(scratch)),
};

struct attempts attempts_on_clocks(void)
{
    return ATTEMPTS(table);
}
