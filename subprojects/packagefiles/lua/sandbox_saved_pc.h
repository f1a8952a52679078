// SPDX-License-Identifier: Apache-2.0
// Read before lvm.c: table constructors tell where they are before they allocate, as all other instructions that
// allocate do. Upstream leaves that out, so that a memory limit reached there, and what a profile tells of it, would
// name a line that ran before. `ci` and `pc` are the interpreter loop's own.
#pragma once

#define LUA_CORE
#include "lprefix.h"

#include "ltable.h"

#define luaH_new(L) (ci->u.l.savedpc = pc, luaH_new(L))
#define luaH_resizearray(L, t, size) (ci->u.l.savedpc = pc, luaH_resizearray(L, t, size))
