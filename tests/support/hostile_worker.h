// SPDX-License-Identifier: Apache-2.0
// One worker of the hostile zygote double. For tests.
#pragma once

#include <sys/types.h>

// Its whole life, after fork; like a real one it dies with its zygote, `parent`. `policy` "dies_idle" and
// "early" are misbehaviours before any job. Never returns.
void hostile_worker_live(int socket, const char *policy, pid_t parent);
