// SPDX-License-Identifier: Apache-2.0
// Tries the known memory-safety bugs of Lua 5.4's releases on the interpreter that this program was built
// with. Zygote at start-up, single-threaded: each attempt runs in a forked child, so a crash costs only that.
#pragma once

#include "base/error.h"

#include <stdbool.h>

// True if the interpreter withstands all of them; else `err` names the first that it does not. Takes a few
// milliseconds. An attempt that cannot be made (no fork) fails too. Children are reaped here; SIGCHLD may be
// pending afterwards.
bool lua_selftest(struct error *err);
