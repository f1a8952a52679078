// SPDX-License-Identifier: Apache-2.0
#include "tests/support/store_fixture.h"

#include "sandboxd/store/run_rows.h"

struct sampling {
    const char *plugin;
    size_t maximum;
    struct run_samples samples;
};

static bool sample(struct database *db, void *sampling_, struct error *err)
{
    struct sampling *sampling = sampling_;
    return run_samples_read(db, "default", sampling->plugin, sampling->maximum, &sampling->samples, err);
}

static void add(struct store *store, enum outcome outcome, uint64_t cpu_us, const char *plugin)
{
    struct run_record record = fixture_run("default", outcome, cpu_us);
    strcpy(record.plugin, plugin);
    assert_true(store_record_run(store, &record));
}

static void only_runs_that_say_something_about_limits_are_sampled(void **state)
{
    struct store_fixture *fixture = *state;
    add(fixture->store, OUTCOME_OK, 1000, "");
    add(fixture->store, OUTCOME_PLUGIN_ERROR, 2000, "acme/a");
    add(fixture->store, OUTCOME_CPU_LIMIT, 9000, "acme/a");
    add(fixture->store, OUTCOME_CANCELLED, 5000, "");
    add(fixture->store, OUTCOME_CRASHED, 5000, "");
    add(fixture->store, OUTCOME_SYNTAX_ERROR, 5000, "");
    struct run_record other = fixture_run("strict", OUTCOME_OK, 7);
    assert_true(store_record_run(fixture->store, &other));
    struct sampling sampling = {.maximum = 100};
    assert_true(store_read(fixture->store, sample, &sampling, NULL));
    assert_int_equal(sampling.samples.ended_count, 2);
    assert_int_equal(sampling.samples.cut_off_count, 1);
    assert_int_equal(sampling.samples.ended[LIMIT_CPU_MS][0], 2000); // the newest first
    assert_int_equal(sampling.samples.cut_off[LIMIT_CPU_MS][0], 9000);
    assert_null(sampling.samples.ended[LIMIT_CODE_BYTES]); // runs are not measured by it
    run_samples_free(&sampling.samples);
    sampling.plugin = "acme/a";
    assert_true(store_read(fixture->store, sample, &sampling, NULL));
    assert_int_equal(sampling.samples.ended_count, 1);
    run_samples_free(&sampling.samples);
    sampling = (struct sampling){.maximum = 1};
    assert_true(store_read(fixture->store, sample, &sampling, NULL));
    assert_int_equal(sampling.samples.ended_count + sampling.samples.cut_off_count, 1);
    run_samples_free(&sampling.samples);
}

struct names {
    char text[128];
};

static void take_name(void *names, const char *plugin)
{
    strcat(((struct names *)names)->text, plugin);
    strcat(((struct names *)names)->text, " ");
}

static bool read_plugins(struct database *db, void *names, struct error *err)
{
    return run_plugins_read(db, "default", 100, 2, take_name, names, err);
}

static void plugins_are_told_by_how_often_they_ran(void **state)
{
    struct store_fixture *fixture = *state;
    struct names names = {""};
    for (unsigned i = 0; i < 9; i++)
        add(fixture->store, OUTCOME_OK, 1, i < 4 ? "acme/b" : i < 7 ? "acme/a" : i < 8 ? "acme/c" : "");
    assert_true(store_read(fixture->store, read_plugins, &names, NULL));
    assert_string_equal(names.text, "acme/b acme/a ");
}

static void times_are_sampled_in_microseconds(void **state)
{
    (void)state;
    assert_int_equal(run_samples_scale(LIMIT_CPU_MS), 1000);
    assert_int_equal(run_samples_scale(LIMIT_MEMORY_BYTES), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_runs_that_say_something_about_limits_are_sampled, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(plugins_are_told_by_how_often_they_ran, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(times_are_sampled_in_microseconds, store_set_up, store_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
