// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/top_sample.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

#define SECOND UINT64_C(1000000000)

static json_t *stats(int total, int ok, int queued)
{
    return json_pack("{s:{s:i, s:i, s:i, s:{s:i}}, s:{s:i}}", "runs", "total", total, "running", 1, "queued",
                     queued, "by_status", "ok", ok, "workers", "idle", 4);
}

static void add_run(json_t *items, const char *id, const char *tenant, double wall_ms, double cpu_ms,
                    bool success)
{
    json_array_append_new(items, json_pack("{s:s, s:s, s:b, s:n, s:{s:s}, s:{s:f, s:f}}", "id", id, "tenant",
                                           tenant, "success", success, "plugin", "policy", "name", "default",
                                           "usage", "wall_ms", wall_ms, "cpu_ms", cpu_ms));
}

static bool take(struct top_memory *memory, json_t *counts, json_t *items, uint64_t now_ns,
                 struct top_sample *sample)
{
    json_t *history = json_pack("{s:o}", "items", items);
    bool taken = top_sample_take(memory, counts, history, now_ns, sample);
    json_decref(counts);
    json_decref(history);
    return taken;
}

static void the_first_look_has_nothing_to_compare_with(void **state)
{
    (void)state;
    struct top_memory memory = {0};
    struct top_sample sample;
    assert_false(take(&memory, stats(100, 90, 0), json_array(), SECOND, &sample));
    top_memory_free(&memory);
}

static void counts_are_of_what_came_in_between(void **state)
{
    (void)state;
    struct top_memory memory = {0};
    struct top_sample sample;
    take(&memory, stats(100, 90, 0), json_array(), SECOND, &sample);
    assert_true(take(&memory, stats(150, 130, 7), json_array(), 3 * SECOND, &sample));
    assert_true(sample.interval_s == 2.0);
    assert_int_equal(sample.runs, 50);
    assert_int_equal(sample.by_status[OUTCOME_OK], 40);
    assert_int_equal(sample.queued, 7);
    assert_int_equal(sample.idle_workers, 4);
    assert_int_equal(sample.seen, 0);
    top_memory_free(&memory);
}

static json_t *http_stats(int requests, int limited, int unavailable)
{
    return json_pack("{s:{s:i, s:i, s:i, s:i}}", "http", "connections", 3, "requests_total", requests,
                     "limited_total", limited, "unavailable_total", unavailable);
}

static void refused_requests_are_told_apart(void **state)
{
    (void)state;
    struct top_memory memory = {0};
    struct top_sample sample;
    take(&memory, http_stats(100, 10, 1), json_array(), SECOND, &sample);
    assert_true(take(&memory, http_stats(300, 150, 21), json_array(), 2 * SECOND, &sample));
    assert_int_equal(sample.connections, 3);
    assert_int_equal(sample.http.requests, 200);
    assert_int_equal(sample.http.limited, 140);
    assert_int_equal(sample.http.unavailable, 20);
    top_memory_free(&memory);
}

static void a_server_that_was_started_again_counts_from_0(void **state)
{
    (void)state;
    struct top_memory memory = {0};
    struct top_sample sample;
    take(&memory, stats(100, 90, 0), json_array(), SECOND, &sample);
    assert_true(take(&memory, stats(5, 4, 0), json_array(), 2 * SECOND, &sample));
    assert_int_equal(sample.runs, 5);
    assert_int_equal(sample.by_status[OUTCOME_OK], 4);
    top_memory_free(&memory);
}

static void only_runs_that_are_new_on_the_page_are_looked_at(void **state)
{
    (void)state;
    struct top_memory memory = {0};
    struct top_sample sample;
    json_t *first = json_array(), *second = json_array();
    add_run(first, "a", "acme", 1, 1, true);
    take(&memory, stats(1, 1, 0), first, SECOND, &sample);
    add_run(second, "c", "beta", 3, 9, false);
    add_run(second, "b", "acme", 2, 4, true);
    add_run(second, "a", "acme", 1, 1, true);
    assert_true(take(&memory, stats(3, 2, 0), second, 2 * SECOND, &sample));
    assert_int_equal(sample.seen, 2);
    assert_false(sample.is_part);
    assert_int_equal(sample.p50_us, 2000);
    assert_int_equal(sample.lists[TOP_TENANTS].count, 2);
    assert_string_equal(sample.lists[TOP_TENANTS].entries[0].name, "beta");
    assert_int_equal(sample.lists[TOP_TENANTS].entries[0].failed, 1);
    assert_int_equal(sample.lists[TOP_TENANTS].entries[1].cpu_us, 4000);
    assert_int_equal(sample.lists[TOP_PLUGINS].count, 0);
    assert_int_equal(sample.lists[TOP_POLICIES].entries[0].runs, 2);
    top_memory_free(&memory);
}

static void the_busiest_are_kept_in_order(void **state)
{
    (void)state;
    struct top_memory memory = {0};
    struct top_sample sample;
    static const int cpu_ms[] = {3, 9, 1, 8, 2, 7, 4};
    json_t *items = json_array();
    take(&memory, stats(0, 0, 0), json_array(), SECOND, &sample);
    for (size_t i = 0; i < sizeof cpu_ms / sizeof *cpu_ms; i++) {
        char name[8];
        snprintf(name, sizeof name, "t%zu", i);
        add_run(items, name, name, 1, cpu_ms[i], true);
    }
    take(&memory, stats(7, 7, 0), items, 2 * SECOND, &sample);
    static const uint64_t expected[TOP_SHOWN] = {9000, 8000, 7000, 4000, 3000};
    assert_int_equal(sample.lists[TOP_TENANTS].count, TOP_SHOWN);
    for (size_t i = 0; i < TOP_SHOWN; i++)
        assert_int_equal(sample.lists[TOP_TENANTS].entries[i].cpu_us, expected[i]);
    top_memory_free(&memory);
}

static void what_goes_on_is_taken_in_its_order(void **state)
{
    (void)state;
    struct top_memory memory = {0};
    struct top_sample sample;
    take(&memory, stats(0, 0, 0), json_array(), SECOND, &sample);
    json_t *counts = stats(0, 0, 0), *going = json_array();
    for (int i = 0; i < TOP_SHOWN + 2; i++)
        json_array_append_new(going,
                              json_pack("{s:s, s:s, s:s, s:n, s:i}", "id", i == 0 ? "first" : "later",
                                        "policy", "default", "tenant", "acme", "plugin", "age_ms", 1000 - i));
    json_object_set_new(json_object_get(counts, "runs"), "in_flight", going);
    assert_true(take(&memory, counts, json_array(), 2 * SECOND, &sample));
    assert_int_equal(sample.going_count, TOP_SHOWN);
    assert_string_equal(sample.going[0].id, "first");
    assert_string_equal(sample.going[0].tenant, "acme");
    assert_string_equal(sample.going[0].plugin, "");
    assert_int_equal(sample.going[0].age_us, 1000000);
    top_memory_free(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_look_has_nothing_to_compare_with),
        cmocka_unit_test(counts_are_of_what_came_in_between),
        cmocka_unit_test(refused_requests_are_told_apart),
        cmocka_unit_test(a_server_that_was_started_again_counts_from_0),
        cmocka_unit_test(only_runs_that_are_new_on_the_page_are_looked_at),
        cmocka_unit_test(the_busiest_are_kept_in_order),
        cmocka_unit_test(what_goes_on_is_taken_in_its_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
