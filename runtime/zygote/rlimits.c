// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/rlimits.h"

#include "runtime/protocol/worker_memory.h"
#include "runtime/zygote/layer.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MIB (UINT64_C(1) << 20)

// The zygote's books, and what it tries the interpreter and the filter with.
#define ADDRESS_SPACE_OF_ZYGOTE (64 * MIB)
// Lua takes 0.4 MiB of C stack, but where a pattern is the message handler of its own error
// (tests/attacks/recursion/matcher_as_message_handler.lua) under 3 MiB as gcc compiles it with -O2, under 5
// MiB with -O3 or by clang.
#define STACK_BYTES (6 * MIB)
// The control socket, a full batch of workers' sockets, and a few on the way.
#define ZYGOTE_DESCRIPTORS (2 * SPAWN_BATCH_MAX)

// Never above what the process was given: a lower hard limit of the host's stays.
static bool set_hard(int resource, rlim_t soft, rlim_t hard)
{
    struct rlimit limit = {0};
    // Nothing is lower than nothing: every worker asks for it twice.
    if (hard == 0)
        return setrlimit(resource, &limit) == 0;
    if (getrlimit(resource, &limit) != 0)
        return false;
    if (limit.rlim_max == RLIM_INFINITY || hard < limit.rlim_max)
        limit.rlim_max = hard;
    limit.rlim_cur = soft < limit.rlim_max ? soft : limit.rlim_max;
    return setrlimit(resource, &limit) == 0;
}

// What the run that may have most can take, and the zygote itself.
static uint64_t address_space_of(const struct zygote_setup *setup)
{
    const struct run_limits most = {
        .value = {
            [LIMIT_MEMORY_BYTES] = setup->memory_bytes_max, [LIMIT_OUTPUT_BYTES] = setup->output_bytes_max}};
    uint64_t bytes = worker_address_space_max(&most, setup->job_bytes_max, true);
    return bytes < UINT64_MAX - ADDRESS_SPACE_OF_ZYGOTE ? bytes + ADDRESS_SPACE_OF_ZYGOTE : UINT64_MAX;
}

void rlimits_set_for_zygote(const struct zygote_setup *setup, struct layer_report *report)
{
    const struct {
        int resource;
        uint64_t value;
        const char *name;
    } rows[] = {
        {RLIMIT_AS, address_space_of(setup), "AS"},
        {RLIMIT_STACK, STACK_BYTES, "STACK"},
        {RLIMIT_NOFILE, ZYGOTE_DESCRIPTORS, "NOFILE"},
        {RLIMIT_FSIZE, 0, "FSIZE"},
        {RLIMIT_CORE, 0, "CORE"},
        {RLIMIT_MEMLOCK, 0, "MEMLOCK"},
        {RLIMIT_MSGQUEUE, 0, "MSGQUEUE"},
        {RLIMIT_LOCKS, 0, "LOCKS"},
        {RLIMIT_NICE, 0, "NICE"},
        {RLIMIT_RTPRIO, 0, "RTPRIO"},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!set_hard(rows[i].resource, rows[i].value, rows[i].value)) {
            layer_missing(report, errno, "cannot set RLIMIT_%s", rows[i].name);
            return;
        }
    }
    layer_active(report);
}

bool rlimits_set_for_worker(uint64_t cpu_ms_max)
{
    // Whole seconds, one of them for the worker to tell its story; at the hard limit comes SIGKILL.
    rlim_t seconds = cpu_ms_max / 1000 + 2;
    return set_hard(RLIMIT_CPU, seconds, seconds + 1) && set_hard(RLIMIT_NPROC, 0, 0) &&
           set_hard(RLIMIT_NOFILE, 0, 0);
}

uint64_t rlimits_address_space(void)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_AS, &limit) == 0 ? limit.rlim_max : RLIM_INFINITY;
}

bool rlimits_set_for_run(const struct job *job, uint64_t job_bytes, uint64_t most)
{
    uint64_t bytes = worker_address_space_max(&job->limits, job_bytes, job->profile);
    bytes = bytes < most ? bytes : most;
    const struct rlimit limit = {.rlim_cur = bytes, .rlim_max = bytes};
    // Not libc's, which makes another call of it: one that takes a process.
    return syscall(SYS_setrlimit, RLIMIT_AS, &limit) == 0;
}
