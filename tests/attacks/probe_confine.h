// SPDX-License-Identifier: Apache-2.0
// The one difference between the two probes, chosen at link time so that no product code knows of it.
#pragma once

#include "runtime/zygote/seccomp_filter.h"

#include <stdbool.h>

extern const bool probe_is_filtered;

// Confines a fresh worker: whole, or (in a test executable only) without its filter.
void probe_confine(int socket, const struct seccomp_program *program);
