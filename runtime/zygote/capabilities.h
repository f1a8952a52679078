// SPDX-License-Identifier: Apache-2.0
// Layer capabilities: every set empty, the bounding set too, and securebits locked so that no uid brings one
// back. By raw system calls: no library to trust.
#pragma once

#include "runtime/protocol/isolation.h"

#include <stdbool.h>

// Makes what is permitted effective again, after the change of uid cleared it. errno tells why it failed.
bool capabilities_raise(void);

void capabilities_drop(struct layer_report *report);
