// SPDX-License-Identifier: Apache-2.0
// What a plugin can reach is what lua_names.def lists: every table, metatable, upvalue and coroutine that can
// be reached from globals, registry and strings is walked in C, and every function and constant in it
// accounted for.
#include "runtime/lua/image.h"
#include "tests/unit/lua/plugin_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <lauxlib.h>

// Everything in Lua 5.4's standard libraries that plugins must not have, and what other sandboxes leaked.
static const char *const refused[] = {
    "dofile",
    "loadfile",
    "warn",
    "io",
    "package",
    "loadstring",
    "setfenv",
    "getfenv",
    "unpack",
    "module",
    "newproxy",
    "string.dump",
    "os.execute",
    "os.exit",
    "os.getenv",
    "os.remove",
    "os.rename",
    "os.setlocale",
    "os.tmpname",
    "debug.debug",
    "debug.gethook",
    "debug.getinfo",
    "debug.getlocal",
    "debug.getmetatable",
    "debug.getregistry",
    "debug.getupvalue",
    "debug.getuservalue",
    "debug.setcstacklimit",
    "debug.sethook",
    "debug.setlocal",
    "debug.setmetatable",
    "debug.setupvalue",
    "debug.setuservalue",
    "debug.upvalueid",
    "debug.upvaluejoin",
};

static struct lua_image *make_image(bool all)
{
    struct lua_image_options options = {.hash_seed = 1};
    memset(options.allowed, all, sizeof(options.allowed));
    struct error err;
    struct lua_image *image = lua_image_new(&options, &err);
    if (image == NULL)
        fail_msg("%s", err.text);
    return image;
}

// Pushes what globals have under "string.rep" or "pairs".
static void push_global(lua_State *L, const char *path)
{
    lua_pushglobaltable(L);
    for (const char *at = path; *at != '\0';) {
        size_t length = strcspn(at, ".");
        if (!lua_istable(L, -1)) {
            lua_pop(L, 1);
            lua_pushnil(L);
            return;
        }
        lua_pushlstring(L, at, length);
        lua_rawget(L, -2);
        lua_remove(L, -2);
        at += length + (at[length] == '.');
    }
}

static void every_row_is_there_and_can_be_left_out(void **state)
{
    (void)state;
    struct lua_image *image = make_image(true);
    struct lua_image *bare = make_image(false);
    for (unsigned i = 0; i < LUA_NAME_COUNT; i++) {
        char name[64];
        lua_name_text((enum lua_name)i, name, sizeof(name));
        push_global(image->L, name);
        if (lua_isnil(image->L, -1))
            fail_msg("%s is missing", name);
        push_global(bare->L, name);
        if (!lua_isnil(bare->L, -1))
            fail_msg("%s is there although it is not allowed", name);
        lua_pop(image->L, 1);
        lua_pop(bare->L, 1);
    }
    lua_pushglobaltable(bare->L);
    lua_pushnil(bare->L);
    assert_false(lua_next(bare->L, -2)); // no empty library tables either
    lua_image_free(image);
    lua_image_free(bare);
}

static void what_is_refused_is_nowhere(void **state)
{
    (void)state;
    struct lua_image *image = make_image(true);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        push_global(image->L, refused[i]);
        if (!lua_isnil(image->L, -1))
            fail_msg("%s is there", refused[i]);
        lua_pop(image->L, 1);
    }
    lua_image_free(image);
}

struct walk {
    lua_State *L; // slot 1: a table of what was seen
    const struct lua_image *image;
    unsigned functions;
};

static void walk_value(struct walk *walk, const char *where);

static bool seen_before(lua_State *L)
{
    lua_pushvalue(L, -1);
    bool seen = lua_rawget(L, 1) != LUA_TNIL;
    lua_pop(L, 1);
    if (!seen) {
        lua_pushvalue(L, -1);
        lua_pushboolean(L, 1);
        lua_rawset(L, 1);
    }
    return seen;
}

static void walk_table(struct walk *walk, const char *where)
{
    lua_State *L = walk->L;
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        char inner[256];
        snprintf(inner, sizeof(inner), "%.200s.%.40s", where,
                 lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : luaL_typename(L, -2));
        walk_value(walk, inner);
        lua_pop(L, 1);
        walk_value(walk, inner); // the key
    }
}

// Functions that no row names but that rows lead to, each with the reason.
static bool is_known_helper(lua_State *L, const char *where)
{
    static const char *const helpers[] = {
        "metatable.__add",           "metatable.__sub",      "metatable.__mul",  "metatable.__mod",
        "metatable.__pow",           "metatable.__div",      "metatable.__idiv", // arithmetic of strings
        "metatable.__unm",           "metatable.__tostring",                     // of json.null
        "plugin_randomseed.upvalue",                                             // Lua's own, behind ours
        "registry.userdata", // the same, for the run's seed
    };
    (void)L;
    for (size_t i = 0; i < sizeof(helpers) / sizeof(helpers[0]); i++)
        if (strstr(where, helpers[i]) != NULL)
            return true;
    return false;
}

static void walk_function(struct walk *walk, const char *where)
{
    lua_State *L = walk->L;
    lua_CFunction function = lua_tocfunction(L, -1);
    walk->functions++;
    bool listed = false;
    for (unsigned i = 0; i < LUA_NAME_COUNT; i++)
        listed = listed || walk->image->functions[i] == function;
    if (function == NULL || (!listed && !is_known_helper(L, where)))
        fail_msg("%s is a function that is in neither list", where);
    char inner[256];
    for (int i = 1; lua_getupvalue(L, -1, i) != NULL; i++) {
        bool seed = function == walk->image->functions[LUA_NAME_MATH_RANDOMSEED];
        snprintf(inner, sizeof(inner), seed ? "plugin_randomseed.upvalue" : "%.200s upvalue", where);
        walk_value(walk, inner);
        lua_pop(L, 1);
    }
}

static void walk_value(struct walk *walk, const char *where)
{
    lua_State *L = walk->L;
    luaL_checkstack(L, 20, NULL);
    int type = lua_type(L, -1);
    if (type == LUA_TNIL || type == LUA_TBOOLEAN || type == LUA_TNUMBER || seen_before(L))
        return;
    char inner[256];
    snprintf(inner, sizeof(inner), "%.200s metatable", where);
    if (lua_getmetatable(L, -1)) {
        walk_value(walk, inner);
        lua_pop(L, 1);
    }
    if (type == LUA_TTABLE)
        walk_table(walk, where);
    else if (type == LUA_TFUNCTION)
        walk_function(walk, where);
    else if (type == LUA_TUSERDATA && strstr(where, "upvalue") == NULL)
        fail_msg("%s is a userdata", where);
}

static void nothing_else_can_be_reached(void **state)
{
    (void)state;
    struct lua_image *image = make_image(true);
    lua_State *L = image->L;
    lua_settop(L, 0);
    lua_newtable(L);
    struct walk walk = {.L = L, .image = image};
    lua_pushglobaltable(L);
    walk_value(&walk, "globals");
    lua_pushliteral(L, "a string");
    walk_value(&walk, "string");
    lua_State *co = lua_newthread(L);
    lua_pushglobaltable(co);
    lua_pushglobaltable(L);
    lua_xmove(co, L, 1);
    assert_true(lua_rawequal(L, -1, -2)); // a coroutine's globals are the same
    lua_pushvalue(L, LUA_REGISTRYINDEX);
    walk_value(&walk, "registry");
    assert_true(walk.functions > 80);
    lua_image_free(image);
}

static void registry_holds_no_table_of_loaded_libraries(void **state)
{
    (void)state;
    struct lua_image *image = make_image(true);
    lua_getfield(image->L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    assert_true(lua_isnil(image->L, -1));
    lua_getfield(image->L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    assert_true(lua_isnil(image->L, -1));
    lua_image_free(image);
}

static void methods_of_strings_are_those_allowed(void **state)
{
    (void)state;
    struct plugin_case plugin = {.code =
                                     "return {rep = ('').rep == nil, upper = ('a'):upper(), sum = '10' + 1}",
                                 .deny = "string.rep"};
    expect_end(&plugin, OUTCOME_OK, "{\"rep\":true,\"sum\":11,\"upper\":\"A\"}");
    plugin = (struct plugin_case){.code = "return {'10' + 1, pcall(function() return ('').len end)}",
                                  .deny = "string"};
    expect_end(&plugin, OUTCOME_OK, NULL);
}

static void image_is_small(void **state)
{
    (void)state;
    struct lua_image *image = make_image(true);
    assert_in_range(image->heap.used, 1000, 48 * 1024);
    lua_image_free(image);
}

static void hash_seed_is_fixed_only_where_deterministic(void **state)
{
    (void)state;
    // The order of pairs depends on the seed; in a deterministic policy it must not change.
    const char *code = "local t = {} for i = 1, 40 do t['k' .. i] = i end\n"
                       "local order = {} for k in pairs(t) do order[#order + 1] = k end return order";
    struct plugin_end first, second;
    plugin_run(&(struct plugin_case){.code = code, .deterministic = true}, &first);
    plugin_run(&(struct plugin_case){.code = code, .deterministic = true}, &second);
    assert_true(bytes_equal(first.result.output, second.result.output));
    plugin_end_free(&second);
    plugin_run(&(struct plugin_case){.code = code, .deterministic = false}, &second);
    assert_false(bytes_equal(first.result.output, second.result.output));
    plugin_end_free(&first);
    plugin_end_free(&second);
}

static void order_of_objects_as_keys_does_not_follow_addresses(void **state)
{
    (void)state;
    struct plugin_case plugin = {
        .code = "local t = {[print] = 0, [json.null] = -1}\n"
                "for i = 1, 30 do\n"
                "  t[{}] = i t[function() return i end] = 100 + i t[coroutine.create(print)] = 200 + i\nend\n"
                "local order = {} for k, v in pairs(t) do order[#order + 1] = v end return order",
        .deterministic = true};
    struct plugin_end first;
    plugin_run(&plugin, &first);
    assert_int_equal(first.result.outcome, OUTCOME_OK);
    char expected[1000];
    assert_in_range(first.result.output.length, 100, sizeof(expected) - 1);
    memcpy(expected, first.result.output.data, first.result.output.length);
    expected[first.result.output.length] = '\0';
    for (plugin.heap_shift = 16; plugin.heap_shift < 100000; plugin.heap_shift = plugin.heap_shift * 3 + 16)
        expect_end(&plugin, OUTCOME_OK, expected);
    plugin_end_free(&first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_there_and_can_be_left_out),
        cmocka_unit_test(what_is_refused_is_nowhere),
        cmocka_unit_test(nothing_else_can_be_reached),
        cmocka_unit_test(registry_holds_no_table_of_loaded_libraries),
        cmocka_unit_test(methods_of_strings_are_those_allowed),
        cmocka_unit_test(image_is_small),
        cmocka_unit_test(hash_seed_is_fixed_only_where_deterministic),
        cmocka_unit_test(order_of_objects_as_keys_does_not_follow_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
