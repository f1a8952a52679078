// SPDX-License-Identifier: Apache-2.0
// The real zygote, worker and interpreter, with one hole: os.clock does whatever native code could. It stands
// for a plugin that has broken the interpreter and runs its own machine code, so that tests over HTTP can
// show what the confinement behind it holds. Linked with -Wl,--wrap=plugin_os_clock. Never installed.
//
//   os.clock()                              as the real one
//   os.clock("syscall", number, a1 ... a6)  makes the call; arguments are integers, or texts by their address
//   os.clock("bytes", text)                 writes raw bytes to every descriptor that takes them
//   os.clock("exit", code)                  ends the process without a word
//   os.clock("fault")                       writes to address 0
//   os.clock("trap")                        executes an illegal instruction
//   os.clock("block", signal)               returns what blocking a signal gives: its error number, 0 if it
//   did
#include <lauxlib.h>
#include <lua.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ARGUMENTS = 6, DESCRIPTORS = 16 };

int __real_plugin_os_clock(lua_State *L);
int __wrap_plugin_os_clock(lua_State *L);

static long argument(lua_State *L, int index)
{
    if (lua_type(L, index) == LUA_TSTRING)
        return (long)lua_tostring(L, index);
    return (long)luaL_optinteger(L, index, 0);
}

static int do_syscall(lua_State *L)
{
    long a[ARGUMENTS];
    for (int i = 0; i < ARGUMENTS; i++)
        a[i] = argument(L, 3 + i);
    errno = 0;
    long result = syscall((long)luaL_checkinteger(L, 2), a[0], a[1], a[2], a[3], a[4], a[5]);
    lua_pushinteger(L, result);
    lua_pushinteger(L, errno);
    return 2;
}

static int do_bytes(lua_State *L)
{
    size_t length;
    const char *bytes = luaL_checklstring(L, 2, &length);
    lua_Integer taken = 0;
    for (int fd = 0; fd < DESCRIPTORS; fd++)
        taken += write(fd, bytes, length) > 0;
    lua_pushinteger(L, taken);
    return 1;
}

static int do_exit(lua_State *L)
{
    _exit((int)luaL_optinteger(L, 2, 0));
}

static int do_fault(lua_State *L)
{
    (void)L;
    *(volatile int *)0 = 1;
    return 0;
}

static int do_trap(lua_State *L)
{
    (void)L;
    __builtin_trap();
}

static int do_block(lua_State *L)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, (int)luaL_checkinteger(L, 2));
    lua_pushinteger(L, sigprocmask(SIG_BLOCK, &set, NULL) == 0 ? 0 : errno);
    return 1;
}

static const luaL_Reg verbs[] = {
    {"syscall", do_syscall}, {"bytes", do_bytes}, {"exit", do_exit},
    {"fault", do_fault},     {"trap", do_trap},   {"block", do_block},
};

int __wrap_plugin_os_clock(lua_State *L)
{
    const char *verb = lua_tostring(L, 1);
    for (size_t i = 0; verb != NULL && i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verbs[i].name, verb) == 0)
            return verbs[i].func(L);
    return __real_plugin_os_clock(L);
}
