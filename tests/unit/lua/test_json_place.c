// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"
#include "runtime/lua/json_place.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static struct json_place named(const struct json_place *parent, const char *name)
{
    return (struct json_place){.parent = parent, .name = bytes_of_text(name)};
}

static void a_path_names_every_step(void **state)
{
    (void)state;
    struct json_place root = {0};
    struct json_place items = named(&root, "items");
    struct json_place third = {.parent = &items, .in_array = true, .index = 3};
    struct json_place odd = named(&third, "not an identifier");
    char text[200];
    json_place_text(&root, text, sizeof text);
    assert_string_equal(text, "$");
    json_place_text(&odd, text, sizeof text);
    assert_string_equal(text, "$.items[3][\"not an identifier\"]");
}

static void a_name_that_is_no_identifier_is_quoted(void **state)
{
    (void)state;
    static const char *const names[][2] = {{"_a1", "$._a1"},
                                           {"1a", "$[\"1a\"]"},
                                           {"", "$[\"\"]"},
                                           {"\xc3\xa9", "$[\"\xc3\xa9\"]"},
                                           {"a.b", "$[\"a.b\"]"}};
    struct json_place root = {0};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct json_place place = named(&root, names[i][0]);
        char text[100];
        json_place_text(&place, text, sizeof text);
        assert_string_equal(text, names[i][1]);
    }
}

static void long_names_and_long_paths_are_cut(void **state)
{
    (void)state;
    struct json_place places[31] = {0};
    for (int i = 1; i <= 30; i++)
        places[i] = (struct json_place){.parent = &places[i - 1], .in_array = true, .index = i};
    char text[200];
    json_place_text(&places[12], text, sizeof text);
    assert_string_equal(text, "$[1][2][3][4][5][6][7][8][9][10][11][12]");
    json_place_text(&places[30], text, sizeof text);
    assert_string_equal(text, "$[1][2][3][4][5][6]...[25][26][27][28][29][30]");
    struct json_place root = {0};
    struct json_place place =
        named(&root, "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
                     "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac");
    json_place_text(&place, text, sizeof text);
    assert_true(utf8_valid(bytes_of_text(text)));
    assert_non_null(strstr(text, "..."));
    char tiny[8];
    json_place_text(&places[30], tiny, sizeof tiny);
    assert_true(strlen(tiny) < sizeof tiny);
}

static void above_finds_the_nearest_same_table(void **state)
{
    (void)state;
    int tables[3] = {0};
    struct json_place root = {.table = &tables[0]};
    struct json_place middle = {.parent = &root, .table = &tables[1]};
    struct json_place leaf = {.parent = &middle, .table = &tables[2]};
    assert_ptr_equal(json_place_above(&leaf, &tables[0]), &root);
    assert_ptr_equal(json_place_above(&leaf, &tables[1]), &middle);
    assert_null(json_place_above(&leaf, &tables[2]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_names_every_step),
        cmocka_unit_test(a_name_that_is_no_identifier_is_quoted),
        cmocka_unit_test(long_names_and_long_paths_are_cut),
        cmocka_unit_test(above_finds_the_nearest_same_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
