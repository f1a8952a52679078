// SPDX-License-Identifier: Apache-2.0
/*
 * Preloaded into a process, shifts its wall clock by the seconds in the file named by SHIFTED_CLOCK, which is
 * mapped and shared: a test makes the clock jump while the process runs. The monotonic clock is left alone,
 * as a real jump leaves it. Any thread.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static atomic_long *shift_s;

__attribute__((constructor)) static void map_shift(void)
{
    const char *path = getenv("SHIFTED_CLOCK");
    int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        _exit(125);
    void *mapped = mmap(NULL, sizeof *shift_s, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped == MAP_FAILED)
        _exit(125);
    close(fd);
    shift_s = mapped;
}

static long shift(void)
{
    return shift_s != NULL ? atomic_load(shift_s) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    // Looked up each time: a static variable would need a lock, and this is only a test's.
    int (*next)(clockid_t, struct timespec *);
    *(void **)&next = dlsym(RTLD_NEXT, "clock_gettime");
    int status = next(clock, time);
    if (status == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        time->tv_sec += shift();
    return status;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
    (void)zone;
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return -1;
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *ret_time)
{
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return -1;
    if (ret_time != NULL)
        *ret_time = now.tv_sec;
    return now.tv_sec;
}
