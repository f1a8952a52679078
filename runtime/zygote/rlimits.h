// SPDX-License-Identifier: Apache-2.0
// Layer rlimits: the last line behind the limits that a worker keeps itself. Hard limits, so that nothing
// raises them again. Never missing.
#pragma once

#include "runtime/protocol/isolation.h"
#include "runtime/protocol/job_messages.h"
#include "runtime/protocol/zygote_messages.h"

#include <stdbool.h>
#include <stdint.h>

// In the zygote, inherited by every worker: address space, stack, and nothing of files, locked memory,
// message queues, core files and priorities. The maxima of `setup` are those of any run.
void rlimits_set_for_zygote(const struct zygote_setup *setup, struct layer_report *report);

// In a worker besides: CPU time above the largest limit of any run, no new process and no new descriptor.
// The zygote itself needs those. False with errno if one was refused.
bool rlimits_set_for_worker(uint64_t cpu_ms_max);

// What the calling process may have at most, in bytes: a rise would be refused.
uint64_t rlimits_address_space(void);

// In a confined worker that has its job, `job_bytes` long, and has run nothing of it: no more address space
// than the run can need (runtime/protocol/worker_memory.h) nor than `most`, for good, whatever becomes of the
// interpreter. One system call. False with errno if it was refused.
bool rlimits_set_for_run(const struct job *job, uint64_t job_bytes, uint64_t most);
