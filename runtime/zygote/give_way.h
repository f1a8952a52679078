// SPDX-License-Identifier: Apache-2.0
// Workers whose run lasts give way to those whose run has just begun, so that a short run's time does not
// depend on how many others spin beside it. Lowering needs no privilege, and cannot be undone without one;
// the worker itself has neither the system call nor the right. In the zygote only.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

// Makes a worker nicer than the zygote by `nice_by`, so that it gets less of a core that others want too; and
// gives it longer turns than theirs, so that whoever wakes up interrupts it at once instead of after its turn
// (Linux 6.12; before, only its share shrinks). False where the host forbids it: the run goes on as before.
bool give_way_to_others(pid_t worker, unsigned nice_by);
