// SPDX-License-Identifier: Apache-2.0
#include "tests/support/store_fixture.h"

#include "sandboxd/policies/sources.h"

static void write_file(const struct store_fixture *fixture, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/a.json", fixture->folder);
    if (!text) {
        unlink(path);
        return;
    }
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static bool put_row(struct database *db, void *sources, struct error *err)
{
    char hash[FILE_HASH_SIZE];
    live_sources_file_hash(sources, "a", hash);
    struct document_row row = {.name = "a", .document = bytes_of_text("put"), .file_sha256 = hash};
    return document_put(db, &row, "me", err);
}

static bool drop_outdated(struct database *db, void *sources, struct error *err)
{
    return live_sources_drop_outdated(sources, db, err);
}

static void read_again(struct store_fixture *fixture, struct live_sources *sources)
{
    struct error err = {0};
    if (!live_sources_read(sources, fixture->folder, fixture->store, &err))
        fail_msg("%s", err.text);
}

static void assert_text(const struct live_sources *sources, const char *text, bool was_put)
{
    assert_string_equal(policy_sources_find(&sources->merged, "a")->text, text);
    assert_int_equal(live_sources_was_put(sources, "a"), was_put);
}

static void the_last_change_wins_whichever_way_it_came(void **state)
{
    struct store_fixture *fixture = *state;
    struct live_sources sources;
    write_file(fixture, "file");
    read_again(fixture, &sources);
    assert_text(&sources, "file", false);
    assert_true(store_transact(fixture->store, put_row, &sources, NULL));
    live_sources_free(&sources);
    read_again(fixture, &sources);
    assert_text(&sources, "put", true);
    live_sources_free(&sources);
    write_file(fixture, "file, changed");
    read_again(fixture, &sources);
    assert_text(&sources, "file, changed", false);
    assert_true(store_transact(fixture->store, drop_outdated, &sources, NULL));
    live_sources_free(&sources);
    // Once overtaken it does not come back, even if the file does.
    write_file(fixture, "file");
    read_again(fixture, &sources);
    assert_text(&sources, "file", false);
    live_sources_free(&sources);
    write_file(fixture, NULL);
}

static void what_has_no_file_stays_until_there_is_one(void **state)
{
    struct store_fixture *fixture = *state;
    struct live_sources sources;
    read_again(fixture, &sources);
    assert_int_equal(sources.merged.count, 0);
    assert_true(store_transact(fixture->store, put_row, &sources, NULL));
    live_sources_free(&sources);
    read_again(fixture, &sources);
    assert_text(&sources, "put", true);
    live_sources_free(&sources);
    write_file(fixture, "file");
    read_again(fixture, &sources);
    assert_text(&sources, "file", false);
    live_sources_free(&sources);
    write_file(fixture, NULL);
}

static void a_copy_is_changed_by_itself(void **state)
{
    struct store_fixture *fixture = *state;
    struct live_sources sources, copy;
    write_file(fixture, "file");
    read_again(fixture, &sources);
    assert_true(live_sources_copy(&sources, &copy, NULL));
    assert_true(live_sources_put(&copy, "a", bytes_of_text("other"), NULL));
    assert_text(&copy, "other", true);
    assert_text(&sources, "file", false);
    live_sources_free(&copy);
    live_sources_free(&sources);
    write_file(fixture, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_last_change_wins_whichever_way_it_came, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(what_has_no_file_stays_until_there_is_one, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(a_copy_is_changed_by_itself, store_set_up, store_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
