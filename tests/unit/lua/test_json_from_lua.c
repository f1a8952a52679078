// SPDX-License-Identifier: Apache-2.0
#include "base/cleanup.h"
#include "base/json_cursor.h"
#include "runtime/lua/json_from_lua.h"
#include "runtime/lua/json_to_lua.h"
#include "runtime/lua/json_values.h"
#include "tests/support/bare_lua.h"
#include "tests/support/cmocka_all.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

static const struct lua_json_limits roomy = {.depth = 64, .bytes = 1 << 20, .nodes = 1 << 20};

static int array(lua_State *L)
{
    lua_settop(L, 1);
    assert_true(lua_mark_json_array(L, 1));
    return 1;
}

// A state whose stack's top is what `code` returns; `null` and `array` are globals.
static lua_State *run(const char *code)
{
    lua_State *L = bare_lua_new();
    lua_push_json_null(L);
    lua_setglobal(L, "null");
    lua_pushcfunction(L, array);
    lua_setglobal(L, "array");
    if (luaL_loadstring(L, code) != LUA_OK || lua_pcall(L, 0, 1, 0) != LUA_OK)
        fail_msg("%s", lua_tostring(L, -1));
    return L;
}

static void assert_writes(const char *code, const char *json)
{
    lua_State *L = run(code);
    int top = lua_gettop(L);
    struct buffer out = buffer_make(1 << 20);
    char message[LUA_JSON_MESSAGE_SIZE] = "";
    enum lua_json_status status = lua_write_json(L, -1, &roomy, &out, message);
    if (status != LUA_JSON_OK)
        fail_msg("%s: %s", code, message);
    assert_string_equal(out.data, json);
    assert_int_equal(lua_gettop(L), top);
    assert_true(json_check(bytes_of(out.data, out.length), JSON_DEPTH_MAX, NULL));
    buffer_free(&out);
    lua_close(L);
}

static void assert_refuses(const char *code, const char *expected)
{
    lua_State *L = run(code);
    int top = lua_gettop(L);
    struct buffer out = buffer_make(1 << 20);
    buffer_append_text(&out, "before");
    char message[LUA_JSON_MESSAGE_SIZE] = "";
    enum lua_json_status status = lua_write_json(L, -1, &roomy, &out, message);
    assert_int_equal(status, LUA_JSON_INVALID);
    assert_string_equal(message, expected);
    assert_string_equal(out.data, "before");
    assert_int_equal(lua_gettop(L), top);
    buffer_free(&out);
    lua_close(L);
}

static void scalars_have_their_forms(void **state)
{
    (void)state;
    assert_writes("return nil", "null");
    assert_writes("return null", "null");
    assert_writes("return true", "true");
    assert_writes("return false", "false");
    assert_writes("return 'a\"\\0\\u{e9}'", "\"a\\\"\\u0000\xc3\xa9\"");
    assert_writes("return ''", "\"\"");
}

static void integers_have_all_digits_and_floats_a_fraction(void **state)
{
    (void)state;
    assert_writes("return 9007199254740993", "9007199254740993");
    assert_writes("return math.mininteger", "-9223372036854775808");
    assert_writes("return 1.0", "1.0");
    assert_writes("return -0.0", "-0.0");
    assert_writes("return 0.1", "0.1");
    assert_writes("return 2^53", "9007199254740992.0");
    assert_writes("return 1e300", "1e300");
    assert_writes("return 1/3", "0.3333333333333333");
}

static void tables_are_arrays_or_objects(void **state)
{
    (void)state;
    assert_writes("return {1, 2, 3}", "[1,2,3]");
    assert_writes("return {a = 1}", "{\"a\":1}");
    assert_writes("return {}", "{}");
    assert_writes("return array{}", "[]");
    assert_writes("return array{1}", "[1]");
    assert_writes("return {{}, {x = {}}, array{}}", "[{},{\"x\":{}},[]]");
    assert_writes("return {null, null}", "[null,null]");
    assert_writes("local t = {} for i = 3, 1, -1 do t[i] = i end return t", "[1,2,3]");
    assert_writes("return {['1'] = 'one'}", "{\"1\":\"one\"}");
}

static void members_are_in_the_order_of_their_names(void **state)
{
    (void)state;
    assert_writes("return {b = 1, a = 2, c = {z = 1, y = 2}}", "{\"a\":2,\"b\":1,\"c\":{\"y\":2,\"z\":1}}");
    assert_writes("return {['a b'] = 1, a = 2, ['a!'] = 3, aa = 4, [''] = 5}",
                  "{\"\":5,\"a\":2,\"a b\":1,\"a!\":3,\"aa\":4}");
    assert_writes("return {['\"'] = 1, ['!'] = 2, ['#'] = 3, ['\\n'] = 4, [' '] = 5, ['\\0'] = 6, ['\\\\'] = "
                  "7, ['['] = 8}",
                  "{\"\\u0000\":6,\"\\n\":4,\" \":5,\"!\":2,\"\\\"\":1,\"#\":3,\"[\":8,\"\\\\\":7}");
}

// Many members, inserted in different orders: the same bytes, sorted.
static void the_same_value_gives_the_same_bytes(void **state)
{
    (void)state;
    static const char *const codes[] = {
        "local t = {} for i = 1, 2000 do t['k' .. i] = i end return t",
        "local t = {} for i = 2000, 1, -1 do t['k' .. i] = i end return t",
        "local t = {} for i = 1, 4000 do t['k' .. (i * 1237 % 4001)] = i * 1237 % 4001 end "
        "for i = 2001, 4000 do t['k' .. i] = nil end return t",
    };
    struct buffer first = buffer_make(1 << 20);
    char message[LUA_JSON_MESSAGE_SIZE];
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        lua_State *L = run(codes[i]);
        struct buffer out = buffer_make(1 << 20);
        assert_int_equal(lua_write_json(L, -1, &roomy, i == 0 ? &first : &out, message), LUA_JSON_OK);
        if (i > 0)
            assert_string_equal(out.data, first.data);
        buffer_free(&out);
        lua_close(L);
    }
    buffer_free(&first);
}

static void what_has_no_form_is_told_with_its_path(void **state)
{
    (void)state;
    assert_refuses("return print", "$: a function has no JSON form");
    assert_refuses("return {items = {1, 2, {name = print}}}", "$.items[3].name: a function has no JSON form");
    assert_refuses("return {x = 0/0}", "$.x: NaN has no JSON form");
    assert_refuses("return {1, -1/0}", "$[2]: infinity has no JSON form");
    assert_refuses("return {['a b'] = {['\\n'] = print}}",
                   "$[\"a b\"][\"\\n\"]: a function has no JSON form");
    assert_refuses("return {s = 'ab\\xff'}", "$.s: the string is not valid UTF-8 (byte 3)");
    assert_refuses("return '\\u{d800}'", "$: the string is not valid UTF-8 (byte 1)");
    assert_refuses("return '\\u{7fffffff}'", "$: the string is not valid UTF-8 (byte 1)");
    assert_refuses("return {['\\xff'] = 1}", "$[\"\xef\xbf\xbd\"]: the name is not valid UTF-8");
}

static void coroutines_and_userdata_have_no_form(void **state)
{
    (void)state;
    char message[LUA_JSON_MESSAGE_SIZE];
    struct buffer out = buffer_make(100);
    lua_State *L = bare_lua_new();
    lua_newthread(L);
    assert_int_equal(lua_write_json(L, -1, &roomy, &out, message), LUA_JSON_INVALID);
    assert_string_equal(message, "$: a coroutine has no JSON form");
    lua_newuserdatauv(L, 1, 0);
    assert_int_equal(lua_write_json(L, -1, &roomy, &out, message), LUA_JSON_INVALID);
    assert_string_equal(message, "$: a userdata has no JSON form");
    lua_pushlightuserdata(L, L);
    assert_int_equal(lua_write_json(L, -1, &roomy, &out, message), LUA_JSON_INVALID);
    buffer_free(&out);
    lua_close(L);
}

static void each_kind_of_odd_key_is_told_apart(void **state)
{
    (void)state;
    assert_refuses("return {1, 2, nil, 4}",
                   "$: an array with a hole has no JSON form: index 3 is nil, index 4 is not");
    assert_refuses("return {[5] = 1}",
                   "$: an array with a hole has no JSON form: index 1 is nil, index 5 is not");
    assert_refuses("local t = array{1} t[3] = 1 return t",
                   "$: an array with a hole has no JSON form: index 2 is nil, index 3 is not");
    assert_refuses("return {1, 2, x = 3}", "$: an array that also has key \"x\" has no JSON form");
    assert_refuses("local t = array{} t.x = 1 return t",
                   "$: an array that also has key \"x\" has no JSON form");
    assert_refuses("return {1, [0] = 0}", "$: an array that also has index 0 has no JSON form");
    assert_refuses("return {[-1] = 0}",
                   "$: the names of an object must be strings, but this table has index -1");
    assert_refuses("return {[1.5] = 0}",
                   "$: the names of an object must be strings, but this table has key 1.5");
    assert_refuses("return {[1/0] = 0}",
                   "$: the names of an object must be strings, but this table has key infinity");
    assert_refuses("return {[true] = 0}",
                   "$: the names of an object must be strings, but this table has a boolean key");
    assert_refuses("return {a = {[{}] = 0}}",
                   "$.a: the names of an object must be strings, but this table has a table key");
}

static void cycles_are_noticed_and_sharing_is_fine(void **state)
{
    (void)state;
    assert_refuses("local t = {} t[1] = t return t",
                   "$[1]: a table that contains itself has no JSON form: this is $ again");
    assert_refuses("local t = {a = {b = {}}} t.a.b.c = t.a return t",
                   "$.a.b.c: a table that contains itself has no JSON form: this is $.a again");
    assert_writes("local s = {1} return {s, s, {s}}", "[[1],[1],[[1]]]");
}

static void depth_is_bounded_exactly(void **state)
{
    (void)state;
    lua_State *L = run("local t = {} for i = 1, 63 do t = {t} end return t");
    struct buffer out = buffer_make(1000);
    char message[LUA_JSON_MESSAGE_SIZE];
    assert_int_equal(lua_write_json(L, -1, &roomy, &out, message), LUA_JSON_OK);
    struct lua_json_limits tight = roomy;
    tight.depth = 63;
    assert_int_equal(lua_write_json(L, -1, &tight, &out, message), LUA_JSON_INVALID);
    assert_string_equal(message, "$[1][1][1][1][1][1]...[1][1][1][1][1][1]: nested deeper than 63 levels");
    buffer_free(&out);
    lua_close(L);
}

static void the_deepest_value_fits_the_stacks(void **state)
{
    (void)state;
    lua_State *L = run("local t = {} for i = 1, 999 do t = {k = t} end return t");
    struct buffer out = buffer_make(100000);
    char message[LUA_JSON_MESSAGE_SIZE];
    struct lua_json_limits deep = roomy;
    deep.depth = 1000;
    assert_int_equal(lua_write_json(L, -1, &deep, &out, message), LUA_JSON_OK);
    buffer_free(&out);
    lua_close(L);
}

static void bytes_are_bounded_exactly_and_told_apart_from_faults(void **state)
{
    (void)state;
    lua_State *L = run("return {a = 'xyz', b = {1, 2}}");
    const char *json = "{\"a\":\"xyz\",\"b\":[1,2]}";
    struct lua_json_limits limits = roomy;
    char message[LUA_JSON_MESSAGE_SIZE];
    for (size_t bytes = 0; bytes <= strlen(json); bytes++) {
        struct buffer out = buffer_make(1000);
        buffer_append_text(&out, "12345");
        limits.bytes = bytes;
        enum lua_json_status status = lua_write_json(L, -1, &limits, &out, message);
        assert_int_equal(status, bytes < strlen(json) ? LUA_JSON_TOO_LONG : LUA_JSON_OK);
        assert_int_equal(out.length, bytes < strlen(json) ? 5 : 5 + strlen(json));
        assert_int_equal(out.maximum, 1000);
        assert_true(buffer_ok(&out));
        buffer_free(&out);
    }
    lua_close(L);
}

static void nodes_are_bounded(void **state)
{
    (void)state;
    lua_State *L = run("return {1, {2, 3}}"); // five values
    struct lua_json_limits limits = roomy;
    char message[LUA_JSON_MESSAGE_SIZE];
    struct buffer out = buffer_make(1000);
    limits.nodes = 5;
    assert_int_equal(lua_write_json(L, -1, &limits, &out, message), LUA_JSON_OK);
    limits.nodes = 4;
    assert_int_equal(lua_write_json(L, -1, &limits, &out, message), LUA_JSON_TOO_LONG);
    assert_string_equal(message, "$[2][2]: more than 4 values");
    buffer_free(&out);
    lua_close(L);
}

// 40 tables that would be 2^40 values.
static void a_bomb_ends_at_the_limit(void **state)
{
    (void)state;
    lua_State *L = run("local t = {'leaf'} for i = 1, 40 do t = {t, t} end return t");
    struct buffer out = buffer_make(1 << 20);
    char message[LUA_JSON_MESSAGE_SIZE];
    assert_int_equal(lua_write_json(L, -1, &roomy, &out, message), LUA_JSON_TOO_LONG);
    assert_int_equal(out.length, 0);
    buffer_free(&out);
    lua_close(L);
}

static void no_metamethod_is_called(void **state)
{
    (void)state;
    assert_writes(
        "local function boom() error('called') end\n"
        "return setmetatable({a = 1}, {__index = boom, __len = boom, __pairs = boom, __tostring = boom, "
        "__name = 'x', __eq = boom, __call = boom})",
        "{\"a\":1}");
    assert_writes(
        "return setmetatable({1, 2}, {__len = function() return 10 end, __index = function() return 1 end})",
        "[1,2]");
}

static void messages_stay_within_their_size(void **state)
{
    (void)state;
    char message[LUA_JSON_MESSAGE_SIZE];
    lua_State *L = run("local t = print for i = 1, 60 do t = {[('\\n'):rep(100)] = t} end return t");
    struct buffer out = buffer_make(1 << 20);
    assert_int_equal(lua_write_json(L, -1, &roomy, &out, message), LUA_JSON_INVALID);
    assert_true(strlen(message) < sizeof message);
    assert_true(utf8_valid(bytes_of_text(message)));
    assert_non_null(strstr(message, ": a function has no JSON form"));
    buffer_free(&out);
    lua_close(L);
}

static void what_is_read_is_written_back_the_same(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "null",
        "[]",
        "{}",
        "[[],{},[[]],\"\"]",
        "{\"a\":[1,2.5,-0.0,1e100,null,true],\"b\":{\"c\":\"\\n\\u0001\"}}",
        "[9007199254740993,-9223372036854775808,0.1,100.0]",
        "{\"\":{\"1\":[],\"2\":{}}}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        lua_State *L = bare_lua_new();
        struct json_fault fault;
        struct buffer out = buffer_make(1000);
        char message[LUA_JSON_MESSAGE_SIZE];
        assert_true(lua_push_json(L, bytes_of_text(texts[i]), 64, &fault));
        assert_int_equal(lua_write_json(L, -1, &roomy, &out, message), LUA_JSON_OK);
        assert_string_equal(out.data, texts[i]);
        buffer_free(&out);
        lua_close(L);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_have_their_forms),
        cmocka_unit_test(integers_have_all_digits_and_floats_a_fraction),
        cmocka_unit_test(tables_are_arrays_or_objects),
        cmocka_unit_test(members_are_in_the_order_of_their_names),
        cmocka_unit_test(the_same_value_gives_the_same_bytes),
        cmocka_unit_test(what_has_no_form_is_told_with_its_path),
        cmocka_unit_test(coroutines_and_userdata_have_no_form),
        cmocka_unit_test(each_kind_of_odd_key_is_told_apart),
        cmocka_unit_test(cycles_are_noticed_and_sharing_is_fine),
        cmocka_unit_test(depth_is_bounded_exactly),
        cmocka_unit_test(the_deepest_value_fits_the_stacks),
        cmocka_unit_test(bytes_are_bounded_exactly_and_told_apart_from_faults),
        cmocka_unit_test(nodes_are_bounded),
        cmocka_unit_test(a_bomb_ends_at_the_limit),
        cmocka_unit_test(no_metamethod_is_called),
        cmocka_unit_test(messages_stay_within_their_size),
        cmocka_unit_test(what_is_read_is_written_back_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
