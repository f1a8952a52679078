// SPDX-License-Identifier: Apache-2.0
// Ways out of a worker, as native code that took one over would try them. Each is tried in a fresh worker
// behind the real confinement, and must fail.
#pragma once

#include <stddef.h>
#include <sys/types.h>

// Stands for an argument that is known only when an attempt is made: another worker of the same zygote.
#define VICTIM_PID (-7001L)

struct attempt {
    const char *group;
    const char *name;
    long number;       // of the system call that must be refused; NO_CALL if none is
    long arguments[6]; // ignored when `act` is set
    // For what takes more than one call: 0 when it got what it wanted, otherwise an errno.
    int (*act)(pid_t victim);
    // Why it may succeed where there is no filter; NULL: the other layers hold by themselves.
    const char *filter_only;
    // Told by the kernel as another architecture's: the filter ends the process without naming the call.
    int foreign;
};

enum { NO_CALL = -1000 };

#define POINTER(object) ((long)(object))

struct attempts {
    const struct attempt *rows;
    size_t count;
};

struct attempts attempts_on_files(void);
struct attempts attempts_on_network(void);
struct attempts attempts_on_processes(void);
struct attempts attempts_on_rights(void);
struct attempts attempts_on_memory(void);
struct attempts attempts_on_kernel(void);

#define ATTEMPTS(table) ((struct attempts){.rows = (table), .count = sizeof(table) / sizeof *(table)})
