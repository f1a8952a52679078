// SPDX-License-Identifier: Apache-2.0
#include "runtime/protocol/worker_memory.h"

enum {
    HALVES_OF_LIMIT = 5,     // 2.5 times, measured
    COPIES = 3,              // a buffer that grows is there in both sizes, and a frame is a copy
    WORKER_ITSELF = 6 << 20, // the pages that a worker does not share with its zygote, its C stack at most
    PROFILE_BYTES = 1 << 20, // struct profiler of runtime/lua, with all its tables full
    // Program, image and kernel's pages take under 3 MiB; others' builds and architectures have room.
    SHARED_BYTES = 16 << 20,
};

static uint64_t add_times(uint64_t sum, uint64_t bytes, uint64_t times)
{
    uint64_t product, total;
    return __builtin_mul_overflow(bytes, times, &product) || __builtin_add_overflow(sum, product, &total)
               ? UINT64_MAX
               : total;
}

uint64_t worker_memory_max(const struct run_limits *limits, uint64_t job_bytes, bool profile)
{
    uint64_t worker = WORKER_ITSELF + (profile ? PROFILE_BYTES : 0);
    uint64_t limit = limits->value[LIMIT_MEMORY_BYTES];
    uint64_t bytes = add_times(worker, (limit + 1) / 2, HALVES_OF_LIMIT);
    bytes = add_times(bytes, limit < STACK_OVERDRAFT_MAX ? limit : STACK_OVERDRAFT_MAX, 1);
    bytes = add_times(bytes, limits->value[LIMIT_OUTPUT_BYTES], COPIES);
    return add_times(bytes, job_bytes, COPIES);
}

uint64_t worker_address_space_max(const struct run_limits *limits, uint64_t job_bytes, bool profile)
{
    return add_times(worker_memory_max(limits, job_bytes, profile), SHARED_BYTES, 1);
}
