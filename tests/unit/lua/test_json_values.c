// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/json_values.h"
#include "tests/support/bare_lua.h"
#include "tests/support/cmocka_all.h"

#include <lauxlib.h>

static void null_is_one_value_that_reads_null(void **state)
{
    (void)state;
    lua_State *L = bare_lua_new();
    lua_push_json_null(L);
    lua_push_json_null(L);
    assert_true(lua_rawequal(L, -1, -2));
    assert_true(lua_is_json_null(L, -1));
    assert_string_equal(luaL_tolstring(L, -1, NULL), "null");
    lua_pushlightuserdata(L, L);
    assert_false(lua_is_json_null(L, -1));
    lua_pushnil(L);
    assert_false(lua_is_json_null(L, -1));
    lua_close(L);
}

static void a_marked_table_is_an_array_and_nothing_else_changes(void **state)
{
    (void)state;
    lua_State *L = bare_lua_new();
    int top = lua_gettop(L);
    lua_newtable(L);
    assert_false(lua_is_json_array(L, -1));
    assert_true(lua_mark_json_array(L, -1));
    assert_true(lua_mark_json_array(L, -1));
    assert_true(lua_is_json_array(L, -1));
    assert_int_equal(lua_gettop(L), top + 1);
    assert_int_equal(luaL_getmetafield(L, -1, "__index"), LUA_TNIL);
    lua_pushinteger(L, 1);
    assert_false(lua_is_json_array(L, -1));
    lua_close(L);
}

static void a_table_with_a_metatable_of_its_own_is_not_marked(void **state)
{
    (void)state;
    lua_State *L = bare_lua_new();
    lua_newtable(L);
    lua_newtable(L);
    lua_setmetatable(L, -2);
    assert_false(lua_mark_json_array(L, -1));
    assert_false(lua_is_json_array(L, -1));
    lua_close(L);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(null_is_one_value_that_reads_null),
        cmocka_unit_test(a_marked_table_is_an_array_and_nothing_else_changes),
        cmocka_unit_test(a_table_with_a_metatable_of_its_own_is_not_marked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
