// SPDX-License-Identifier: Apache-2.0
// System calls that no policy can allow: each would give a worker a way out, or undo a layer. One table,
// each with its reason. Any thread.
#pragma once

#include "base/bytes.h"

#include <stddef.h>

struct forbidden_syscall {
    const char *name;
    const char *reason; // "starts another program": completes "it can't be allowed: it ..."
};

extern const struct forbidden_syscall forbidden_syscall_table[];
extern const size_t forbidden_syscall_count;

// NULL if `name` may be allowed.
const struct forbidden_syscall *forbidden_syscall_find(struct bytes name);
