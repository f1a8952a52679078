// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/lua_selftest.h"

#include <errno.h>
#include <lauxlib.h>
#include <lualib.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    STACK_BYTES =
        1 << 20, // enough for all that is sound, little enough for runaway recursion to show at once
    SECONDS_MAX = 10,
};

// Each ends in an error, or the process in a signal, where the bug is there.
static const struct crasher {
    const char *name;
    const char *code;
} crashers[] = {
    // A __concat metamethod that moves the stack (Debian's patch for CVE-2022-33099).
    {"concatenation with a stale stack pointer",
     "local function grow(n) if n == 0 then return 0 end return 1 + grow(n - 1) end\n"
     "local object = setmetatable({}, {__concat = function() grow(5000) return 'r' end})\n"
     "for _ = 1, 5 do\n"
     "  local s = coroutine.wrap(function() return 'a' .. 'b' .. object .. 'c' .. 'd' .. object .. 'e' "
     "end)()\n"
     "  assert(s == 'ar' or type(s) == 'string')\n"
     "end"},
    // A table weak in keys and values gets another metatable after the collector has passed it: up to 5.4.8
    // that
    // metatable is freed while in use. Seen by its contents, which others have overwritten.
    {"metatable of a weak table freed while in use",
     "local ballast = {} for i = 1, 200 do ballast[i] = {i, {}} end\n"
     "local weak = setmetatable({}, {__mode = 'kv'})\n"
     "collectgarbage('incremental', 100, 100, 4)\n"
     "for steps = 1, 400, 7 do\n"
     "  collectgarbage()\n"
     "  for i = 1, steps do collectgarbage('step', 0) end\n"
     "  setmetatable(weak, {__mode = 'kv', canary = steps})\n"
     "  for i = 1, 5000 do if collectgarbage('step', 0) then break end end\n"
     "  local others = {} for i = 1, 20 do others[i] = {a = 1, b = 2} end\n"
     "  assert(getmetatable(weak).canary == steps)\n"
     "end"},
    // Up to 5.4.8 the iterator's depth counter passes zero and no longer bounds the recursion.
    {"gmatch used again after its pattern was too complex",
     "local again = string.gmatch(('a'):rep(100000), ('a?'):rep(100000) .. 'b')\n"
     "for _ = 1, 3 do assert(not pcall(again)) end"},
    // Up to 5.4.4 coroutines that close each other recurse without bound.
    {"chain of coroutines that close each other",
     "local previous\n"
     "for _ = 1, 5000 do\n"
     "  local other = previous\n"
     "  local co = coroutine.create(function()\n"
     "    local _ <close> = setmetatable({}, {__close = function() if other then coroutine.close(other) end "
     "end})\n"
     "    coroutine.yield()\n"
     "  end)\n"
     "  coroutine.resume(co)\n"
     "  previous = co\n"
     "end\n"
     "coroutine.close(previous)"},
    // Up to 5.4.7 an error in __close can overwrite the message handler of xpcall.
    {"message handler overwritten while closing",
     "local function raise() error('raised') end\n"
     "for _ = 1, 10 do\n"
     "  local co = coroutine.wrap(function()\n"
     "    return xpcall(function()\n"
     "      local _ <close> = setmetatable({}, {__close = function() coroutine.yield() raise() end})\n"
     "      raise()\n"
     "    end, function(message) return {message} end)\n"
     "  end)\n"
     "  co()\n"
     "  local ok, message = co()\n"
     "  assert(not ok and (type(message) == 'table' or type(message) == 'string'))\n"
     "end"},
};

static int open_libraries(lua_State *L)
{
    luaL_requiref(L, LUA_GNAME, luaopen_base, 1);
    luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 1);
    luaL_requiref(L, LUA_TABLIBNAME, luaopen_table, 1);
    luaL_requiref(L, LUA_COLIBNAME, luaopen_coroutine, 1);
    lua_settop(L, 0);
    return 0;
}

static _Noreturn void run_crasher(const struct crasher *crasher)
{
    // A crash is what this is about: it must end the child, whatever handlers the process has.
    static const int deadly[] = {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE, SIGALRM};
    for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
        signal(deadly[i], SIG_DFL);
    alarm(SECONDS_MAX);
    struct rlimit stack;
    if (getrlimit(RLIMIT_STACK, &stack) == 0 && stack.rlim_cur > STACK_BYTES) {
        stack.rlim_cur = STACK_BYTES;
        setrlimit(RLIMIT_STACK, &stack);
    }
    lua_State *L = luaL_newstate();
    if (L == NULL)
        _exit(2);
    lua_pushcfunction(L, open_libraries);
    bool sound = lua_pcall(L, 0, 0, 0) == LUA_OK &&
                 luaL_loadbufferx(L, crasher->code, strlen(crasher->code), "=selftest", "t") == LUA_OK &&
                 lua_pcall(L, 0, 0, 0) == LUA_OK;
    _exit(sound ? 0 : 1);
}

static bool withstands(const struct crasher *crasher, struct error *err)
{
    pid_t child = fork();
    if (child < 0)
        return error_system(err, errno, "the interpreter's self-test cannot fork");
    if (child == 0)
        run_crasher(crasher);
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return error_system(err, errno, "the interpreter's self-test lost its child");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    return error_set(err, ERROR_UNSUPPORTED, "%s has a known memory-safety bug: %s", LUA_RELEASE,
                     crasher->name);
}

bool lua_selftest(struct error *err)
{
    for (size_t i = 0; i < sizeof(crashers) / sizeof(crashers[0]); i++)
        if (!withstands(&crashers[i], err))
            return false;
    return true;
}
