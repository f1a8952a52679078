// SPDX-License-Identifier: Apache-2.0
#include "base/buffer.h"
#include "packaging/json_schema/pattern_program.h"
#include "packaging/json_schema/schema_node.h"
#include "tests/support/schema_fixture.h"

#include <stdio.h>
#include <stdlib.h>
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

// {"properties":{"aa...a":{"properties":{... with `count` properties in the innermost.
static char *nested_schema(unsigned depth, unsigned name_length, unsigned count)
{
    struct buffer out = buffer_make(1 << 20);
    for (unsigned i = 0; i < depth; i++)
        buffer_printf(&out, "{\"properties\":{\"%0*u\":", (int)name_length, i);
    buffer_append_text(&out, "{\"properties\":{");
    for (unsigned i = 0; i < count; i++)
        buffer_printf(&out, "%s\"p%u\":{}", i > 0 ? "," : "", i);
    for (unsigned i = 0; i <= depth; i++)
        buffer_append_text(&out, "}}");
    buffer_append_byte(&out, '\0');
    assert_true(buffer_ok(&out));
    size_t length;
    return buffer_take(&out, &length);
}

static void expect_refused(char *schema, const char *message)
{
    struct diagnostics faults;
    assert_null(schema_read(schema, &faults));
    assert_int_equal(faults.count, 1);
    assert_non_null(strstr(faults.items[0].message, message));
    diagnostics_free(&faults);
    free(schema);
}

static void names_and_places_are_bounded(void **state)
{
    (void)state;
    char *allowed = nested_schema(2, SCHEMA_NAME_MAX, 1000);
    json_schema_free(schema_of(allowed));
    free(allowed);
    expect_refused(nested_schema(1, SCHEMA_NAME_MAX + 1, 1), "expected names of at most 256 bytes");
    expect_refused(nested_schema(12, SCHEMA_NAME_MAX, 1000), "their places take more than 1048576 bytes");
}

static void faults_are_told_up_to_a_number(void **state)
{
    (void)state;
    struct diagnostics faults;
    struct buffer text = buffer_make(1 << 16);
    for (unsigned i = 0; i < 2 * SCHEMA_FAULTS_MAX; i++)
        buffer_printf(&text, "%s\"no%u\":1", i > 0 ? "," : "{", i);
    buffer_append(&text, "}", 2);
    assert_null(schema_read(text.data, &faults));
    assert_int_equal(faults.count, SCHEMA_FAULTS_MAX);
    assert_true(faults.incomplete);
    diagnostics_free(&faults);
    buffer_free(&text);
}

static void no_place_is_kept_and_the_rest_is_counted(void **state)
{
    (void)state;
    struct json_schema *small = schema_of("{}");
    struct json_schema *large =
        schema_of("{\"properties\":{\"a\":{\"pattern\":\"^[a-z]{3}$\"},\"b\":{\"enum\":"
                  "[\"one\",\"two\"]}}}");
    for (const struct schema_node *node = large->nodes; node; node = node->next)
        assert_null(node->pointer);
    assert_int_equal(json_schema_bytes(NULL), 0);
    assert_true(json_schema_bytes(small) >= sizeof(struct schema_node));
    assert_true(json_schema_bytes(large) >=
                3 * sizeof(struct schema_node) + 2 * sizeof(struct schema_property) +
                    2 * sizeof(struct schema_scalar) + 5 * sizeof(struct pattern_step));
    json_schema_free(small);
    json_schema_free(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_faulty_schema_is_refused_by_place),
        cmocka_unit_test(all_faults_come_at_once),
        cmocka_unit_test(what_is_for_people_is_let_alone),
        cmocka_unit_test(names_and_places_are_bounded),
        cmocka_unit_test(faults_are_told_up_to_a_number),
        cmocka_unit_test(no_place_is_kept_and_the_rest_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
