// SPDX-License-Identifier: Apache-2.0
// Layer not_dumpable: no core file, and no process of the same user may attach to this one or read its
// memory through /proc. Workers inherit it.
#pragma once

#include "runtime/protocol/isolation.h"

void not_dumpable_set(struct layer_report *report);
