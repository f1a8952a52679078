// SPDX-License-Identifier: Apache-2.0
#include "tests/support/policy_fixture.h"

#include "policies/origins.h"

#include <stdio.h>
#include <string.h>

static void every_document_of_a_circle_is_told_of_it(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"name\": \"a\", \"extends\": \"b\"}", "{\"name\": \"b\",\n \"extends\": \"c\"}",
        "{\"name\": \"c\", \"extends\": \"a\"}", "{\"name\": \"d\", \"extends\": \"a\"}"};
    struct diagnostics diagnostics;
    assert_null(fixture_set(texts, 4, &diagnostics));
    assert_int_equal(diagnostics.count, 3); // d only leads there
    assert_string_equal(diagnostics.items[0].message, "extends itself: a -> b -> c -> a");
    assert_string_equal(diagnostics.items[1].message, "extends itself: b -> c -> a -> b");
    assert_string_equal(diagnostics.items[2].message, "extends itself: c -> a -> b -> c");
    assert_int_equal(diagnostics.items[1].line, 2);
    assert_int_equal(diagnostics.items[1].column, 13);
    assert_string_equal(diagnostics.items[1].pointer, "/extends");
    diagnostics_free(&diagnostics);
}

static void a_parent_that_does_not_exist_is_a_fault(void **state)
{
    (void)state;
    static const char *const texts[] = {"{\"name\": \"a\", \"extends\": \"strickt\"}"};
    struct diagnostics diagnostics;
    assert_null(fixture_set(texts, 1, &diagnostics));
    assert_int_equal(diagnostics.count, 1);
    assert_string_equal(diagnostics.items[0].message,
                        "there is no policy \"strickt\"; did you mean \"strict\"?");
    diagnostics_free(&diagnostics);
}

// p1 extends base, p2 extends p1, ...: base and 15 more are a chain of 16.
static unsigned faults_of_a_chain(unsigned length)
{
    char texts[32][64];
    const char *pointers[32];
    for (unsigned i = 0; i < length; i++) {
        char parent[8];
        snprintf(parent, sizeof parent, "p%u", i);
        snprintf(texts[i], sizeof texts[i], "{\"name\": \"p%u\", \"extends\": \"%s\"}", i + 1,
                 i ? parent : "base");
        pointers[i] = texts[i];
    }
    struct diagnostics diagnostics;
    struct policy_set *set = fixture_set(pointers, length, &diagnostics);
    unsigned faults = (unsigned)diagnostics.count;
    diagnostics_free(&diagnostics);
    policy_set_free(set);
    return faults;
}

static void chains_are_bounded(void **state)
{
    (void)state;
    assert_int_equal(faults_of_a_chain(EXTENDS_CHAIN_MAX - 1), 0);
    assert_int_equal(faults_of_a_chain(EXTENDS_CHAIN_MAX), 1);
    assert_int_equal(faults_of_a_chain(EXTENDS_CHAIN_MAX + 4), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_document_of_a_circle_is_told_of_it),
        cmocka_unit_test(a_parent_that_does_not_exist_is_a_fault),
        cmocka_unit_test(chains_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
