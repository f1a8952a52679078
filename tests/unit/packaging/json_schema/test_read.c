// SPDX-License-Identifier: Apache-2.0
#include "tests/support/schema_fixture.h"

#include <stdio.h>
#include <string.h>

static void a_faulty_schema_is_refused_by_place(void **state)
{
    (void)state;
    static const struct {
        const char *schema, *fault;
    } rows[] = {
        {"1", ": expected a schema: an object, true or false, not a number"},
        {"{\"anyOf\":[]}", "/anyOf: the keyword \"anyOf\" is not supported"},
        {"{\"requird\":[]}",
         "/requird: the keyword \"requird\" is not supported; did you mean \"required\"?"},
        {"{\"type\":\"text\"}", "/type: expected null, boolean, object, array, string, number or integer"},
        {"{\"type\":[]}", "/type: expected at least one type"},
        {"{\"enum\":[]}", "/enum: expected 1 to 1000 values"},
        {"{\"enum\":[1,[2]]}", "/enum: expected a text, a number, true, false or null, not an array"},
        {"{\"enum\":[1],\"const\":1}", "/const: enum and const exclude each other"},
        {"{\"properties\":{\"a\":{\"minimum\":\"1\"}}}", "/properties/a/minimum: expected a number"},
        {"{\"properties\":[]}", "/properties: expected an object of schemas"},
        {"{\"required\":[1]}", "/required: expected at most 64 names"},
        {"{\"minItems\":-1}", "/minItems: expected a whole number from 0"},
        {"{\"items\":[{}]}", "/items: expected a schema: an object, true or false, not an array"},
        {"{\"pattern\":\"(?=a)\"}", "/pattern: no regular expression that is supported: at byte 2: of groups "
                                    "with '?' only \"(?:\" is supported"},
        {"{\"$ref\":\"#/$defs/none\"}", "/$ref: \"#/$defs/none\": there is nothing in this schema"},
        {"{\"$ref\":\"https://example.com/s\"}",
         "/$ref: \"https://example.com/s\": expected a place in this schema, such as \"#/$defs/item\""},
        {"{\"$ref\":\"#/$defs/a\",\"type\":\"null\",\"$defs\":{\"a\":true}}",
         "/type: beside $ref only what is for people is supported"},
        {"{\"$ref\":\"#\"}", ": $ref leads back to itself"},
        {"{\"items\":{\"$ref\":\"#/$defs/a\"},\"$defs\":{\"a\":{\"$ref\":\"#/$defs/b\"},"
         "\"b\":{\"$ref\":\"#/$defs/a\"}}}",
         "/items: $ref leads back to itself"},
        {"{\"$schema\":\"http://json-schema.org/draft-07/schema#\"}",
         "/$schema: expected \"https://json-schema.org/draft/2020-12/schema\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct diagnostics faults;
        char found[600];
        assert_null(schema_read(rows[i].schema, &faults));
        snprintf(found, sizeof found, "%s: %s", faults.items[0].pointer, faults.items[0].message);
        if (strcmp(found, rows[i].fault) != 0)
            fail_msg("%s: \"%s\", and expected \"%s\"", rows[i].schema, found, rows[i].fault);
        diagnostics_free(&faults);
    }
}

static void all_faults_come_at_once(void **state)
{
    (void)state;
    struct diagnostics faults;
    assert_null(
        schema_read("{\"type\":1,\"not\":{},\"properties\":{\"a\":{\"oneOf\":[]},\"b\":3}}", &faults));
    assert_int_equal(faults.count, 4);
    diagnostics_free(&faults);
}

static void what_is_for_people_is_let_alone(void **state)
{
    (void)state;
    json_schema_free(
        schema_of("{\"title\":1,\"default\":{\"anyOf\":1},\"examples\":[{}],\"format\":\"email\","
                  "\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
                  "\"$defs\":{\"unused\":{\"type\":\"string\"}}}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_faulty_schema_is_refused_by_place),
        cmocka_unit_test(all_faults_come_at_once),
        cmocka_unit_test(what_is_for_people_is_let_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
