// SPDX-License-Identifier: Apache-2.0
// This process as the kernel sees it.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct process_figures {
    double cpu_seconds;
    uint64_t resident_bytes;
    uint64_t virtual_bytes;
    uint64_t open_fds;
    uint64_t max_fds;
};

// False if /proc cannot be read; then nothing is set.
bool process_read_figures(struct process_figures *ret_figures);

// How many cores this process may use; 0 if that cannot be found out.
uint32_t process_cores(void);

// Raises the soft limit of open descriptors to the hard one.
void process_raise_descriptor_limit(void);
