// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "base/cleanup.h"
#include "policies/members.h"
#include "policies/schema.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void the_installed_schema_is_the_member_table(void **state)
{
    (void)state;
    autofree char *text = policy_schema_text();
    assert_non_null(text);
    if (getenv("EXPECT_WRITE")) {
        FILE *file = fopen(STOCK_POLICIES "/policy.schema.json", "we");
        assert_non_null(file);
        fputs(text, file);
        assert_int_equal(fclose(file), 0);
        return;
    }
    FILE *file = fopen(STOCK_POLICIES "/policy.schema.json", "re");
    assert_non_null(file);
    size_t length = strlen(text);
    autofree char *installed = calloc(1, length + 2);
    assert_int_equal(fread(installed, 1, length + 1, file), length);
    fclose(file);
    assert_string_equal(installed, text);
}

// The schema of the member at a pointer of the member table.
static json_t *schema_at(json_t *schema, const char *pointer)
{
    autofree char *copied = strdup(pointer + 1);
    char *rest = NULL;
    for (char *part = strtok_r(copied, "/", &rest); part; part = strtok_r(NULL, "/", &rest))
        schema = json_object_get(json_object_get(schema, "properties"), part);
    return schema;
}

static void the_schema_describes_every_member_and_refuses_others(void **state)
{
    (void)state;
    autofree char *text = policy_schema_text();
    json_t *schema = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(schema);
    assert_true(json_is_false(json_object_get(schema, "additionalProperties")));
    for (unsigned i = 0; i < POLICY_MEMBER_COUNT; i++) {
        json_t *member = schema_at(schema, policy_member_table[i].pointer);
        assert_non_null(member);
        assert_string_equal(json_string_value(json_object_get(member, "description")),
                            policy_member_table[i].purpose);
        if (policy_member_table[i].type == TYPE_SECTION)
            assert_true(json_is_false(json_object_get(member, "additionalProperties")));
    }
    json_decref(schema);
}

static void the_schema_holds_the_bounds_of_limits(void **state)
{
    (void)state;
    autofree char *text = policy_schema_text();
    json_t *schema = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++) {
        json_t *member = schema_at(schema, policy_member_table[MEMBER_LIMIT_FIRST + i].pointer);
        json_t *number =
            json_object_get(member, "anyOf") ? json_array_get(json_object_get(member, "anyOf"), 0) : member;
        uint64_t minimum = run_limit_table[i].zero_is_unlimited ? 0 : run_limit_table[i].minimum;
        assert_int_equal(json_integer_value(json_object_get(number, "minimum")), minimum);
        assert_int_equal(json_integer_value(json_object_get(number, "maximum")), run_limit_table[i].maximum);
    }
    json_decref(schema);
}

// "/limits/cpu_ms" is `limits.cpu_ms` in the guide.
static void the_guide_tells_of_every_member(void **state)
{
    (void)state;
    FILE *file = fopen(POLICY_GUIDE, "re");
    assert_non_null(file);
    autofree char *guide = calloc(1, 1 << 16);
    assert_true(fread(guide, 1, (1 << 16) - 1, file) > 0);
    fclose(file);
    for (unsigned i = 0; i < POLICY_MEMBER_COUNT; i++) {
        if (policy_member_table[i].type == TYPE_SECTION ||
            strstr(policy_member_table[i].pointer + 1, "/description"))
            continue;
        char named[80];
        snprintf(named, sizeof named, "`%s`", policy_member_table[i].pointer + 1);
        char *slash = strchr(named, '/');
        if (slash)
            *slash = '.';
        if (!strstr(guide, named))
            fail_msg("docs/policies.md does not tell of %s", named);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_installed_schema_is_the_member_table),
        cmocka_unit_test(the_schema_describes_every_member_and_refuses_others),
        cmocka_unit_test(the_guide_tells_of_every_member),
        cmocka_unit_test(the_schema_holds_the_bounds_of_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
