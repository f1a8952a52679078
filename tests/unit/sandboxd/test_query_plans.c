// SPDX-License-Identifier: Apache-2.0
// How SQLite goes about each query on runs: by an index, whatever they are narrowed down by, and in the order
// of the answer. That is what a million stored runs cost.
#include "tests/support/store_fixture.h"

#include "sandboxd/store/key_rows.h"
#include "sandboxd/store/policy_rows.h"
#include "sandboxd/store/run_rows.h"
#include "sandboxd/store/store_state.h"

#include <sqlite3.h>

enum { QUERIES_MAX = 8, RUNS = 48, CONDITIONS = 8 };

struct queries {
    unsigned count;
    char sql[QUERIES_MAX][1024];
};

static int take_query(unsigned what, void *queries_, void *prepared, void *sql)
{
    struct queries *queries = queries_;
    const char *text = sqlite3_sql(prepared);
    (void)what;
    (void)sql;
    assert_true(queries->count < QUERIES_MAX && strlen(text) < sizeof queries->sql[0]);
    strcpy(queries->sql[queries->count++], text);
    return 0;
}

static void assert_goes_by_an_index(struct database *db, const char *sql)
{
    char explain[1100];
    snprintf(explain, sizeof explain, "EXPLAIN QUERY PLAN %s", sql);
    autostatement struct statement plan = statement_make(db, explain);
    unsigned steps = 0;
    while (statement_row(&plan)) {
        const char *step = column_text(&plan, 3);
        steps++;
        if (strncmp(step, "SCAN", 4) == 0 || strstr(step, "TEMP B-TREE"))
            fail_msg("%s\n%s", step, sql);
    }
    assert_true(statement_done(&plan, NULL));
    assert_true(steps > 0);
}

static void begin_taking(struct database *db, struct queries *queries)
{
    queries->count = 0;
    sqlite3_trace_v2(database_sqlite(db), SQLITE_TRACE_STMT, take_query, queries);
}

static void assert_taken_go_by_an_index(struct database *db, const struct queries *queries)
{
    sqlite3_trace_v2(database_sqlite(db), 0, NULL, NULL);
    assert_true(queries->count > 0);
    for (unsigned i = 0; i < queries->count; i++)
        assert_goes_by_an_index(db, queries->sql[i]);
}

static const char trace_a[] = "0000000000000000000000000000000a";

// One bit of `at` decides each: so there is a run for every combination.
static struct run_record run_at(unsigned at)
{
    struct run_record record =
        fixture_run(at & 1 ? "strict" : "default", at & 2 ? OUTCOME_OK : OUTCOME_CRASHED, at);
    if (at & 4)
        strcpy(record.tenant, "acme");
    if (at & 8)
        strcpy(record.plugin, "acme/slugify");
    if (at & 16)
        strcpy(record.trace_id, trace_a);
    return record;
}

static struct run_filter filter_of(unsigned conditions, const char *status)
{
    struct run_filter filter = {.limit = RUNS + 1};
    filter.policy = conditions & 1 ? "strict" : NULL;
    filter.status = conditions & 2 ? status : NULL;
    filter.tenant = conditions & 4 ? "acme" : NULL;
    filter.plugin = conditions & 8 ? "acme/slugify" : NULL;
    filter.trace_id = conditions & 16 ? trace_a : NULL;
    filter.since_ms = conditions & 32 ? 1 : 0;
    filter.until_ms = conditions & 64 ? INT64_C(1) << 45 : 0;
    filter.below = conditions & 128 ? "ffffffff-ffff-7fff-bfff-ffffffffffff" : NULL;
    return filter;
}

struct counted {
    unsigned count;
    char last[RUN_ID_SIZE + 1];
};

static void count_run(void *counted_, const struct run_record *record)
{
    struct counted *counted = counted_;
    assert_true(counted->count == 0 || strcmp(record->id, counted->last) < 0);
    strcpy(counted->last, record->id);
    counted->count++;
}

// How many of the runs that run_at made match.
static unsigned matching(unsigned conditions, bool ok)
{
    unsigned count = 0;
    for (unsigned at = 0; at < RUNS; at++) {
        unsigned wanted = conditions & 31, has = ok ? at : at ^ 2;
        count += (has & wanted) == wanted;
    }
    return count;
}

static bool list_every_way(struct database *db, void *context, struct error *err)
{
    static const char *const statuses[] = {"crashed", "ok"};
    struct queries *queries = context;
    for (unsigned conditions = 0; conditions < 1 << CONDITIONS; conditions++)
        for (unsigned ok = 0; ok < 2; ok++) {
            struct run_filter filter = filter_of(conditions, statuses[ok]);
            struct counted counted = {.count = 0};
            begin_taking(db, queries);
            assert_true(runs_list(db, &filter, count_run, &counted, err));
            assert_taken_go_by_an_index(db, queries);
            assert_int_equal(counted.count, matching(conditions, ok));
        }
    return true;
}

static void every_filter_goes_by_an_index_and_finds_what_matches(void **state)
{
    struct store_fixture *fixture = *state;
    struct queries queries;
    for (unsigned at = 0; at < RUNS; at++) {
        struct run_record record = run_at(at);
        assert_true(store_record_run(fixture->store, &record));
    }
    assert_true(store_read(fixture->store, list_every_way, &queries, NULL));
}

static void take_nothing(void *context, const struct audit_row *row)
{
    (void)context;
    (void)row;
}

static bool read_others(struct database *db, void *context, struct error *err)
{
    struct queries *queries = context;
    struct run_record record;
    struct run_samples samples;
    begin_taking(db, queries);
    assert_false(run_get(db, "0193d2a4-0000-7000-8000-000000000000", &record, err));
    assert_true(run_samples_read(db, "default", NULL, 10, &samples, err));
    run_samples_free(&samples);
    assert_true(run_samples_read(db, "default", "acme/slugify", 10, &samples, err));
    run_samples_free(&samples);
    assert_true(audit_list(db, NULL, 0, 10, take_nothing, NULL, err));
    assert_true(audit_list(db, "default", 7, 10, take_nothing, NULL, err));
    assert_taken_go_by_an_index(db, queries);
    return true;
}

static void one_run_samples_and_the_audit_log_go_by_an_index(void **state)
{
    struct store_fixture *fixture = *state;
    struct queries queries;
    assert_true(store_read(fixture->store, read_others, &queries, NULL));
}

static bool count_all(struct database *db, void *count, struct error *err)
{
    return runs_count(db, count, err);
}

struct pruning {
    struct store *store;
    struct queries queries;
};

static bool prune(struct database *db, void *pruning_, struct error *err)
{
    struct pruning *pruning = pruning_;
    begin_taking(db, &pruning->queries);
    assert_true(runs_prune(pruning->store, err));
    assert_taken_go_by_an_index(db, &pruning->queries);
    return true;
}

static void what_is_too_old_or_too_much_is_found_by_an_index(void **state)
{
    struct store_fixture *fixture = *state;
    store_close(fixture->store);
    fixture_open_bounded(fixture, 10, 30);
    for (unsigned at = 0; at < RUNS; at++) {
        struct run_record record = run_at(at);
        assert_true(store_record_run(fixture->store, &record));
    }
    uint64_t count = 0;
    struct pruning pruning = {.store = fixture->store};
    // A read waits until they are written. Then on the writer's thread, as it does it.
    assert_true(store_read(fixture->store, count_all, &count, NULL));
    assert_int_equal(count, RUNS);
    assert_true(store_transact(fixture->store, prune, &pruning, NULL));
    assert_int_equal(pruning.queries.count, 2);
    assert_int_equal(fixture->store->run_count, 10);
}

static bool pass_key(void *context, const struct key_row *row)
{
    (void)context;
    (void)row;
    return true;
}

static bool read_keys_of_one(struct database *db, void *queries_, struct error *err)
{
    struct queries *queries = queries_;
    char explain[1100];
    begin_taking(db, queries);
    assert_true(keys_read(db, "acme", pass_key, NULL, err));
    sqlite3_trace_v2(database_sqlite(db), 0, NULL, NULL);
    assert_int_equal(queries->count, 1);
    // A tenant's are so few that they may be sorted.
    snprintf(explain, sizeof explain, "EXPLAIN QUERY PLAN %s", queries->sql[0]);
    autostatement struct statement plan = statement_make(db, explain);
    assert_true(statement_row(&plan));
    assert_memory_equal(column_text(&plan, 3), "SEARCH", strlen("SEARCH"));
    return true;
}

static void the_keys_of_a_tenant_are_not_looked_for_among_those_of_all(void **state)
{
    struct store_fixture *fixture = *state;
    struct queries queries;
    assert_true(store_read(fixture->store, read_keys_of_one, &queries, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_filter_goes_by_an_index_and_finds_what_matches, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(one_run_samples_and_the_audit_log_go_by_an_index, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(the_keys_of_a_tenant_are_not_looked_for_among_those_of_all,
                                        store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(what_is_too_old_or_too_much_is_found_by_an_index, store_set_up,
                                        store_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
