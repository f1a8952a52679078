// SPDX-License-Identifier: Apache-2.0
// The one thing about a trapped system call that differs between architectures: where its result goes.
#pragma once

#include <ucontext.h>

// Sets what the interrupted system call returns to its caller. `context` is a signal handler's third
// argument.
static inline void syscall_context_set_result(void *context, long result)
{
    ucontext_t *interrupted = context;
#if defined(__x86_64__)
    interrupted->uc_mcontext.gregs[REG_RAX] = result;
#elif defined(__aarch64__)
    interrupted->uc_mcontext.regs[0] = (unsigned long long)result;
#else
#error "tell here where a system call's result is on this architecture"
#endif
}
