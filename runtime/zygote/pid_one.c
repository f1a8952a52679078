// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/pid_one.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

// The kernel sends a parent-death signal when the *thread* that started the child ends, which need not be
// the end of the engine. So it is a signal that can be looked into, not SIGKILL. And the engine asks for the
// end by a signal that leaves the outer process to reap the inner one: as an orphan it would be left to
// whoever is pid 1, and in many containers that is nobody who reaps, or sandboxd itself.
enum { PARENT_SIGNAL = SIGUSR1, END_SIGNAL = SIGTERM };

static sigset_t awaited(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, PARENT_SIGNAL);
    sigaddset(&set, END_SIGNAL);
    sigaddset(&set, SIGCHLD);
    return set;
}

static bool watch_parent(pid_t engine, struct error *err)
{
    sigset_t set = awaited();
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0 || prctl(PR_SET_PDEATHSIG, PARENT_SIGNAL, 0, 0, 0) != 0)
        return error_system(err, errno, "cannot watch the engine's process");
    if (getppid() != engine)
        return error_set(err, ERROR_CLOSED, "the engine is gone");
    return true;
}

_Noreturn static void pass_on(int wait_status)
{
    if (WIFEXITED(wait_status))
        _exit(WEXITSTATUS(wait_status));
    // Ends in the same way, so that the engine sees the signal: unblocked, default, no core.
    int number = WTERMSIG(wait_status);
    sigset_t set;
    sigemptyset(&set);
    signal(number, SIG_DFL);
    sigprocmask(SIG_SETMASK, &set, NULL);
    kill(getpid(), number);
    _exit(128 + number);
}

_Noreturn static void wait_for(pid_t inner, pid_t engine)
{
    sigset_t set = awaited();
    for (;;) {
        int status;
        pid_t ended = waitpid(inner, &status, WNOHANG);
        if (ended == inner)
            pass_on(status);
        if (ended < 0 && errno != EINTR)
            _exit(EXIT_FAILURE);
        // Leaving is enough: the inner process has this one's end as its own.
        if (getppid() != engine)
            _exit(EXIT_FAILURE);
        if (sigwaitinfo(&set, NULL) == END_SIGNAL)
            kill(inner, SIGKILL);
    }
}

bool pid_one_fork(pid_t engine, int control_fd, struct error *err)
{
    if (!watch_parent(engine, err))
        return false;
    pid_t outer = getpid();
    pid_t inner = fork();
    if (inner < 0)
        return error_system(err, errno, "cannot fork the zygote's inner process");
    if (inner > 0) {
        // The engine must see the end of the control socket when the inner process ends.
        close(control_fd);
        wait_for(inner, engine);
    }
    // Only this one: SIGCHLD stays blocked, as the zygote's loop has it.
    sigset_t end;
    sigemptyset(&end);
    sigaddset(&end, END_SIGNAL);
    sigprocmask(SIG_UNBLOCK, &end, NULL);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
        return error_system(err, errno, "cannot watch the outer process");
    // Inside a pid namespace the parent's number is 0, and 0 it stays; the control socket tells then.
    pid_t parent = getppid();
    if (parent != 0 && parent != outer)
        return error_set(err, ERROR_CLOSED, "the outer process is gone");
    return true;
}
