// SPDX-License-Identifier: Apache-2.0
#include "base/cleanup.h"
#include "runtime/lua/json_to_lua.h"
#include "runtime/lua/json_values.h"
#include "tests/support/bare_lua.h"
#include "tests/support/cmocka_all.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Reads `json` into the global `v` and runs the Lua expression `check`, which must be true.
static void assert_reads_as(const char *json, const char *check)
{
    lua_State *L = bare_lua_new();
    struct json_fault fault;
    int top = lua_gettop(L);
    if (!lua_push_json(L, bytes_of_text(json), 100, &fault))
        fail_msg("%s: %s", json, fault.what);
    assert_int_equal(lua_gettop(L), top + 1);
    lua_setglobal(L, "v");
    lua_push_json_null(L);
    lua_setglobal(L, "null");
    char code[500];
    snprintf(code, sizeof code, "return %s", check);
    if (luaL_dostring(L, code) != LUA_OK)
        fail_msg("%s", lua_tostring(L, -1));
    if (!lua_toboolean(L, -1))
        fail_msg("%s: not %s", json, check);
    lua_close(L);
}

static void numbers_keep_their_kind(void **state)
{
    (void)state;
    assert_reads_as("1", "v == 1 and math.type(v) == 'integer'");
    assert_reads_as("-9223372036854775808", "v == math.mininteger");
    assert_reads_as("1.0", "v == 1 and math.type(v) == 'float'");
    assert_reads_as("1e2", "v == 100 and math.type(v) == 'float'");
    assert_reads_as("9223372036854775808", "v == 2^63 and math.type(v) == 'float'");
    assert_reads_as("-0.0", "1 / v == -math.huge");
    assert_reads_as("0.1", "v == 0.1");
    assert_reads_as("[1, 2.5]", "math.type(v[1]) == 'integer' and v[2] == 2.5");
}

static void strings_have_their_escapes_resolved(void **state)
{
    (void)state;
    assert_reads_as("\"\"", "v == ''");
    assert_reads_as("\"a\\u0000b\\n\\u00e9\\ud83d\\ude00\"", "v == 'a\\0b\\n\\u{e9}\\u{1f600}'");
    assert_reads_as("{\"\\u0061\\\"\": 1}", "v['a\"'] == 1");
}

static void a_long_escaped_string_comes_through(void **state)
{
    (void)state;
    enum { LENGTH = 10000 };
    autofree char *json = malloc(2 * LENGTH + 3);
    json[0] = '"';
    for (int i = 0; i < LENGTH; i++)
        memcpy(json + 1 + 2 * i, i % 2 == 0 ? "\\n" : "xy", 2);
    memcpy(json + 1 + 2 * LENGTH, "\"", 2);
    assert_reads_as(json, "v == ('\\nxy'):rep(5000)");
}

static void null_is_nil_alone_and_a_value_inside(void **state)
{
    (void)state;
    assert_reads_as("null", "v == nil");
    assert_reads_as("[null, 1, null]", "#v == 3 and v[1] == null and v[3] == null");
    assert_reads_as("{\"a\": null}", "v.a == null and v.a ~= nil");
    assert_reads_as("[true, false]", "v[1] == true and v[2] == false");
}

static void structures_nest(void **state)
{
    (void)state;
    assert_reads_as("{\"a\": {\"b\": [[], [{\"c\": 1}, 2]]}, \"d\": []}",
                    "v.a.b[2][1].c == 1 and v.a.b[2][2] == 2 and #v.a.b == 2 and #v.d == 0");
    assert_reads_as("{\"1\": \"one\", \"x\": {}}", "v['1'] == 'one' and v[1] == nil and next(v.x) == nil");
}

static void the_last_of_two_equal_names_counts(void **state)
{
    (void)state;
    assert_reads_as("{\"a\": 1, \"a\": 2}", "v.a == 2");
}

static void arrays_are_marked_and_objects_are_not(void **state)
{
    (void)state;
    lua_State *L = bare_lua_new();
    struct json_fault fault;
    assert_true(lua_push_json(L, bytes_of_text("[]"), 1, &fault));
    assert_true(lua_is_json_array(L, -1));
    assert_true(lua_push_json(L, bytes_of_text("{}"), 1, &fault));
    assert_false(lua_is_json_array(L, -1));
    lua_close(L);
}

static void a_fault_pushes_nothing_and_tells_its_place(void **state)
{
    (void)state;
    lua_State *L = bare_lua_new();
    int top = lua_gettop(L);
    struct json_fault fault;
    assert_false(lua_push_json(L, bytes_of_text("{\"a\": [1,\n 2, {\"b\": x}]}"), 10, &fault));
    assert_int_equal(lua_gettop(L), top);
    assert_int_equal(fault.line, 2);
    assert_int_equal(fault.column, 11);
    assert_false(lua_push_json(L, bytes_of_text(""), 10, &fault));
    assert_false(lua_push_json(L, bytes_of_text("1 2"), 10, &fault));
    assert_int_equal(lua_gettop(L), top);
    lua_close(L);
}

static char *nested(unsigned depth)
{
    char *text = malloc(2 * (size_t)depth + 1);
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    text[2 * depth] = '\0';
    return text;
}

static void depth_is_bounded(void **state)
{
    (void)state;
    lua_State *L = bare_lua_new();
    struct json_fault fault;
    autofree char *deep = nested(1000);
    assert_true(lua_push_json(L, bytes_of_text(deep), 1000, &fault));
    assert_false(lua_push_json(L, bytes_of_text(deep), 999, &fault));
    assert_string_equal(fault.what, "nested too deep");
    autofree char *bomb = nested(100000);
    assert_false(lua_push_json(L, bytes_of_text(bomb), 1000, &fault));
    lua_close(L);
}

static void a_full_lua_stack_is_a_fault_and_no_crash(void **state)
{
    (void)state;
    lua_State *L = bare_lua_new();
    struct json_fault fault;
    while (lua_checkstack(L, 500))
        lua_settop(L, lua_gettop(L) + 500);
    autofree char *deep = nested(1000);
    assert_false(lua_push_json(L, bytes_of_text(deep), 1000, &fault));
    assert_string_equal(fault.what, "nested too deep for the Lua stack");
    lua_close(L);
}

// An allocator that gives out so much and then nothing.
struct purse {
    size_t left;
};

static void *spend(void *ud, void *block, size_t old_size, size_t new_size)
{
    struct purse *purse = ud;
    size_t old = block != NULL ? old_size : 0;
    if (new_size > old && new_size - old > purse->left)
        return NULL;
    purse->left += old;
    purse->left -= new_size;
    if (new_size == 0) {
        free(block);
        return NULL;
    }
    return realloc(block, new_size);
}

static int read_protected(lua_State *L)
{
    struct json_fault fault;
    const struct bytes *text = lua_touserdata(L, 1);
    lua_json_open(L);
    lua_pushboolean(L, lua_push_json(L, *text, 100, &fault));
    return 1;
}

// Wherever memory runs out, a Lua error is raised and nothing leaks (a sanitizer would tell).
static void running_out_of_memory_leaks_nothing(void **state)
{
    (void)state;
    static const char json[] =
        "{\"a\": [1, 2, {\"b\\n\": \"x\\ty\"}], \"c\": [[[[]]]], \"a name of more than forty "
        "bytes, which is no short string\": 1.5}";
    struct bytes text = bytes_of_text(json);
    bool finished = false;
    for (size_t room = 4000; room < 40000 && !finished; room += 40) {
        struct purse purse = {.left = room};
        lua_State *L = lua_newstate(spend, &purse);
        if (L == NULL)
            continue;
        if (lua_checkstack(L, 10)) {
            lua_pushcfunction(L, read_protected);
            lua_pushlightuserdata(L, &text);
            finished = lua_pcall(L, 1, 1, 0) == LUA_OK;
        }
        lua_close(L);
        assert_int_equal(purse.left, room);
    }
    assert_true(finished);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_keep_their_kind),
        cmocka_unit_test(strings_have_their_escapes_resolved),
        cmocka_unit_test(a_long_escaped_string_comes_through),
        cmocka_unit_test(null_is_nil_alone_and_a_value_inside),
        cmocka_unit_test(structures_nest),
        cmocka_unit_test(the_last_of_two_equal_names_counts),
        cmocka_unit_test(arrays_are_marked_and_objects_are_not),
        cmocka_unit_test(a_fault_pushes_nothing_and_tells_its_place),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(a_full_lua_stack_is_a_fault_and_no_crash),
        cmocka_unit_test(running_out_of_memory_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
