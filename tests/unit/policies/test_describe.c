// SPDX-License-Identifier: Apache-2.0
#include "tests/support/policy_fixture.h"

#include "policies/describe.h"

#include <string.h>

static const char *text_at(json_t *object, const char *outer, const char *inner)
{
    json_t *value = json_object_get(object, outer);
    return json_string_value(inner ? json_object_get(value, inner) : value);
}

static void a_policy_is_described_with_the_origin_of_every_value(void **state)
{
    (void)state;
    struct policy_set *set = fixture_good_set(NULL, 0);
    const struct policy *policy = policy_set_find(set, "audit");
    json_t *object = policy_describe(policy);
    assert_non_null(object);
    assert_string_equal(text_at(object, "name", NULL), "audit");
    assert_string_equal(text_at(object, "version", NULL), policy->version);
    json_t *extends = json_object_get(object, "extends");
    assert_int_equal(json_array_size(extends), 2);
    assert_string_equal(json_string_value(json_array_get(extends, 0)), "default");
    json_t *origins = json_object_get(object, "origins");
    assert_string_equal(text_at(origins, "/limits/wall_ms", NULL), "base");
    assert_string_equal(text_at(origins, "/ceilings/cpu_ms", NULL), "default");
    assert_string_equal(text_at(origins, "/seccomp/mode", NULL), "audit");
    assert_string_equal(text_at(origins, "/lua/allow", "string.rep"), "base");
    assert_string_equal(text_at(origins, "/lua/deny", "load"), "base");
    assert_string_equal(text_at(origins, "/isolation/require", "seccomp"), "base");
    // What is allowed in the document is what has an origin.
    json_t *document = json_object_get(object, "document");
    assert_int_equal(json_array_size(json_object_get(json_object_get(document, "lua"), "allow")),
                     json_object_size(json_object_get(origins, "/lua/allow")));
    json_decref(object);
    policy_set_free(set);
}

static void changes_are_described_with_pointer_and_words(void **state)
{
    (void)state;
    struct policy_set *set = fixture_good_set(NULL, 0);
    struct policy_changes changes;
    assert_true(policy_diff(policy_set_find(set, "default"), policy_set_find(set, "strict"), &changes, NULL));
    json_t *array = policy_describe_changes(&changes);
    assert_int_equal(json_array_size(array), changes.count);
    json_t *first = json_array_get(array, 1);
    assert_string_equal(text_at(first, "pointer", NULL), "/limits/wall_ms");
    assert_string_equal(text_at(first, "before", NULL), "30 s");
    assert_string_equal(text_at(first, "after", NULL), "1 s");
    assert_string_equal(text_at(first, "effect", NULL), "tighter");
    assert_true(json_is_null(json_object_get(first, "item")));
    json_decref(array);
    policy_changes_free(&changes);
    policy_set_free(set);
}

static void faults_are_described_with_their_place(void **state)
{
    (void)state;
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    diagnostics_add(&diagnostics, "a.json", 3, 4, "/x", "wrong");
    diagnostics_add(&diagnostics, "a.json", 0, 0, "", "too large");
    json_t *array = diagnostics_describe(&diagnostics);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(array, 0), "line")), 3);
    assert_string_equal(text_at(json_array_get(array, 0), "pointer", NULL), "/x");
    assert_string_equal(text_at(json_array_get(array, 0), "file", NULL), "a.json");
    assert_string_equal(text_at(json_array_get(array, 0), "detail", NULL), "wrong");
    assert_null(json_object_get(json_array_get(array, 1), "column"));
    json_decref(array);
    diagnostics_free(&diagnostics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_policy_is_described_with_the_origin_of_every_value),
        cmocka_unit_test(changes_are_described_with_pointer_and_words),
        cmocka_unit_test(faults_are_described_with_their_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
