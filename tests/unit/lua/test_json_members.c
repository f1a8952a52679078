// SPDX-License-Identifier: Apache-2.0
#include "base/json_cursor.h"
#include "runtime/lua/json_members.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

// Adds a row for every member of the flat object `text` and sorts them.
static void sort_object(char *text)
{
    struct json_members members = {0};
    struct json_cursor cursor;
    json_cursor_init(&cursor, bytes_of_text(text), 4);
    assert_int_equal(json_next(&cursor), JSON_OBJECT_BEGIN);
    while (json_next(&cursor) == JSON_NAME) {
        struct json_member row = {.begin = (uint32_t)(cursor.span.data - text) - 1};
        row.name_end = (uint32_t)(row.begin + cursor.span.length + 2);
        struct bytes value;
        assert_true(json_skip_value(&cursor, &value));
        row.end = (uint32_t)cursor.offset;
        assert_true(json_members_add(&members, row));
    }
    assert_true(json_members_sort(&members, 0, text));
    assert_int_equal(members.count, 0);
    json_members_free(&members);
}

static void members_are_moved_into_order(void **state)
{
    (void)state;
    static const struct {
        const char *before;
        const char *after;
    } rows[] = {
        {"{}", "{}"},
        {"{\"a\":1}", "{\"a\":1}"},
        {"{\"b\":[1,2],\"a\":{}}", "{\"a\":{},\"b\":[1,2]}"},
        {"{\"c\":1,\"b\":22,\"a\":333,\"d\":4444}", "{\"a\":333,\"b\":22,\"c\":1,\"d\":4444}"},
        {"{\"ab\":1,\"a\":2,\"\":3}", "{\"\":3,\"a\":2,\"ab\":1}"},
        {"{\"\\u001f\":1,\"\\n\":2,\"\\u000b\":3,\"\\b\":4}",
         "{\"\\b\":4,\"\\n\":2,\"\\u000b\":3,\"\\u001f\":1}"},
        {"{\"a\\\\\":1,\"a[\":2,\"a]\":3}", "{\"a[\":2,\"a\\\\\":1,\"a]\":3}"},
        {"{\"\xc3\xa9\":1,\"z\":2,\"\xf0\x9f\x98\x80\":3}",
         "{\"z\":2,\"\xc3\xa9\":1,\"\xf0\x9f\x98\x80\":3}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[200];
        strcpy(text, rows[i].before);
        sort_object(text);
        assert_string_equal(text, rows[i].after);
    }
}

static void only_the_rows_from_the_first_are_sorted_and_dropped(void **state)
{
    (void)state;
    char text[] = "{\"z\":{\"b\":1,\"a\":2}}";
    struct json_members members = {0};
    assert_true(json_members_add(&members, (struct json_member){1, 4, 0}));
    assert_true(json_members_add(&members, (struct json_member){6, 9, 11}));
    assert_true(json_members_add(&members, (struct json_member){12, 15, 17}));
    assert_true(json_members_sort(&members, 1, text));
    assert_string_equal(text, "{\"z\":{\"a\":2,\"b\":1}}");
    assert_int_equal(members.count, 1);
    json_members_free(&members);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_moved_into_order),
        cmocka_unit_test(only_the_rows_from_the_first_are_sorted_and_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
