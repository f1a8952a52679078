// SPDX-License-Identifier: Apache-2.0
// Layer seccomp: the list of system calls that a worker may make, compiled by libseccomp once in the zygote
// and loaded as ready bytes in every worker. Every other call is trapped (seccomp_trap.h names it); a call
// of another architecture kills the process. Never missing.
#pragma once

#include "base/error.h"

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

struct seccomp_program {
    struct sock_filter *instructions; // owned
    uint16_t length;                  // in instructions
};

// Compiles the built-in list and `allowed`, which a policy adds. ERROR_INVALID if that names a call that no
// policy may allow. In the zygote.
bool seccomp_program_compile(const uint16_t *allowed, uint32_t allowed_count,
                             struct seccomp_program *ret_program, struct error *err);
void seccomp_program_free(struct seccomp_program *program);

// Hands the program to the kernel for the calling process, for good. no_new_privs must be set. Nothing but
// one system call, so it is fit for a fresh worker. False with errno.
bool seccomp_program_load(const struct seccomp_program *program);

// True for a call that no policy may allow, by its number on this architecture.
bool seccomp_never_allowed(int number);
