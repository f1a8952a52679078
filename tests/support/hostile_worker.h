// SPDX-License-Identifier: Apache-2.0
// One worker of the hostile zygote double. For tests.
#pragma once

// Its whole life, after fork; like a real one it dies with its zygote. `policy` "dies_idle" and "early" are
// misbehaviours before any job. Never returns.
void hostile_worker_live(int socket, const char *policy);
