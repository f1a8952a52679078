// SPDX-License-Identifier: Apache-2.0
// Layer descriptors: nothing inherited stays open but the one socket that is needed.
#pragma once

#include "runtime/protocol/isolation.h"

#include <stdbool.h>

// In the zygote: closes all but `keep`.
void descriptors_close_all_but(int keep, struct layer_report *report);

// In a worker: `socket` becomes descriptor 0 and the only one. Not 1 or 2, so that no stray print is ever
// taken for a frame. False with errno if that failed.
bool descriptors_keep_as_zero(int socket);
