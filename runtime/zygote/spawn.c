// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/spawn.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static uint64_t us_of(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

static bool report_unforked(struct control *control, uint64_t worker_id, int spawn_errno)
{
    return control_add_exit(
        control,
        &(struct worker_exit){.worker_id = worker_id, .wait_status = -1, .spawn_errno = spawn_errno});
}

bool spawn_worker(const struct worker_plan *plan, struct worker_table *workers, struct control *control,
                  uint64_t worker_id, int socket)
{
    // Before the fork: a worker that nobody remembers could be neither killed nor reported.
    if (!worker_table_reserve(workers, 1))
        return report_unforked(control, worker_id, ENOMEM);
    // Not fork(): a single thread has no use for what that does for threads and libraries in the child, and
    // every page that it writes to there is a copy.
    pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        worker_live(plan, socket);
    if (pid < 0)
        return report_unforked(control, worker_id, errno);
    worker_table_add(workers, pid, worker_id);
    return true;
}

void spawn_kill(const struct worker_table *workers, uint64_t worker_id)
{
    // Not reaped yet, so the pid is still this worker's.
    const struct worker_entry *worker = worker_table_find(workers, worker_id);
    if (worker != NULL)
        kill(worker->pid, SIGKILL);
}

bool spawn_reap(struct worker_table *workers, struct control *control)
{
    for (;;) {
        int status;
        struct rusage usage;
        pid_t pid = wait4(-1, &status, WNOHANG, &usage);
        if (pid < 0 && errno == EINTR)
            continue;
        if (pid <= 0)
            return true;
        struct worker_exit ended = {
            .wait_status = status,
            .cpu_us = us_of(usage.ru_utime) + us_of(usage.ru_stime),
            .rss_bytes = (uint64_t)usage.ru_maxrss * 1024,
        };
        // As pid 1 it also inherits orphans; a worker cannot fork, so there are none, but none is told of.
        if (worker_table_remove(workers, pid, &ended.worker_id) && !control_add_exit(control, &ended))
            return false;
    }
}
