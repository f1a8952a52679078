// SPDX-License-Identifier: Apache-2.0
// What of a trapped system call differs between architectures: where its argument and its result are.
// `context` is a signal handler's third argument.
#pragma once

#include <ucontext.h>

// Sets what the interrupted system call returns to its caller.
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

static inline unsigned long syscall_context_first_argument(const void *context)
{
    const ucontext_t *interrupted = context;
#if defined(__x86_64__)
    return (unsigned long)interrupted->uc_mcontext.gregs[REG_RDI];
#else
    return (unsigned long)interrupted->uc_mcontext.regs[0];
#endif
}
