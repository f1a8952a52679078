// SPDX-License-Identifier: Apache-2.0
// Layer no_new_privs: no exec of this process or its children ever gains a privilege. Never missing.
#pragma once

#include "runtime/protocol/isolation.h"

void no_new_privs_set(struct layer_report *report);
