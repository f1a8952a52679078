// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/profile_table.h"

#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>

static int make_table(void **state)
{
    *state = calloc(1, sizeof(struct profile_table));
    return *state != NULL ? 0 : -1;
}

static int free_table(void **state)
{
    free(*state);
    return 0;
}

static struct profile_place place(struct profile_table *table, const char *source, uint32_t defined,
                                  uint32_t line)
{
    uint32_t at = profile_table_source(table, bytes_of_text(source));
    uint32_t function = profile_table_find_function(table, at, defined);
    if (function == PROFILE_NO_INDEX)
        function = profile_table_add_function(table, at, defined, bytes_of_text("f"), defined);
    return (struct profile_place){.function = function, .source = at, .line = line};
}

static void stacks_of_the_same_functions_are_one_node(void **state)
{
    struct profile_table *table = *state;
    const struct profile_place stack[] = {place(table, "a", 5, 6), place(table, "a", 1, 2)};
    const struct profile_place other_line[] = {place(table, "a", 5, 7), place(table, "a", 1, 2)};
    profile_table_add(table, stack, 2, &(struct profile_cost){1, 10, 100});
    profile_table_add(table, other_line, 2, &(struct profile_cost){1, 20, 0});
    const struct profile *profile = &table->profile;
    assert_int_equal(profile->source_count, 1);
    assert_int_equal(profile->function_count, 2);
    assert_int_equal(profile->node_count, 2);
    assert_int_equal(profile->nodes[0].self.cpu_ns, 0); // the outer function: only what it called cost
    assert_int_equal(profile->nodes[1].parent, 1);
    assert_int_equal(profile->nodes[1].self.cpu_ns, 30);
    assert_int_equal(profile->nodes[1].self.bytes, 100);
    assert_int_equal(profile->line_count, 3);
}

static void a_line_has_its_own_cost_and_that_of_its_calls_once(void **state)
{
    struct profile_table *table = *state;
    // A C function called on line 3 of a function that called itself on line 4, twice.
    const struct profile_place stack[] = {place(table, "[C]", 9, 0), place(table, "a", 1, 3),
                                          place(table, "a", 1, 4), place(table, "a", 1, 4)};
    profile_table_add(table, stack, 4, &(struct profile_cost){1, 10, 0});
    const struct profile *profile = &table->profile;
    assert_int_equal(profile->line_count, 2);
    assert_int_equal(profile->lines[0].line, 3);
    assert_int_equal(profile->lines[0].self.cpu_ns, 10);
    assert_int_equal(profile->lines[1].line, 4);
    assert_int_equal(profile->lines[1].self.cpu_ns, 0);
    assert_int_equal(profile->lines[1].total.cpu_ns, 10);
}

static void what_does_not_fit_is_told_and_costs_are_kept(void **state)
{
    struct profile_table *table = *state;
    uint64_t told = 0;
    for (uint32_t i = 0; i < 3 * PROFILE_NODES_MAX; i++) {
        struct profile_place stack[] = {place(table, "a", i % 100 + 2, i), place(table, "a", i % 97 + 200, i),
                                        place(table, "a", 1, 1)};
        profile_table_add(table, stack, 3, &(struct profile_cost){1, 1, 1});
    }
    const struct profile *profile = &table->profile;
    for (uint32_t i = 0; i < profile->node_count; i++)
        told += profile->nodes[i].self.cpu_ns;
    assert_int_equal(told, 3 * PROFILE_NODES_MAX);
    assert_int_equal(profile->node_count, PROFILE_NODES_MAX);
    assert_int_equal(profile->line_count, PROFILE_LINES_MAX);
    assert_true(profile->truncated);
}

static void functions_and_sources_that_do_not_fit_are_left_out(void **state)
{
    struct profile_table *table = *state;
    for (uint32_t i = 0; i < PROFILE_FUNCTIONS_MAX; i++)
        assert_int_equal(place(table, "a", i, 1).function, i);
    assert_false(table->profile.truncated);
    assert_int_equal(place(table, "a", PROFILE_FUNCTIONS_MAX, 1).function, PROFILE_NO_INDEX);
    assert_true(table->profile.truncated);
    char name[8];
    for (uint32_t i = 1; i < PROFILE_SOURCES_MAX; i++) {
        snprintf(name, sizeof name, "s%u", i);
        assert_int_equal(profile_table_source(table, bytes_of_text(name)), i);
    }
    assert_int_equal(profile_table_source(table, bytes_of_text("one more")), PROFILE_NO_INDEX);
    const struct profile_place lost = {PROFILE_NO_INDEX, PROFILE_NO_INDEX, 5};
    profile_table_add(table, &lost, 1, &(struct profile_cost){1, 1, 1});
    assert_int_equal(table->profile.node_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(stacks_of_the_same_functions_are_one_node, make_table, free_table),
        cmocka_unit_test_setup_teardown(a_line_has_its_own_cost_and_that_of_its_calls_once, make_table,
                                        free_table),
        cmocka_unit_test_setup_teardown(what_does_not_fit_is_told_and_costs_are_kept, make_table, free_table),
        cmocka_unit_test_setup_teardown(functions_and_sources_that_do_not_fit_are_left_out, make_table,
                                        free_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
