// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/seccomp_self_test.h"

#include "runtime/protocol/exit_codes.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    // An operation that seccomp(2) does not have: harmless should it ever reach the kernel.
    NO_SUCH_OPERATION = 0x7fffffff,
    NOT_DENIED = 1,
};

_Noreturn static void probe(const struct seccomp_program *program, enum seccomp_mode mode)
{
    if (!seccomp_program_load(program))
        _exit(EXIT_CONFINEMENT);
    // Enforce: the handler ends the process here.
    long result = syscall(SYS_seccomp, NO_SUCH_OPERATION, 0, NULL);
    bool refused = mode == SECCOMP_MODE_AUDIT_CALLS && result == -1 && errno == EPERM;
    _exit(refused ? EXIT_SYSCALL_DENIED : NOT_DENIED);
}

bool seccomp_self_test_begin(const struct seccomp_program *program, enum seccomp_mode mode, pid_t *ret_child,
                             struct error *err)
{
    pid_t child = fork();
    if (child < 0)
        return error_system(err, errno, "seccomp: cannot fork for the self-test");
    if (child == 0)
        probe(program, mode);
    *ret_child = child;
    return true;
}

bool seccomp_self_test_end(pid_t child, struct error *err)
{
    int status;
    while (waitpid(child, &status, 0) != child) {
        if (errno != EINTR)
            return error_system(err, errno, "seccomp: cannot wait for the self-test");
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SYSCALL_DENIED)
        return error_set(err, ERROR_UNSUPPORTED,
                         "seccomp: this kernel does not enforce the filter (self-test ended with status %#x)",
                         (unsigned)status);
    return true;
}
