// SPDX-License-Identifier: Apache-2.0
// How much of the host's memory a run may take at most: what the engine books for it, and what the kernel
// holds its worker to. Pure; any process, any thread.
//
// A memory limit counts what Lua asked for. Besides there are, for each block, eight bytes for its number and
// the C library's own, which are most for the smallest: 1.7 times the limit for tables of one slot and one
// field, 1.65 for closures. And there are the holes between blocks that live: plugins that leave them on
// purpose, sizes growing fourfold, had 2.47 times their limit resident (glibc 2.36; tests/integration/
// test_attacks.py runs one). A call stack may be beyond the limit besides (STACK_OVERDRAFT_MAX).
#pragma once

#include "runtime/protocol/limits.h"

#include <stdbool.h>
#include <stdint.h>

// What a worker may take for itself, in bytes; saturates. `job_bytes`: the code and context of the run.
// `profile`: it is sampled, for which its worker has memory of its own.
uint64_t worker_memory_max(const struct run_limits *limits, uint64_t job_bytes, bool profile);
// Likewise, with what it shares with its zygote: RLIMIT_AS, and no worker has more than that resident.
uint64_t worker_address_space_max(const struct run_limits *limits, uint64_t job_bytes, bool profile);
