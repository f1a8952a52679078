// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/cpu_bound.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

int cpu_bound_open(struct error *err)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, CPU_BOUND_SIGNAL);
    int fd = sigprocmask(SIG_BLOCK, &set, NULL) == 0 ? signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK) : -1;
    if (fd < 0)
        error_system(err, errno, "cannot wait for workers that pass their CPU limit");
    return fd;
}

static bool start_timer(struct cpu_bound *bound, pid_t worker, uint64_t worker_id, uint32_t cpu_ms)
{
    clockid_t clock;
    struct sigevent told = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = CPU_BOUND_SIGNAL};
    // 64 bits of the kernel's siginfo, whatever they mean.
    told.sigev_value.sival_ptr = (void *)(uintptr_t)worker_id;
    if (clock_getcpuclockid(worker, &clock) != 0 || timer_create(clock, &told, &bound->timer) != 0)
        return false;
    const struct itimerspec at = {
        .it_value = {.tv_sec = cpu_ms / 1000, .tv_nsec = (long)(cpu_ms % 1000) * 1000000}};
    bound->set = true;
    return timer_settime(bound->timer, TIMER_ABSTIME, &at, NULL) == 0;
}

bool cpu_bound_set(struct cpu_bound *bound, pid_t worker, uint64_t worker_id, uint32_t cpu_ms)
{
    cpu_bound_clear(bound);
    if (start_timer(bound, worker, worker_id, cpu_ms))
        return true;
    rlim_t seconds = cpu_ms / 1000 + 1;
    // Soft and hard: SIGKILL, since a worker may block any other signal.
    return prlimit(worker, RLIMIT_CPU, &(struct rlimit){seconds, seconds}, NULL) == 0;
}

void cpu_bound_clear(struct cpu_bound *bound)
{
    if (bound->set)
        timer_delete(bound->timer);
    bound->set = false;
}

bool cpu_bound_passed(int fd, uint64_t *ret_worker_id)
{
    struct signalfd_siginfo info;
    if (read(fd, &info, sizeof info) != (ssize_t)sizeof info)
        return false;
    *ret_worker_id = info.ssi_ptr;
    return true;
}
