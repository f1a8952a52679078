// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/editor_files.h"
#include "tests/support/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

static char *written(void (*put)(FILE *out, const struct policy *policy), const struct policy *policy)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    put(out, policy);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void stubs_name_what_the_policy_allows_and_nothing_else(void **state)
{
    (void)state;
    struct policy policy = {.name = "p"};
    policy.lua_allowed[LUA_NAME_STRING_REP] = true;
    policy.lua_allowed[LUA_NAME_BASE_PAIRS] = true;
    policy.lua_allowed[LUA_NAME_MATH_PI] = true;
    policy.lua_allowed[LUA_NAME_TABLE_INSERT] = true;
    policy.lua_allowed[LUA_NAME_BASE_PRINT] = true;
    policy.lua_allowed[LUA_NAME_BASE_COLLECTGARBAGE] = true;
    char *text = written(editor_put_stubs, &policy);
    assert_non_null(strstr(text, "function string.rep(s, n, sep) end"));
    assert_non_null(strstr(text, "---@param s any\n---@param n any\n---@param sep? any\n---@return any ...\n"
                                 "function string.rep"));
    assert_non_null(strstr(text, "---@type any\nresult = nil"));
    assert_non_null(strstr(text, "---@param list any\n---@param pos? any\n---@param value? any\n"));
    assert_non_null(strstr(text, "---@param ... any\n---@return any ...\nfunction print(...) end"));
    assert_non_null(strstr(text, "function collectgarbage() end"));
    assert_non_null(strstr(text, "function pairs(t) end"));
    assert_non_null(strstr(text, "math.pi = nil"));
    assert_null(strstr(text, "string.sub"));
    free(text);
}

static void luacheckrc_groups_fields_by_library(void **state)
{
    (void)state;
    struct policy policy = {.name = "p"};
    policy.lua_allowed[LUA_NAME_STRING_REP] = true;
    policy.lua_allowed[LUA_NAME_STRING_SUB] = true;
    policy.lua_allowed[LUA_NAME_BASE_PAIRS] = true;
    char *text = written(editor_put_luacheckrc, &policy);
    assert_non_null(strstr(text, "string = { fields = { \"rep\", \"sub\", } },"));
    assert_non_null(strstr(text, "\"pairs\","));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stubs_name_what_the_policy_allows_and_nothing_else),
        cmocka_unit_test(luacheckrc_groups_fields_by_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
