// SPDX-License-Identifier: Apache-2.0
// As if a hole in the filter let every call through: the layers behind it must hold by themselves.
#include "runtime/protocol/exit_codes.h"
#include "runtime/zygote/descriptors.h"
#include "runtime/zygote/rlimits.h"
#include "tests/attacks/probe_confine.h"

#include <unistd.h>

const bool probe_is_filtered = false;

void probe_confine(int socket, const struct seccomp_program *program)
{
    (void)program;
    if (!descriptors_keep_as_zero(socket) || !rlimits_set_for_worker(1000))
        _exit(EXIT_CONFINEMENT);
}
