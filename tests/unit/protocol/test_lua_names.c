// SPDX-License-Identifier: Apache-2.0
#include "runtime/protocol/lua_names.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static size_t select_text(const char *text, bool set[LUA_NAME_COUNT])
{
    memset(set, 0, LUA_NAME_COUNT * sizeof *set);
    return lua_names_select(text, strlen(text), set, true);
}

static void a_library_names_all_its_rows(void **state)
{
    (void)state;
    bool set[LUA_NAME_COUNT];
    size_t count = 0;
    for (int i = 0; i < LUA_NAME_COUNT; i++)
        count += strcmp(lua_name_table[i].library, "string") == 0;
    assert_int_equal(select_text("string", set), count);
    assert_true(set[LUA_NAME_STRING_REP]);
    assert_false(set[LUA_NAME_TABLE_CONCAT]);
}

static void a_function_names_one_row(void **state)
{
    (void)state;
    bool set[LUA_NAME_COUNT];
    assert_int_equal(select_text("string.rep", set), 1);
    assert_true(set[LUA_NAME_STRING_REP]);
    assert_int_equal(select_text("pairs", set), 1);
    assert_true(set[LUA_NAME_BASE_PAIRS]);
    assert_int_equal(select_text("_G", set), 1);
}

static void select_can_take_away(void **state)
{
    (void)state;
    bool set[LUA_NAME_COUNT];
    select_text("string", set);
    assert_int_equal(lua_names_select("string.rep", 10, set, false), 1);
    assert_false(set[LUA_NAME_STRING_REP]);
    assert_true(set[LUA_NAME_STRING_SUB]);
}

static void unknown_names_name_nothing(void **state)
{
    (void)state;
    static const char *const unknown[] = {"",    "strin",      "string.", "string.dump", ".rep",
                                          "rep", "base.pairs", "io",      "STRING",      "string.repx"};
    bool set[LUA_NAME_COUNT];
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        assert_int_equal(select_text(unknown[i], set), 0);
}

static void every_row_is_unique_and_leads_back(void **state)
{
    (void)state;
    for (int i = 0; i < LUA_NAME_COUNT; i++) {
        char text[64];
        bool set[LUA_NAME_COUNT];
        lua_name_text((enum lua_name)i, text, sizeof text);
        assert_int_equal(select_text(text, set), 1);
        assert_true(set[i]);
        assert_true(strlen(lua_name_table[i].signature) > 0 && strlen(lua_name_table[i].doc) > 0 &&
                    strlen(lua_name_table[i].why_safe) > 0);
    }
}

static void a_name_is_cut_to_its_buffer(void **state)
{
    (void)state;
    char text[8];
    lua_name_text(LUA_NAME_STRING_REP, text, sizeof text);
    assert_string_equal(text, "string.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_library_names_all_its_rows),
        cmocka_unit_test(a_function_names_one_row),
        cmocka_unit_test(select_can_take_away),
        cmocka_unit_test(unknown_names_name_nothing),
        cmocka_unit_test(every_row_is_unique_and_leads_back),
        cmocka_unit_test(a_name_is_cut_to_its_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
