// SPDX-License-Identifier: Apache-2.0
// Names of the system calls of the architecture this was built for, from the compiler's own headers. For
// denied calls in results and for names in policies. Async-signal-safe; any process.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// "openat"; NULL for a number that these headers do not know.
const char *syscall_name(uint32_t number);
bool syscall_by_name(const char *name, size_t length, uint16_t *ret_number);

// All names in alphabetical order, for "did you mean". index < syscall_names_count().
size_t syscall_names_count(void);
const char *syscall_names_at(size_t index);
