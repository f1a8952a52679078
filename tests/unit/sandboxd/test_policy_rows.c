// SPDX-License-Identifier: Apache-2.0
#include "tests/support/store_fixture.h"

#include "sandboxd/store/policy_rows.h"

static struct database *open_at(const struct store_fixture *fixture)
{
    char path[128];
    struct database *db = NULL;
    snprintf(path, sizeof path, "%s/sandboxd.db", fixture->folder);
    assert_true(database_open(path, true, &db, NULL));
    return db;
}

struct seen {
    unsigned count;
    int64_t last;
    char text[4096];
};

static bool take_document(void *seen_, const struct document_row *row, struct error *err)
{
    struct seen *seen = seen_;
    (void)err;
    size_t used = strlen(seen->text);
    snprintf(seen->text + used, sizeof seen->text - used, "%s=%.*s/%s ", row->name, (int)row->document.length,
             row->document.data, row->file_sha256);
    return true;
}

static void documents_are_replaced_and_dropped_by_name(void **state)
{
    struct database *db = open_at(*state);
    struct seen seen = {0};
    struct document_row one = {.name = "b", .document = bytes_of_text("1"), .file_sha256 = ""};
    struct document_row two = {.name = "a", .document = bytes_of_text("2"), .file_sha256 = "ff"};
    struct document_row three = {.name = "b", .document = bytes_of_text("3"), .file_sha256 = "ee"};
    assert_true(document_put(db, &one, "me", NULL) && document_put(db, &two, "me", NULL) &&
                document_put(db, &three, "me", NULL));
    assert_true(documents_read(db, take_document, &seen, NULL));
    assert_string_equal(seen.text, "a=2/ff b=3/ee ");
    assert_true(document_drop(db, "b", NULL) && document_drop(db, "absent", NULL));
    seen.text[0] = '\0';
    assert_true(documents_read(db, take_document, &seen, NULL));
    assert_string_equal(seen.text, "a=2/ff ");
    database_close(db);
}

static bool add_version(struct database *db, const char *name, const char *version)
{
    struct version_row row = {.name = name,
                              .version = version,
                              .document = bytes_of_text("{}"),
                              .canonical = bytes_of_text("{\"c\":1}"),
                              .at_ms = 5,
                              .actor = "me",
                              .reason = "put"};
    return version_add(db, &row, NULL);
}

static void take_version(void *seen_, const struct version_row *row)
{
    struct seen *seen = seen_;
    seen->count++;
    seen->last = row->serial;
    size_t used = strlen(seen->text);
    snprintf(seen->text + used, sizeof seen->text - used, "%s ", row->version);
}

static bool take_found(void *seen, const struct version_row *row, struct error *err)
{
    (void)err;
    take_version(seen, row);
    return true;
}

static void a_version_is_kept_once_in_a_row(void **state)
{
    struct database *db = open_at(*state);
    struct seen seen = {0};
    assert_true(add_version(db, "a", "v1") && add_version(db, "a", "v1") && add_version(db, "a", "v2") &&
                add_version(db, "b", "v9") && add_version(db, "a", "v1"));
    assert_true(versions_list(db, "a", 0, 10, take_version, &seen, NULL));
    assert_string_equal(seen.text, "v1 v2 v1 ");
    seen = (struct seen){0};
    assert_true(versions_list(db, "a", 0, 1, take_version, &seen, NULL));
    assert_true(versions_list(db, "a", seen.last, 10, take_version, &seen, NULL));
    assert_string_equal(seen.text, "v1 v2 v1 ");
    database_close(db);
}

static void a_version_is_found_by_name_or_as_the_one_before(void **state)
{
    struct database *db = open_at(*state);
    struct seen seen = {0};
    struct error err = {0};
    assert_true(add_version(db, "a", "v1") && add_version(db, "a", "v2") && add_version(db, "a", "v3"));
    assert_true(version_find(db, "a", "v1", "v3", take_found, &seen, &err));
    assert_true(version_find(db, "a", NULL, "v3", take_found, &seen, &err));
    assert_string_equal(seen.text, "v1 v2 ");
    assert_false(version_find(db, "a", "v4", "v3", take_found, &seen, &err));
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_false(version_find(db, "b", NULL, "", take_found, &seen, &err));
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    database_close(db);
}

static void old_versions_go_beyond_a_number(void **state)
{
    struct database *db = open_at(*state);
    struct seen seen = {0};
    assert_true(database_execute(db, "BEGIN", NULL));
    assert_true(add_version(db, "b", "stays"));
    for (unsigned i = 0; i < VERSIONS_KEPT + 20; i++) {
        char version[16];
        snprintf(version, sizeof version, "v%u", i);
        assert_true(add_version(db, "a", version));
    }
    assert_true(database_execute(db, "COMMIT", NULL));
    assert_true(versions_list(db, "a", 0, 1000, take_version, &seen, NULL));
    assert_int_equal(seen.count, VERSIONS_KEPT);
    seen = (struct seen){0};
    assert_true(versions_list(db, "b", 0, 1000, take_version, &seen, NULL));
    assert_int_equal(seen.count, 1);
    database_close(db);
}

static void take_audit(void *seen_, const struct audit_row *row)
{
    struct seen *seen = seen_;
    size_t used = strlen(seen->text);
    seen->last = row->serial;
    snprintf(seen->text + used, sizeof seen->text - used, "%s:%s:%s ", row->target, row->action,
             row->remote ? row->remote : "-");
}

static void the_audit_log_is_read_by_target_the_newest_first(void **state)
{
    struct database *db = open_at(*state);
    struct seen seen = {0};
    struct audit_row row = {.at_ms = 1, .actor = "me", .action = "policy.put", .target = "a", .detail = "{}"};
    assert_true(audit_add(db, &row, NULL));
    row.target = "b";
    row.remote = "::1";
    assert_true(audit_add(db, &row, NULL));
    row.target = "a";
    row.action = "policy.rollback";
    assert_true(audit_add(db, &row, NULL));
    assert_true(audit_list(db, "a", 0, 10, take_audit, &seen, NULL));
    assert_string_equal(seen.text, "a:policy.rollback:::1 a:policy.put:- ");
    seen = (struct seen){0};
    assert_true(audit_list(db, NULL, 3, 1, take_audit, &seen, NULL));
    assert_string_equal(seen.text, "b:policy.put:::1 ");
    database_close(db);
}

static bool take_name(void *seen_, const char *name, struct error *err)
{
    struct seen *seen = seen_;
    size_t used = strlen(seen->text);
    (void)err;
    snprintf(seen->text + used, sizeof seen->text - used, "%s ", name);
    return true;
}

static void the_audit_log_tells_which_version_was_live(void **state)
{
    struct database *db = open_at(*state);
    struct seen seen = {0};
    char version[POLICY_VERSION_SIZE];
    assert_true(add_version(db, "b", "v1") && add_version(db, "a", "v1") && add_version(db, "a", "v2"));
    assert_true(version_names(db, take_name, &seen, NULL));
    assert_string_equal(seen.text, "a b ");
    assert_true(audit_live_version(db, "a", version, NULL));
    assert_string_equal(version, "");
    struct audit_row row = {.at_ms = 1,
                            .actor = "me",
                            .action = "policy.put",
                            .target = "a",
                            .after_version = "v1",
                            .detail = "{}"};
    assert_true(audit_add(db, &row, NULL));
    row.action = "tenant.create"; // another thing of that name
    row.after_version = NULL;
    assert_true(audit_add(db, &row, NULL));
    assert_true(audit_live_version(db, "a", version, NULL));
    assert_string_equal(version, "v1");
    row.action = "policy.removed";
    assert_true(audit_add(db, &row, NULL));
    assert_true(audit_live_version(db, "a", version, NULL));
    assert_string_equal(version, "");
    database_close(db);
}

static void old_audit_lines_go_but_what_is_live_stays_known(void **state)
{
    struct database *db = open_at(*state);
    struct seen seen = {0};
    char version[POLICY_VERSION_SIZE];
    struct audit_row row = {.actor = "me", .action = "policy.put", .detail = "{}"};
    static const char *const targets[] = {"a", "b", "a", "c"};
    for (unsigned i = 0; i < 4; i++) {
        row.at_ms = 10 + i;
        row.target = targets[i];
        row.after_version = i == 2 ? "v2" : "v1";
        assert_true(audit_add(db, &row, NULL));
    }
    row = (struct audit_row){
        .at_ms = 14, .actor = "me", .action = "tenant.create", .target = "a", .detail = "{}"};
    assert_true(audit_add(db, &row, NULL));
    row.at_ms = 20;
    assert_true(audit_add(db, &row, NULL));
    assert_true(audit_drop_before(db, 20, 1, NULL)); // the oldest first
    assert_true(audit_list(db, NULL, 0, 10, take_audit, &seen, NULL));
    assert_string_equal(seen.text,
                        "a:tenant.create:- a:tenant.create:- c:policy.put:- a:policy.put:- b:policy.put:- ");
    assert_true(audit_drop_before(db, 20, 10, NULL));
    seen = (struct seen){0};
    assert_true(audit_list(db, NULL, 0, 10, take_audit, &seen, NULL));
    assert_string_equal(seen.text, "a:tenant.create:- c:policy.put:- a:policy.put:- b:policy.put:- ");
    assert_true(audit_live_version(db, "a", version, NULL));
    assert_string_equal(version, "v2");
    database_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(documents_are_replaced_and_dropped_by_name, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(a_version_is_kept_once_in_a_row, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(a_version_is_found_by_name_or_as_the_one_before, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(old_versions_go_beyond_a_number, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(the_audit_log_is_read_by_target_the_newest_first, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(the_audit_log_tells_which_version_was_live, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(old_audit_lines_go_but_what_is_live_stays_known, store_set_up,
                                        store_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
