// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/store/run_rows.h"
#include "sandboxd/store/usage_rows.h"
#include "tests/support/store_fixture.h"

struct seen {
    unsigned rows;
    struct usage_sum sum;
    char first[65];
};

static bool see(void *seen_, const struct usage_row *row)
{
    struct seen *seen = seen_;
    if (seen->rows++ == 0)
        snprintf(seen->first, sizeof seen->first, "%s%s", row->tenant, row->plugin);
    seen->sum.runs += row->sum.runs;
    seen->sum.failures += row->sum.failures;
    seen->sum.cpu_us += row->sum.cpu_us;
    seen->sum.memory_kib_ms += row->sum.memory_kib_ms;
    seen->sum.cost_micros += row->sum.cost_micros;
    return true;
}

struct question {
    bool (*read)(struct database *db, const struct usage_filter *filter, usage_taker *take, void *context,
                 struct error *err);
    struct usage_filter filter;
    struct seen seen;
};

static bool ask_in_store(struct database *db, void *question_, struct error *err)
{
    struct question *question = question_;
    return question->read(db, &question->filter, see, &question->seen, err);
}

static struct seen ask(struct store_fixture *fixture, struct question question)
{
    assert_true(store_read(fixture->store, ask_in_store, &question, NULL));
    return question.seen;
}

static bool sum_of_runs(struct database *db, void *sum_, struct error *err)
{
    struct usage_sum *sum = sum_;
    autostatement struct statement read =
        statement_make(db, "SELECT count(*), sum(status <> 'ok'), sum(cpu_us), sum(memory_kib_ms), "
                           "sum(cost_micros) FROM runs");
    assert_true(statement_row(&read));
    *sum = (struct usage_sum){.runs = (uint64_t)column_integer(&read, 0),
                              .failures = (uint64_t)column_integer(&read, 1),
                              .cpu_us = (uint64_t)column_integer(&read, 2),
                              .memory_kib_ms = (uint64_t)column_integer(&read, 3),
                              .cost_micros = (uint64_t)column_integer(&read, 4)};
    return statement_done(&read, err);
}

static void sums_are_those_of_the_runs(void **state)
{
    struct store_fixture *fixture = *state;
    for (unsigned i = 0; i < 1000; i++) {
        struct run_record record =
            fixture_run("default", i % 7 == 0 ? OUTCOME_CPU_LIMIT : OUTCOME_OK, 100 + i);
        snprintf(record.tenant, sizeof record.tenant, "tenant-%u", i % 150); // more than a batch holds
        snprintf(record.plan, sizeof record.plan, "pro");
        snprintf(record.plugin, sizeof record.plugin, "acme/p%u", i % 3);
        record.cost_micros = i;
        record.memory_kib_ms = 2 * i;
        assert_true(store_record_run(fixture->store, &record));
    }
    struct usage_sum runs;
    assert_true(store_read(fixture->store, sum_of_runs, &runs, NULL));
    assert_int_equal(runs.runs, 1000);
    struct seen by_day = ask(fixture, (struct question){.read = usage_by_day_read});
    assert_memory_equal(&by_day.sum, &runs, sizeof runs);
    struct seen by_plugin = ask(fixture, (struct question){.read = usage_by_plugin_read});
    assert_memory_equal(&by_plugin.sum, &runs, sizeof runs);
    assert_int_equal(by_plugin.rows % 3, 0);
    struct seen by_tenant = ask(fixture, (struct question){.read = usage_by_tenant_read});
    assert_memory_equal(&by_tenant.sum, &runs, sizeof runs);
    assert_int_equal(by_tenant.rows, 150);
}

static void filters_narrow_sums_down(void **state)
{
    struct store_fixture *fixture = *state;
    static const char *const tenants[] = {"", "acme", "acme", "other"};
    for (unsigned i = 0; i < 4; i++) {
        struct run_record record = fixture_run("default", OUTCOME_OK, 1);
        snprintf(record.tenant, sizeof record.tenant, "%s", tenants[i]);
        record.cost_micros = 10 + i;
        store_record_run(fixture->store, &record);
    }
    struct seen acme = ask(fixture, (struct question){.read = usage_by_day_read, .filter.tenant = "acme"});
    assert_int_equal(acme.sum.runs, 2);
    struct seen before = ask(fixture, (struct question){.read = usage_by_day_read, .filter.to_day = 1});
    assert_int_equal(before.rows, 0);
    struct seen top = ask(fixture, (struct question){.read = usage_by_tenant_read, .filter.limit = 1});
    assert_int_equal(top.rows, 1);
    assert_string_equal(top.first, "acme");
}

int main(void)
{
#define STORY(story_) cmocka_unit_test_setup_teardown(story_, store_set_up, store_tear_down)
    const struct CMUnitTest tests[] = {
        STORY(sums_are_those_of_the_runs),
        STORY(filters_narrow_sums_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
