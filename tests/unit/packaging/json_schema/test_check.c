// SPDX-License-Identifier: Apache-2.0
#include "tests/support/schema_fixture.h"

#include <stdio.h>
#include <string.h>

struct row {
    const char *schema;
    const char *fits[6];
    // Pairs: a text, and "pointer: message" of its first fault.
    const char *faulty[12];
};

static void check_faulty(const struct json_schema *schema, const char *text, const char *expected)
{
    struct diagnostics faults;
    char found[600];
    diagnostics_init(&faults);
    if (json_schema_check(schema, bytes_of_text(text), "/context", &faults))
        fail_msg("%s fits", text);
    snprintf(found, sizeof found, "%s: %s", faults.items[0].pointer, faults.items[0].message);
    if (strcmp(found, expected) != 0)
        fail_msg("%s: \"%s\", and expected \"%s\"", text, found, expected);
    diagnostics_free(&faults);
}

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct json_schema *schema = schema_of(rows[i].schema);
        for (const char *const *text = rows[i].fits; *text; text++)
            if (!json_schema_check(schema, bytes_of_text(*text), "/context", NULL))
                fail_msg("%s does not fit %s", *text, rows[i].schema);
        for (const char *const *pair = rows[i].faulty; *pair; pair += 2)
            check_faulty(schema, pair[0], pair[1]);
        json_schema_free(schema);
    }
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof *(rows))

static void types_are_told_by_name(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"{\"type\":\"string\"}",
         {"\"\"", "\"a\""},
         {"1", "/context: expected a text, not a number", "null", "/context: expected a text, not null",
          "[1]", "/context: expected a text, not an array", "{\"a\":1}",
          "/context: expected a text, not an object"}},
        {"{\"type\":[\"object\",\"null\"]}",
         {"{}", "null", "{\"any\":[1]}"},
         {"true", "/context: expected null or an object, not true or false"}},
        {"{\"type\":\"integer\"}",
         {"1", "-5", "1.0", "1e3", "123456789012345678901234567890"},
         {"1.5", "/context: expected a whole number, not a number", "1e-1",
          "/context: expected a whole number, not a number"}},
        {"{\"type\":\"number\"}", {"1", "1.5"}, {"\"1\"", "/context: expected a number, not a text"}},
        {"true", {"1", "{\"a\":[]}"}, {0}},
        {"false", {0}, {"1", "/context: nothing is allowed here"}},
    };
    CHECK_ROWS(rows);
}

static void values_are_compared_as_values(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"{\"enum\":[\"html\",\"none\",1,null,true]}",
         {"\"html\"", "1.0", "null", "true", "\"h\\u0074ml\""},
         {"\"HTML\"", "/context: expected one of null, true, \"html\", \"none\", 1", "false",
          "/context: expected one of null, true, \"html\", \"none\", 1", "[]",
          "/context: expected one of null, true, \"html\", \"none\", 1"}},
        {"{\"const\":9007199254740993}",
         {"9007199254740993"},
         {"9007199254740992", "/context: expected 9007199254740993"}},
        {"{\"minimum\":0,\"exclusiveMaximum\":1.5}",
         {"0", "1.4999", "\"not a number\""},
         {"-0.1", "/context: expected a number from 0", "1.5", "/context: expected a number below 1.5"}},
        {"{\"exclusiveMinimum\":1,\"maximum\":3}",
         {"2", "3"},
         {"1", "/context: expected a number above 1", "3.5", "/context: expected a number up to 3"}},
        {"{\"minLength\":2,\"maxLength\":3}",
         {"\"ab\"", "\"\xc3\xa4\xc3\xb6\xc3\xbc\"", "\"\\ud83d\\ude00a\"", "1"},
         {"\"a\"", "/context: expected at least 2 characters, not 1", "\"\\u00e4abc\"",
          "/context: expected at most 3 characters, not 4"}},
        {"{\"pattern\":\"^[A-Z]{3}$\"}",
         {"\"EUR\"", "\"\\u0045UR\"", "7"},
         {"\"euro\"", "/context: expected a text that matches \"^[A-Z]{3}$\""}},
    };
    CHECK_ROWS(rows);
}

static void members_and_items_are_found_by_place(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"{\"type\":\"object\",\"required\":[\"sku\",\"at\"],\"properties\":{\"at\":true,\"sku\":{\"type\":"
         "\"string\"},"
         "\"lines\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":3,\"items\":{\"type\":\"object\","
         "\"properties\":{\"n\":{\"type\":\"integer\"}}}}},\"additionalProperties\":false}",
         {"{\"sku\":\"a\",\"at\":1}"},
         {"{\"sku\":\"a\"}", "/context/at: it is missing", "{}", "/context/at: it is missing",
          "{\"at\":1,\"sku\":2}", "/context/sku: expected a text, not a number",
          "{\"at\":1,\"sku\":\"a\",\"lines\":[{\"n\":1},{\"n\":\"2\"}]}",
          "/context/lines/1/n: expected a whole number, not a text", "{\"at\":1,\"sku\":\"a\",\"lines\":[]}",
          "/context/lines: expected at least 1 items, not 0"}},
        {"{\"required\":[\"at\"],\"additionalProperties\":{\"type\":\"integer\"}}",
         {"{\"at\":1,\"other\":2}", "[]", "\"a\""},
         {"{\"at\":\"x\"}", "/context/at: expected a whole number, not a text", "{\"at\":1,\"a/b~c\":\"x\"}",
          "/context/a~1b~0c: expected a whole number, not a text"}},
        {"{\"properties\":{\"quantity\":true},\"additionalProperties\":false}",
         {"{\"quantity\":[1,2]}", "{\"quan\\u0074ity\":1}"},
         {"{\"quantty\":1}", "/context/quantty: there is no such member; did you mean \"quantity\"?"}},
        {"{\"minProperties\":1,\"maxProperties\":2}",
         {"{\"a\":1}", "{\"a\":1,\"b\":{\"c\":1,\"d\":2,\"e\":3}}"},
         {"{}", "/context: expected at least 1 members, not 0", "{\"a\":1,\"b\":2,\"c\":3}",
          "/context: expected at most 2 members, not 3"}},
        {"{\"items\":false}", {"[]", "{}"}, {"[1]", "/context/0: nothing is allowed here"}},
    };
    CHECK_ROWS(rows);
}

static void a_schema_may_point_at_itself(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"{\"type\":\"object\",\"properties\":{\"child\":{\"$ref\":\"#\"},\"n\":{\"$ref\":\"#/$defs/a~1b\"}},"
         "\"$defs\":{\"a/b\":{\"$ref\":\"#/$defs/whole\",\"description\":\"by another name\"},"
         "\"whole\":{\"type\":\"integer\"}}}",
         {"{\"child\":{\"child\":{\"n\":1}}}"},
         {"{\"child\":{\"child\":{\"n\":\"1\"}}}",
          "/context/child/child/n: expected a whole number, not a text"}},
    };
    CHECK_ROWS(rows);
}

static void every_fault_is_told_up_to_a_number(void **state)
{
    (void)state;
    struct json_schema *schema = schema_of("{\"items\":{\"type\":\"null\"}}");
    struct diagnostics faults;
    diagnostics_init(&faults);
    assert_false(json_schema_check(schema, bytes_of_text("[1,null,\"a\"]"), "$", &faults));
    assert_int_equal(faults.count, 2);
    assert_string_equal(faults.items[1].pointer, "$[2]");
    diagnostics_free(&faults);
    char many[1000] = "[0";
    for (unsigned i = 0; i < 100; i++)
        strcat(many, ",0");
    strcat(many, "]");
    diagnostics_init(&faults);
    assert_false(json_schema_check(schema, bytes_of_text(many), "$", &faults));
    assert_int_equal(faults.count, SCHEMA_FAULTS_MAX);
    assert_true(faults.incomplete);
    diagnostics_free(&faults);
    json_schema_free(schema);
}

// Comparing names takes time that a hostile schema and context would multiply.
static void what_was_meant_is_looked_for_once_and_among_few(void **state)
{
    (void)state;
    struct json_schema *schema = schema_of("{\"properties\":{\"colour\":{}},\"additionalProperties\":false}");
    struct diagnostics faults;
    diagnostics_init(&faults);
    assert_false(json_schema_check(schema, bytes_of_text("{\"colur\":1,\"coluor\":2}"), "$", &faults));
    assert_int_equal(faults.count, 2);
    assert_string_equal(faults.items[0].message, "there is no such member; did you mean \"colour\"?");
    assert_string_equal(faults.items[1].message, "there is no such member");
    diagnostics_free(&faults);
    json_schema_free(schema);

    char many[4000] = "{\"additionalProperties\":false,\"properties\":{\"colour\":{}";
    for (unsigned i = 0; i < 100; i++)
        snprintf(many + strlen(many), sizeof many - strlen(many), ",\"p%u\":{}", i);
    strcat(many, "}}");
    schema = schema_of(many);
    check_faulty(schema, "{\"colur\":1}", "/context/colur: there is no such member");
    json_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_are_told_by_name),
        cmocka_unit_test(values_are_compared_as_values),
        cmocka_unit_test(members_and_items_are_found_by_place),
        cmocka_unit_test(a_schema_may_point_at_itself),
        cmocka_unit_test(every_fault_is_told_up_to_a_number),
        cmocka_unit_test(what_was_meant_is_looked_for_once_and_among_few),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
