// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/json_parts.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <string.h>

struct seen {
    char text[256];
    unsigned left; // how many more are wanted
};

static bool take(void *user, struct bytes name, struct bytes value)
{
    struct seen *seen = user;
    size_t length = strlen(seen->text);
    snprintf(seen->text + length, sizeof seen->text - length, "%.*s=%.*s;", (int)name.length, name.data,
             (int)value.length, value.data);
    return seen->left-- > 1;
}

static void members_and_items_come_as_they_are_written(void **state)
{
    (void)state;
    static const struct {
        const char *text, *parts;
        char kind;
    } rows[] = {
        {"{\"a\": 1e300, \"b\" : [1, {\"c\": 2}] }", "a=1e300;b=[1, {\"c\": 2}];", '{'},
        {"\n [123456789012345678901234567890, \"x\",[]]", "=123456789012345678901234567890;=\"x\";=[];", '['},
        {"[]", "", '['},
        {"{}", "", '{'},
        {"7", "", '7'},
        {"", "", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct seen seen = {.left = 100};
        assert_true(json_parts_each(bytes_of_text(rows[i].text), take, &seen));
        assert_string_equal(seen.text, rows[i].parts);
        assert_int_equal(json_parts_kind(bytes_of_text(rows[i].text)), rows[i].kind);
    }
}

static void it_ends_when_no_more_is_wanted(void **state)
{
    (void)state;
    struct seen seen = {.left = 1};
    assert_false(json_parts_each(bytes_of_text("[1,2]"), take, &seen));
    assert_string_equal(seen.text, "=1;");
}

static void a_fault_is_told_with_its_place(void **state)
{
    (void)state;
    struct error err;
    assert_true(json_parts_check(bytes_of_text("[1]"), "a.json", &err));
    assert_false(json_parts_check(bytes_of_text("[1,\n }"), "a.json", &err));
    assert_non_null(strstr(err.text, "a.json:2:2: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_and_items_come_as_they_are_written),
        cmocka_unit_test(it_ends_when_no_more_is_wanted),
        cmocka_unit_test(a_fault_is_told_with_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
