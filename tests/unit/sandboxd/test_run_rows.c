// SPDX-License-Identifier: Apache-2.0
#include "tests/support/store_fixture.h"

#include "sandboxd/store/run_rows.h"
#include "sandboxd/store/store_state.h"

struct found {
    struct run_filter filter;
    unsigned count;
    struct run_record records[32];
    const char *id;
};

static void take(void *found_, const struct run_record *record)
{
    struct found *found = found_;
    assert_true(found->count < 32);
    found->records[found->count++] = *record;
}

static bool list(struct database *db, void *found_, struct error *err)
{
    struct found *found = found_;
    return runs_list(db, &found->filter, take, found, err);
}

static bool get(struct database *db, void *found_, struct error *err)
{
    struct found *found = found_;
    return run_get(db, found->id, &found->records[0], err);
}

static struct found listed(struct store *store, struct run_filter filter)
{
    struct found found = {.filter = filter};
    struct error err = {0};
    if (found.filter.limit == 0)
        found.filter.limit = 32;
    if (!store_read(store, list, &found, &err))
        fail_msg("%s", err.text);
    return found;
}

static void a_run_comes_back_with_every_member(void **state)
{
    struct store_fixture *fixture = *state;
    struct run_record record = fixture_run("default", OUTCOME_CPU_LIMIT, 12345);
    strcpy(record.tenant, "t");
    strcpy(record.plugin, "acme/slugify");
    strcpy(record.plugin_version, "1.2.0");
    strcpy(record.message, "CPU limit of 10 s reached");
    strcpy(record.source, "main.lua");
    strcpy(record.function, "f");
    record.line = 7;
    record.limit_hit = true;
    record.limit = LIMIT_CPU_MS;
    record.limit_observed = 10001234;
    record.limit_set_by = ORIGIN_REQUEST;
    record.syscall_known = true;
    record.syscall_number = 257;
    record.figures = (struct run_figures){.queue_us = 1,
                                          .wall_us = 2,
                                          .cpu_us = 3,
                                          .memory_bytes = 4,
                                          .rss_bytes = 5,
                                          .instructions_counted = true,
                                          .instructions = 6,
                                          .output_bytes = 7,
                                          .log_bytes = 8};
    record.limits.value[LIMIT_INSTRUCTIONS] = 1ULL << 49;
    assert_true(store_record_run(fixture->store, &record));
    struct found found = {.id = record.id};
    assert_true(store_read(fixture->store, get, &found, NULL));
    const struct run_record *back = &found.records[0];
    assert_string_equal(back->id, record.id);
    assert_string_equal(back->tenant, record.tenant);
    assert_string_equal(back->plugin, record.plugin);
    assert_string_equal(back->plugin_version, record.plugin_version);
    assert_string_equal(back->policy_version, record.policy_version);
    assert_string_equal(back->message, record.message);
    assert_string_equal(back->source, record.source);
    assert_string_equal(back->function, record.function);
    assert_string_equal(back->code_sha256, record.code_sha256);
    assert_string_equal(back->trace_id, record.trace_id);
    assert_int_equal(back->line, 7);
    assert_int_equal(back->limit, LIMIT_CPU_MS);
    assert_int_equal(back->limit_observed, 10001234);
    assert_int_equal(back->limit_set_by, ORIGIN_REQUEST);
    assert_int_equal(back->syscall_number, 257);
    assert_memory_equal(&back->figures, &record.figures, sizeof record.figures);
    assert_memory_equal(&back->limits, &record.limits, sizeof record.limits);
}

static void what_was_not_known_stays_unknown(void **state)
{
    struct store_fixture *fixture = *state;
    struct run_record record = fixture_run("default", OUTCOME_OK, 1);
    record.code_sha256[0] = record.trace_id[0] = '\0';
    assert_true(store_record_run(fixture->store, &record));
    struct found found = listed(fixture->store, (struct run_filter){0});
    assert_int_equal(found.count, 1);
    assert_false(found.records[0].limit_hit);
    assert_false(found.records[0].syscall_known);
    assert_false(found.records[0].figures.instructions_counted);
    assert_string_equal(found.records[0].code_sha256, "");
    assert_string_equal(found.records[0].plugin, "");
}

static void conditions_and_pages_go_together(void **state)
{
    struct store_fixture *fixture = *state;
    char ids[12][RUN_ID_SIZE + 1];
    for (unsigned i = 0; i < 12; i++) {
        struct run_record record =
            fixture_run(i % 2 ? "strict" : "default", i % 3 ? OUTCOME_OK : OUTCOME_CRASHED, i);
        snprintf(record.tenant, sizeof record.tenant, "%s", i % 4 ? "" : "acme");
        strcpy(ids[i], record.id);
        assert_true(store_record_run(fixture->store, &record));
    }
    assert_int_equal(listed(fixture->store, (struct run_filter){.policy = "strict"}).count, 6);
    assert_int_equal(listed(fixture->store, (struct run_filter){.status = "crashed"}).count, 4);
    assert_int_equal(listed(fixture->store, (struct run_filter){.status = "ok", .policy = "default"}).count,
                     4);
    assert_int_equal(listed(fixture->store, (struct run_filter){.tenant = "acme"}).count, 3);
    assert_int_equal(listed(fixture->store, (struct run_filter){.plugin = "x"}).count, 0);
    struct found page = listed(fixture->store, (struct run_filter){.limit = 5});
    assert_int_equal(page.count, 5);
    assert_string_equal(page.records[0].id, ids[11]);
    page = listed(fixture->store, (struct run_filter){.below = page.records[4].id, .policy = "strict"});
    assert_int_equal(page.count, 3);
    assert_string_equal(page.records[0].id, ids[5]);
    int64_t now_ms = run_id_unix_ms(ids[0]);
    assert_int_equal(listed(fixture->store, (struct run_filter){.until_ms = now_ms}).count, 0);
    assert_int_equal(listed(fixture->store, (struct run_filter){.since_ms = now_ms}).count, 12);
    assert_int_equal(listed(fixture->store, (struct run_filter){.since_ms = now_ms + 3600000}).count, 0);
}

static void a_run_that_never_was_is_not_found(void **state)
{
    struct store_fixture *fixture = *state;
    struct found found = {.id = "0193d2a4-0000-7000-8000-000000000000"};
    struct error err = {0};
    assert_false(store_read(fixture->store, get, &found, &err));
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_run_comes_back_with_every_member, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(what_was_not_known_stays_unknown, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(conditions_and_pages_go_together, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(a_run_that_never_was_is_not_found, store_set_up, store_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
