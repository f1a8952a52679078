// SPDX-License-Identifier: Apache-2.0
// Read before lvm.c: how it counts instructions. While a hook is set, the interpreter's loop calls luaG_traceexec
// before each instruction, nearly always only for it to count one down. Here that is done in the loop itself, and
// the call is left for when there is more to do. A counted run takes about half the time.
#pragma once

#define LUA_CORE
#include "lprefix.h"

#include "ldebug.h"
#include "lstate.h"

static inline int sandbox_traceexec(lua_State *L, const Instruction *pc)
{
    if (L->hookmask != LUA_MASKCOUNT || L->hookcount <= 1)
        return luaG_traceexec(L, pc);
    L->hookcount--;
    return 1; // the trap stays on
}

#define luaG_traceexec(L, pc) sandbox_traceexec(L, pc)
