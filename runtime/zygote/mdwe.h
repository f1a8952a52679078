// SPDX-License-Identifier: Apache-2.0
// Layer mdwe (memory-deny-write-execute, Linux 6.3): no mapping is ever both writable and executable, nor
// becomes executable after it was made. Workers inherit it.
#pragma once

#include "runtime/protocol/isolation.h"

void mdwe_set(struct layer_report *report);
