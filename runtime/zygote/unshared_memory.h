// SPDX-License-Identifier: Apache-2.0
// Memory of the zygote that its workers do not get: what it keeps of other workers is none of their business,
// and a page that fork does not share need not be copied when it is next written to.
#pragma once

#include <stddef.h>

// Zeroed, in whole pages. NULL without memory.
void *unshared_memory_new(size_t size);
// `memory` may be NULL.
void unshared_memory_free(void *memory, size_t size);
