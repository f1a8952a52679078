// SPDX-License-Identifier: Apache-2.0
// The floor under P1 and P2: what one run costs when nothing is done but what cannot be left out. A static
// process forks; the child loads the same filter as a worker, runs the same trivial Lua and exits; the parent
// reaps it. No HTTP, no job, no result, no limits.
//
//   floor IN_FLIGHT SECONDS
//
// With more than one in flight: runs per second. With one: another child is forked ahead, as the engine does;
// a run's latency counts from the byte that wakes its child, over the fork of the next one, to its reaping.
#include "base/clock.h"
#include "runtime/zygote/no_new_privs.h"
#include "runtime/zygote/seccomp_filter.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LATENCIES_MAX = 1 << 20 };

struct floor {
    lua_State *lua;
    struct seccomp_program program;
};

// With the libraries that a worker's environment is made of, so that a child has as many pages to copy.
static void prepare(struct floor *floor)
{
    static const luaL_Reg libraries[] = {
        {LUA_GNAME, luaopen_base},       {LUA_TABLIBNAME, luaopen_table}, {LUA_STRLIBNAME, luaopen_string},
        {LUA_MATHLIBNAME, luaopen_math}, {LUA_UTF8LIBNAME, luaopen_utf8}, {LUA_COLIBNAME, luaopen_coroutine},
    };
    struct layer_report report;
    struct error err = {0};
    floor->lua = luaL_newstate();
    no_new_privs_set(&report);
    if (floor->lua == NULL || report.state != LAYER_ACTIVE ||
        !seccomp_program_compile(NULL, 0, &floor->program, &err)) {
        fprintf(stderr, "floor: cannot prepare: %s%s\n", report.reason, err.text);
        exit(EXIT_FAILURE);
    }
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        luaL_requiref(floor->lua, libraries[i].name, libraries[i].func, 1);
        lua_pop(floor->lua, 1);
    }
}

// `return context.a + context.b` with a = 2 and b = 3, as the bench sends it over HTTP.
static void run_plugin(lua_State *lua)
{
    static const char code[] = "return context.a + context.b";
    lua_createtable(lua, 0, 2);
    lua_pushinteger(lua, 2);
    lua_setfield(lua, -2, "a");
    lua_pushinteger(lua, 3);
    lua_setfield(lua, -2, "b");
    lua_setglobal(lua, "context");
    if (luaL_loadbufferx(lua, code, sizeof code - 1, "=main.lua", "t") != LUA_OK ||
        lua_pcall(lua, 0, 1, 0) != LUA_OK || lua_tointeger(lua, -1) != 5)
        _exit(EXIT_FAILURE);
}

// `wake` is -1, or where the child waits for a byte first.
static pid_t fork_run(struct floor *floor, int wake)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    if (!seccomp_program_load(&floor->program))
        _exit(EXIT_FAILURE);
    char byte;
    if (wake >= 0 && read(wake, &byte, 1) != 1)
        _exit(EXIT_FAILURE);
    run_plugin(floor->lua);
    _exit(EXIT_SUCCESS);
}

static void reap(pid_t pid)
{
    int status;
    if (waitpid(pid, &status, 0) < 0 || status != 0) {
        fprintf(stderr, "floor: a run failed (%#x)\n", (unsigned)status);
        exit(EXIT_FAILURE);
    }
}

static void measure_rate(struct floor *floor, unsigned in_flight, unsigned seconds)
{
    uint64_t began_ns = clock_monotonic_ns();
    uint64_t until_ns = began_ns + seconds * NS_PER_S;
    unsigned long runs = 0;
    for (unsigned i = 0; i < in_flight; i++)
        fork_run(floor, -1);
    while (clock_monotonic_ns() < until_ns) {
        reap(-1);
        runs++;
        fork_run(floor, -1);
    }
    uint64_t took_ns = clock_monotonic_ns() - began_ns;
    for (unsigned i = 0; i < in_flight; i++)
        reap(-1);
    printf("{\"in_flight\": %u, \"runs\": %lu, \"per_second\": %.1f}\n", in_flight, runs,
           (double)runs * (double)NS_PER_S / (double)took_ns);
}

struct ahead {
    pid_t pid;
    int wake;
};

static struct ahead fork_ahead(struct floor *floor)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        perror("floor: socketpair");
        exit(EXIT_FAILURE);
    }
    struct ahead ahead = {.pid = fork_run(floor, pair[1]), .wake = pair[0]};
    close(pair[1]);
    return ahead;
}

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void measure_latency(struct floor *floor, unsigned seconds)
{
    double *latencies_us = calloc(LATENCIES_MAX, sizeof *latencies_us);
    if (latencies_us == NULL) {
        perror("floor");
        exit(EXIT_FAILURE);
    }
    unsigned count = 0;
    uint64_t began_ns = clock_monotonic_ns();
    uint64_t until_ns = began_ns + seconds * NS_PER_S;
    struct ahead next = fork_ahead(floor);
    while (clock_monotonic_ns() < until_ns && count < LATENCIES_MAX) {
        struct ahead current = next;
        uint64_t sent_ns = clock_monotonic_ns();
        if (write(current.wake, "", 1) != 1)
            exit(EXIT_FAILURE);
        next = fork_ahead(floor);
        reap(current.pid);
        latencies_us[count++] = (double)(clock_monotonic_ns() - sent_ns) / (double)NS_PER_US;
        close(current.wake);
    }
    uint64_t took_ns = clock_monotonic_ns() - began_ns;
    if (write(next.wake, "", 1) != 1)
        exit(EXIT_FAILURE);
    reap(next.pid);
    qsort(latencies_us, count, sizeof *latencies_us, by_value);
    printf("{\"in_flight\": 1, \"runs\": %u, \"per_second\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f}\n",
           count, (double)count * (double)NS_PER_S / (double)took_ns, latencies_us[count / 2],
           latencies_us[(size_t)count * 99 / 100]);
    free(latencies_us);
}

int main(int argc, char **argv)
{
    unsigned in_flight = argc == 3 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
    unsigned seconds = argc == 3 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
    if (in_flight < 1 || in_flight > 1000 || seconds < 1) {
        fputs("usage: floor IN_FLIGHT SECONDS\n", stderr);
        return EXIT_FAILURE;
    }
    struct floor floor = {0};
    prepare(&floor);
    if (in_flight == 1)
        measure_latency(&floor, seconds);
    else
        measure_rate(&floor, in_flight, seconds);
    return EXIT_SUCCESS;
}
