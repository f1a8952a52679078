// SPDX-License-Identifier: Apache-2.0
// What cannot be told from inside a worker: how the kernel shows it to the host.
#pragma once

#include "sandboxctl/doctor_report.h"

// Looks at the worker of this process that has the number `inner_pid` in its own pid namespace, and adds its
// checks to the report. Where /proc hides it, the one check added says so, and holds: nothing was found.
void doctor_look_from_outside(int64_t inner_pid, struct doctor_report *report);
