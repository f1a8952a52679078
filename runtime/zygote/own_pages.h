// SPDX-License-Identifier: Apache-2.0
// A fork shares its parent's pages until it writes to them, and then pays a fault and a copy for each. What
// every run writes to is copied ahead instead, while the worker waits for its job, and in one call: a run
// does not wait for it, and many pages at once cost less than a fault for each. Worker, before its filter.
#pragma once

#include <stddef.h>

// The pages of start..start + length. Where the kernel cannot (before Linux 5.14) or not all of them are
// mapped, the rest is copied as it is written to.
void own_pages(void *start, size_t length);
// The pages of the stack that a run is about to use, from the caller's frame down.
void own_stack(size_t length);
