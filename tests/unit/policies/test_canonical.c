// SPDX-License-Identifier: Apache-2.0
#include "tests/support/policy_fixture.h"

#include "base/cleanup.h"
#include "policies/canonical.h"

#include <string.h>

static void the_canonical_form_reads_back_to_the_same_policy(void **state)
{
    (void)state;
    struct policy_set *set = fixture_good_set(NULL, 0);
    for (size_t i = 0; i < policy_set_count(set); i++) {
        const struct policy *policy = policy_set_at(set, i);
        struct policy_sources sources;
        struct diagnostics diagnostics;
        struct error err = {0};
        policy_sources_init(&sources);
        diagnostics_init(&diagnostics);
        assert_true(policy_sources_add(&sources, "x", policy->name, bytes_of_text(policy->canonical), &err));
        struct policy_set *again = policy_set_make(&sources, &diagnostics, &err);
        assert_non_null(again);
        assert_string_equal(policy_set_at(again, 0)->canonical, policy->canonical);
        assert_string_equal(policy_set_at(again, 0)->version, policy->version);
        policy_set_free(again);
        policy_sources_free(&sources);
    }
    policy_set_free(set);
}

static void versions_do_not_depend_on_how_a_document_is_written(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"name\": \"a\", \"extends\": \"base\", \"limits\": {\"cpu_ms\": \"2s\", \"wall_ms\": \"1min\"},"
        " \"ceilings\": {\"wall_ms\": \"1min\"}, \"lua\": {\"allow\": [\"os.time\", \"load\"]}}"};
    static const char *const others[] = {"{\"lua\": {\"description\": \"why\", \"allow\": "
                                         "[\"load\"]},\n\"limits\": {\"wall_ms\": 60000, \"cpu_ms\": 2000},"
                                         "\"extends\": \"base\", \"name\": \"\\u0061\"}"};
    struct policy_set *one = fixture_good_set(texts, 1), *other = fixture_good_set(others, 1);
    assert_string_equal(policy_set_find(one, "a")->version, policy_set_find(other, "a")->version);
    policy_set_free(one);
    policy_set_free(other);
}

static void every_difference_gives_another_version(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"name\": \"a\", \"extends\": \"base\"}",
        "{\"name\": \"b\", \"extends\": \"base\"}",
        "{\"name\": \"c\", \"extends\": \"base\", \"limits\": {\"json_depth\": 65}}",
        "{\"name\": \"d\", \"extends\": \"base\", \"ceilings\": {\"json_depth\": 65}}",
        "{\"name\": \"e\", \"extends\": \"base\", \"seccomp\": {\"allow\": [\"getpid\"]}}",
        "{\"name\": \"f\", \"extends\": \"base\", \"lua\": {\"deny\": [\"math.ult\"]}}",
        "{\"name\": \"g\", \"extends\": \"base\", \"isolation\": {\"require\": [\"landlock\"]}}",
        "{\"name\": \"h\", \"extends\": \"base\", \"scheduling\": {\"idle_workers\": 3}}"};
    struct policy_set *set = fixture_good_set(texts, 8);
    for (size_t i = 0; i < policy_set_count(set); i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(policy_set_at(set, i)->version, policy_set_at(set, j)->version);
    policy_set_free(set);
}

static void a_version_is_the_sha256_of_the_text(void **state)
{
    (void)state;
    char version[POLICY_VERSION_SIZE];
    policy_version_of(bytes_of_text("abc"), version); // the example of FIPS 180-4
    assert_string_equal(version, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void the_canonical_form_is_compact_and_sorted(void **state)
{
    (void)state;
    struct policy_set *set = fixture_good_set(NULL, 0);
    const struct policy *policy = policy_set_find(set, "default");
    assert_int_equal(strncmp(policy->canonical, "{\"ceilings\":{\"code_bytes\":262144,", 32), 0);
    assert_null(strchr(policy->canonical, '\n'));
    policy_set_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_canonical_form_reads_back_to_the_same_policy),
        cmocka_unit_test(versions_do_not_depend_on_how_a_document_is_written),
        cmocka_unit_test(every_difference_gives_another_version),
        cmocka_unit_test(a_version_is_the_sha256_of_the_text),
        cmocka_unit_test(the_canonical_form_is_compact_and_sorted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
