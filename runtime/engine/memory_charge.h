// SPDX-License-Identifier: Apache-2.0
// How much of the host's memory a run may take at most: what the memory budget is charged. Pure; any thread.
//
// A memory limit counts what Lua asked for. Besides there are, for each block, eight bytes for its number and
// the C library's own, which are most for the smallest: 1.7 times the limit for tables of one slot and one
// field, 1.65 for closures. And there are the holes between blocks that live: plugins that leave them on
// purpose, sizes growing fourfold, had 2.47 times their limit resident (glibc 2.36; tests/integration/
// test_attacks.py runs one). A call stack may be beyond the limit besides (STACK_OVERDRAFT_MAX). The kernel
// holds a worker to twice the largest limit that its policy lets a run have and 64 MiB
// (runtime/zygote/rlimits.c), which is less than 2.5 times any such limit above 128 MiB.
#pragma once

#include "runtime/protocol/limits.h"

#include <stdbool.h>
#include <stdint.h>

// In bytes; saturates. `job_bytes`: the code and context of the run. `profile`: it is sampled, for which its
// worker has memory of its own.
uint64_t memory_charge(const struct run_limits *limits, uint64_t job_bytes, bool profile);
