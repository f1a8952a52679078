// SPDX-License-Identifier: Apache-2.0
// random.bytes: what nobody can predict, for tokens and keys; math.random follows the run's seed. The only
// function that needs a system call which workers have not got by themselves.
#include "runtime/lua/functions.h"

#include <errno.h>
#include <lauxlib.h>
#include <sys/syscall.h>
#include <unistd.h>

// So much comes whole or not at all: no signal cuts such a call short (getrandom(2)).
enum { RANDOM_BYTES_MAX = 256 };

int plugin_random_bytes(lua_State *L)
{
    char bytes[RANDOM_BYTES_MAX];
    lua_Integer count = luaL_checkinteger(L, 1);
    luaL_argcheck(L, count >= 1 && count <= RANDOM_BYTES_MAX, 1, "expected 1 to 256");
    long got;
    // Not the C library's: since glibc 2.41 that maps memory of a special kind first.
    do
        got = syscall(SYS_getrandom, bytes, (size_t)count, 0);
    while (got < 0 && errno == EINTR);
    if (got != count)
        return luaL_error(L, errno == EPERM ? "the policy does not allow the system call getrandom"
                                            : "the system has no random bytes to give");
    lua_pushlstring(L, bytes, (size_t)count);
    return 1;
}
