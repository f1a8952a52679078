// SPDX-License-Identifier: Apache-2.0
// Modules of a bundle. Worker only.
#pragma once

#include "base/bytes.h"

#include <lua.h>

// Remembers that the chunk on top of the stack, which is about to be called, is the module called `name`.
void require_begin(lua_State *L, struct bytes name);
