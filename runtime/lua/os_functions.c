// SPDX-License-Identifier: Apache-2.0
// os.time, os.clock and os.difftime. Lua's own loslib.c is not built: it reaches files and processes.
#include "base/clock.h"
#include "runtime/lua/functions.h"
#include "runtime/lua/image.h"
#include "runtime/lua/time_values.h"

#include <lauxlib.h>
#include <limits.h>

int plugin_os_clock(lua_State *L)
{
    bool frozen = image_of(L)->options.deterministic;
    lua_pushnumber(L, frozen ? 0.0 : (lua_Number)clock_thread_cpu_ns() / 1e9);
    return 1;
}

int plugin_os_difftime(lua_State *L)
{
    lua_Integer later = luaL_checkinteger(L, 1), earlier = luaL_checkinteger(L, 2);
    lua_pushnumber(L, (lua_Number)later - (lua_Number)earlier);
    return 1;
}

// A field of os.time's table; `missing` below 0: it must be there. Bounded as in struct tm.
static int64_t get_field(lua_State *L, const char *name, int missing, int offset)
{
    int is_number;
    int type = lua_getfield(L, 1, name);
    lua_Integer value = lua_tointegerx(L, -1, &is_number);
    if (!is_number) {
        if (type != LUA_TNIL)
            return luaL_error(L, "field '%s' is not an integer", name);
        if (missing < 0)
            return luaL_error(L, "field '%s' missing in date table", name);
        value = missing;
    } else if (value < (lua_Integer)INT_MIN + offset || value > (lua_Integer)INT_MAX + offset) {
        return luaL_error(L, "field '%s' is out-of-bound", name);
    }
    lua_pop(L, 1);
    return value;
}

static void set_fields(lua_State *L, const struct calendar_time *time)
{
    const struct {
        const char *name;
        lua_Integer value;
    } fields[] = {
        {"year", time->year},         {"month", time->month},       {"day", time->day},
        {"hour", time->hour},         {"min", time->minute},        {"sec", time->second},
        {"yday", time->year_day + 1}, {"wday", time->week_day + 1},
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        lua_pushinteger(L, fields[i].value);
        lua_setfield(L, -2, fields[i].name);
    }
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "isdst");
}

void push_calendar_table(lua_State *L, const struct calendar_time *time)
{
    lua_createtable(L, 0, 9);
    set_fields(L, time);
}

lua_Integer unix_time_now(lua_State *L)
{
    return image_of(L)->options.deterministic ? FROZEN_UNIX_S : clock_unix_ms() / 1000;
}

int plugin_os_time(lua_State *L)
{
    if (lua_isnoneornil(L, 1)) {
        lua_pushinteger(L, unix_time_now(L));
        return 1;
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    int64_t year = get_field(L, "year", -1, 1900), month = get_field(L, "month", -1, 1) - 1;
    int64_t day = get_field(L, "day", -1, 0), hour = get_field(L, "hour", 12, 0);
    int64_t minute = get_field(L, "min", 0, 0), second = get_field(L, "sec", 0, 0);
    // Fields out of their range carry over, as with C's mktime; all of them fit an int, so nothing overflows.
    int64_t years = month / 12 - (month % 12 < 0 ? 1 : 0);
    int64_t days = calendar_days(year + years, (int)(month - years * 12) + 1, day);
    int64_t unix_s = ((days * 24 + hour) * 60 + minute) * 60 + second;
    struct calendar_time time;
    if (!calendar_from_unix(unix_s, &time))
        return luaL_error(L, "time result cannot be represented");
    set_fields(L, &time);
    lua_pushinteger(L, unix_s);
    return 1;
}
