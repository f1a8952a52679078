// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/confine.h"
#include "tests/attacks/probe_confine.h"

const bool probe_is_filtered = true;

void probe_confine(int socket, const struct seccomp_program *program)
{
    confine_worker(socket, 1000, program);
}
