// SPDX-License-Identifier: Apache-2.0
// What a thread allocates between two calls, freed at once: for code that ends its process where it stands,
// and is left by a jump instead. malloc and the like are wrapped by the linker (--wrap); who allocates keeps
// its own heap, so a sanitizer still sees every block.
#pragma once

#include <stdbool.h>

void tracked_heap_begin(void);
// Frees what is left of what was allocated since.
void tracked_heap_end(void);
// Whether the thread is inside the allocator: a signal handler must not leave it by a jump then.
bool tracked_heap_is_busy(void);
