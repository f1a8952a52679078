// SPDX-License-Identifier: Apache-2.0
// As if a hole in the filter let every call through: the layers behind it must hold by themselves. Takes the
// place of confine_worker when sandbox-probe-unfiltered is linked, and of nothing else.
#include "runtime/probe/probe.h"
#include "runtime/protocol/exit_codes.h"
#include "runtime/zygote/confine.h"
#include "runtime/zygote/descriptors.h"
#include "runtime/zygote/rlimits.h"

#include <sys/resource.h>
#include <unistd.h>

enum { ATTEMPT_CPU_MS = 1000 };

void __wrap_confine_worker(int socket, uint64_t cpu_ms_max, const struct seccomp_program *program);

void __wrap_confine_worker(int socket, uint64_t cpu_ms_max, const struct seccomp_program *program)
{
    (void)cpu_ms_max;
    (void)program;
    if (!descriptors_keep_as_zero(socket))
        _exit(EXIT_CONFINEMENT);
}

void probe_prepare(const struct attempt *attempt)
{
    // Without descriptors nothing could be opened, and what refuses it behind that would never be asked.
    const struct rlimit none = {0, 0};
    bool limited = attempt != NULL && attempt->takes_descriptor ? setrlimit(RLIMIT_NPROC, &none) == 0
                                                                : rlimits_set_for_worker(ATTEMPT_CPU_MS);
    if (!limited)
        _exit(EXIT_CONFINEMENT);
}
