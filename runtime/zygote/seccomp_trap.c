// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/seccomp_trap.h"

#include "base/fd.h"
#include "runtime/protocol/exit_codes.h"
#include "runtime/protocol/job_messages.h"
#include "runtime/zygote/syscall_context.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// The exception to "no mutable file-scope variables": what the signal handlers must find. `trap` is written
// once in the zygote, the rest by the handlers.
static struct {
    const struct seccomp_trap *trap;
    volatile sig_atomic_t telling; // a frame is being made
    uint32_t number;               // of the call that it tells of
} state;

static void tell(uint32_t number, bool with_stack)
{
    struct denied_syscall denied = {.number = number};
    if (with_stack && state.trap->stack != NULL)
        denied.traceback_count = state.trap->stack(state.trap->image, denied.traceback, TRACEBACK_MAX);
    char frame[DENIED_FRAME_BYTES_MAX];
    fd_write_all(state.trap->socket, frame, denied_syscall_encode(frame, sizeof frame, &denied), NULL);
}

// The C library found a broken heap or stack, or a bug of ours was found, and it is about to abort: it writes
// to standard error, or unblocks SIGABRT. Nothing else in a worker does. That is a crash, not a call that
// was tried.
static bool is_abort(uint32_t number, const void *context)
{
    unsigned long first = syscall_context_first_argument(context);
    return (number == SYS_writev && first == STDERR_FILENO) ||
           (number == SYS_rt_sigprocmask && first == SIG_UNBLOCK);
}

static void on_denied_syscall(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    uint32_t number = (uint32_t)info->si_syscall;
    if (state.trap->mode == SECCOMP_MODE_AUDIT_CALLS) {
        int saved = errno;
        tell(number, false);
        errno = saved;
        syscall_context_set_result(context, -EPERM);
        return;
    }
    if (is_abort(number, context))
        __builtin_trap();
    state.number = number;
    state.telling = 1;
    tell(number, true);
    _exit(EXIT_SYSCALL_DENIED);
}

// Only for a stack that cannot be read: then the call is told without it. Any other fault comes back at
// once, with the default action in force again (SA_RESETHAND), and ends the worker as the crash it is.
static void on_fault(int signal)
{
    (void)signal;
    if (!state.telling)
        return;
    tell(state.number, false);
    _exit(EXIT_SYSCALL_DENIED);
}

bool seccomp_trap_install(const struct seccomp_trap *trap, struct error *err)
{
    state.trap = trap;
    // SA_NODEFER nowhere: nothing a handler does may be denied, and if it is, the kernel ends the worker.
    struct sigaction denied = {.sa_sigaction = on_denied_syscall, .sa_flags = SA_SIGINFO};
    struct sigaction fault = {.sa_handler = on_fault, .sa_flags = (int)SA_RESETHAND};
    // The limits' timer must not cut into a frame that is being told.
    sigfillset(&denied.sa_mask);
    sigdelset(&denied.sa_mask, SIGSEGV);
    sigdelset(&denied.sa_mask, SIGBUS);
    sigfillset(&fault.sa_mask);
    if (sigaction(SIGSYS, &denied, NULL) != 0 || sigaction(SIGSEGV, &fault, NULL) != 0 ||
        sigaction(SIGBUS, &fault, NULL) != 0)
        return error_system(err, errno, "cannot install the handler for denied system calls");
    return true;
}
