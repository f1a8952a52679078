// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/accounts/accounts.h"
#include "sandboxd/store/key_rows.h"
#include "tests/support/store_fixture.h"

#include <sodium.h>

static const struct account_author author = {.actor = "test"};
enum { NOW_MS = 1000000 };

static struct accounts *open_accounts(struct store_fixture *fixture)
{
    struct error err = {0};
    struct accounts *accounts = accounts_open(fixture->store, &err);
    if (accounts == NULL)
        fail_msg("%s", err.text);
    return accounts;
}

// As after a restart.
static struct accounts *open_again(struct store_fixture *fixture, struct accounts *accounts)
{
    accounts_close(accounts);
    store_close(fixture->store);
    fixture_open_bounded(fixture, 0, 0);
    return open_accounts(fixture);
}

static void add_tenant(struct accounts *accounts, const char *id, const char *plan)
{
    struct error err = {0};
    struct tenant_row row = {.id = id, .name = id, .plan = plan, .created_ms = 1, .changed_ms = 1};
    if (!accounts_add_tenant(accounts, &row, &author, &err))
        fail_msg("%s", err.text);
}

static struct api_key make_key(struct accounts *accounts, const char *tenant, int64_t expires_ms, char *text)
{
    struct error err = {0};
    struct api_key key;
    const struct key_wish wish = {.tenant = tenant, .name = "k", .expires_ms = expires_ms};
    if (!accounts_make_key(accounts, &wish, &author, &key, text, &err))
        fail_msg("%s", err.text);
    return key;
}

static enum key_verdict identify(struct accounts *accounts, const char *text, int64_t now_ms,
                                 struct identity *identity)
{
    char suspended[SUSPENSION_SIZE];
    return accounts_identify(accounts, bytes_of_text(text), now_ms, identity, suspended);
}

static void keys_tell_role_and_tenant_also_after_a_restart(void **state)
{
    struct accounts *accounts = open_accounts(*state);
    char admin[API_KEY_SIZE], tenant[API_KEY_SIZE];
    assert_false(accounts_have_admin(accounts, NOW_MS));
    add_tenant(accounts, "acme", "free");
    make_key(accounts, "", 0, admin);
    struct api_key key = make_key(accounts, "acme", 0, tenant);
    for (unsigned i = 0; i < 2; i++) {
        struct identity identity;
        assert_true(accounts_have_admin(accounts, NOW_MS));
        assert_int_equal(identify(accounts, admin, NOW_MS, &identity), KEY_GOOD);
        assert_true(identity.role == ROLE_ADMIN && identity_may(&identity, "acme"));
        assert_int_equal(identify(accounts, tenant, NOW_MS, &identity), KEY_GOOD);
        assert_int_equal(identity.role, ROLE_TENANT);
        assert_string_equal(identity.tenant, "acme");
        assert_string_equal(identity.key_id, key.id);
        assert_true(identity_may(&identity, "acme") && !identity_may(&identity, "other") &&
                    !identity_may(&identity, ""));
        accounts = open_again(*state, accounts);
    }
    accounts_close(accounts);
}

static void bad_keys_are_unknown_and_late_ones_expired(void **state)
{
    struct accounts *accounts = open_accounts(*state);
    char text[API_KEY_SIZE];
    struct identity identity = {0};
    make_key(accounts, "", NOW_MS, text);
    assert_int_equal(identify(accounts, text, NOW_MS - 1, &identity), KEY_GOOD);
    assert_int_equal(identify(accounts, text, NOW_MS, &identity), KEY_EXPIRED);
    assert_false(accounts_have_admin(accounts, NOW_MS));
    text[API_KEY_SIZE - 2] = text[API_KEY_SIZE - 2] == 'a' ? 'b' : 'a';
    assert_int_equal(identify(accounts, text, NOW_MS - 1, &identity), KEY_UNKNOWN);
    assert_int_equal(identify(accounts, "sbx_", NOW_MS - 1, &identity), KEY_UNKNOWN);
    assert_int_equal(identify(accounts, "", NOW_MS - 1, &identity), KEY_UNKNOWN);
    accounts_close(accounts);
}

static void revoked_keys_are_refused_at_once(void **state)
{
    struct accounts *accounts = open_accounts(*state);
    char text[API_KEY_SIZE];
    struct identity identity;
    struct error err;
    bool stored;
    add_tenant(accounts, "acme", "pro");
    struct api_key key = make_key(accounts, "acme", 0, text);
    assert_false(accounts_revoke_key(accounts, "other", key.id, &author, &stored, &err));
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_int_equal(identify(accounts, text, NOW_MS, &identity), KEY_GOOD);
    assert_true(accounts_revoke_key(accounts, "acme", key.id, &author, &stored, &err));
    assert_int_equal(identify(accounts, text, NOW_MS, &identity), KEY_UNKNOWN);
    accounts = open_again(*state, accounts);
    assert_int_equal(identify(accounts, text, NOW_MS, &identity), KEY_UNKNOWN);
    accounts_close(accounts);
}

static void suspended_tenants_are_kept_out_until_they_are_let_in(void **state)
{
    struct accounts *accounts = open_accounts(*state);
    char text[API_KEY_SIZE], why[SUSPENSION_SIZE];
    struct identity identity;
    struct error err = {0};
    bool stored;
    add_tenant(accounts, "acme", "pro");
    make_key(accounts, "acme", 0, text);
    struct tenant_change change = {.suspended = "unpaid"};
    assert_true(accounts_change_tenant(accounts, "acme", &change, &author, &stored, &err));
    accounts = open_again(*state, accounts);
    assert_int_equal(accounts_identify(accounts, bytes_of_text(text), NOW_MS, &identity, why), KEY_SUSPENDED);
    assert_string_equal(why, "unpaid");
    change.suspended = "";
    assert_true(accounts_change_tenant(accounts, "acme", &change, &author, &stored, &err));
    assert_int_equal(identify(accounts, text, NOW_MS, &identity), KEY_GOOD);
    assert_false(accounts_change_tenant(accounts, "absent", &change, &author, &stored, &err));
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    accounts_close(accounts);
}

// As a full disk does: nothing is changed or deleted.
static bool fill_disk(struct database *db, void *context, struct error *err)
{
    (void)context;
    return database_execute(db,
                            "CREATE TRIGGER full_keys BEFORE DELETE ON api_keys BEGIN "
                            "SELECT abs(-9223372036854775807 - 1); END;"
                            "CREATE TRIGGER full_tenants BEFORE UPDATE ON tenants BEGIN "
                            "SELECT abs(-9223372036854775807 - 1); END",
                            err);
}

static bool make_room(struct database *db, void *context, struct error *err)
{
    (void)context;
    return database_execute(db, "DROP TRIGGER full_keys; DROP TRIGGER full_tenants", err);
}

static void what_the_store_cannot_take_is_denied_all_the_same_and_stored_later(void **state)
{
    struct store_fixture *fixture = *state;
    struct accounts *accounts = open_accounts(fixture);
    char revoked[API_KEY_SIZE], other[API_KEY_SIZE], why[SUSPENSION_SIZE];
    struct identity identity;
    struct error err = {0};
    bool stored;
    unsigned count;
    add_tenant(accounts, "acme", "pro");
    add_tenant(accounts, "late", "pro");
    struct api_key key = make_key(accounts, "acme", 0, revoked);
    make_key(accounts, "late", 0, other);
    assert_true(store_transact(fixture->store, fill_disk, NULL, &err));
    assert_true(accounts_revoke_key(accounts, "acme", key.id, &author, &stored, &err));
    assert_false(stored);
    assert_true(accounts_revoke_key(accounts, "acme", key.id, &author, &stored, &err)); // once more
    assert_false(stored);
    assert_int_equal(identify(accounts, revoked, NOW_MS, &identity), KEY_UNKNOWN);
    struct tenant_change change = {.suspended = "unpaid"};
    assert_true(accounts_change_tenant(accounts, "late", &change, &author, &stored, &err));
    assert_false(stored);
    assert_int_equal(identify(accounts, other, NOW_MS, &identity), KEY_SUSPENDED);
    change.suspended = ""; // what lets in is refused
    assert_false(accounts_change_tenant(accounts, "late", &change, &author, &stored, &err));
    assert_int_equal(identify(accounts, other, NOW_MS, &identity), KEY_SUSPENDED);
    assert_false(accounts_store_denials(accounts, &count, &err));
    assert_int_equal(count, 0);
    assert_true(store_transact(fixture->store, make_room, NULL, &err));
    assert_true(accounts_store_denials(accounts, &count, &err));
    assert_int_equal(count, 2);
    assert_true(accounts_store_denials(accounts, &count, &err));
    assert_int_equal(count, 0);
    accounts = open_again(fixture, accounts);
    assert_int_equal(identify(accounts, revoked, NOW_MS, &identity), KEY_UNKNOWN);
    assert_int_equal(accounts_identify(accounts, bytes_of_text(other), NOW_MS, &identity, why),
                     KEY_SUSPENDED);
    assert_string_equal(why, "unpaid");
    accounts_close(accounts);
}

static void who_is_let_in_again_is_not_suspended_later(void **state)
{
    struct store_fixture *fixture = *state;
    struct accounts *accounts = open_accounts(fixture);
    char text[API_KEY_SIZE];
    struct identity identity;
    struct error err = {0};
    bool stored;
    unsigned count;
    add_tenant(accounts, "acme", "pro");
    make_key(accounts, "acme", 0, text);
    assert_true(store_transact(fixture->store, fill_disk, NULL, &err));
    struct tenant_change change = {.suspended = "unpaid"};
    assert_true(accounts_change_tenant(accounts, "acme", &change, &author, &stored, &err));
    assert_true(store_transact(fixture->store, make_room, NULL, &err));
    change.suspended = "";
    assert_true(accounts_change_tenant(accounts, "acme", &change, &author, &stored, &err));
    assert_true(accounts_store_denials(accounts, &count, &err));
    assert_int_equal(count, 0);
    assert_int_equal(identify(accounts, text, NOW_MS, &identity), KEY_GOOD);
    accounts_close(accounts);
}

static void subscribing_changes_the_plan_of_the_next_run(void **state)
{
    struct accounts *accounts = open_accounts(*state);
    struct error err = {0};
    bool stored;
    struct tenant_change change = {.plan = "enterprise"};
    add_tenant(accounts, "acme", "free");
    struct plan *before = accounts_plan(accounts, "acme");
    assert_string_equal(before->name, "free");
    assert_true(accounts_change_tenant(accounts, "acme", &change, &author, &stored, &err));
    accounts = open_again(*state, accounts);
    struct plan *after = accounts_plan(accounts, "acme");
    assert_string_equal(after->name, "enterprise");
    assert_string_equal(before->name, "free"); // of a run that goes on
    change.plan = "absent";
    assert_false(accounts_change_tenant(accounts, "acme", &change, &author, &stored, &err));
    assert_int_equal(err.kind, ERROR_INVALID);
    assert_null(accounts_plan(accounts, "absent"));
    assert_null(accounts_plan(accounts, ""));
    plan_unref(before);
    plan_unref(after);
    accounts_close(accounts);
}

static void changed_plan_is_its_tenants_at_once(void **state)
{
    struct accounts *accounts = open_accounts(*state);
    struct diagnostics faults;
    struct error err = {0};
    diagnostics_init(&faults);
    add_tenant(accounts, "acme", "free");
    for (unsigned i = 0; i < 2; i++) {
        assert_true(accounts_put_plan(accounts, "free", bytes_of_text("{\"concurrent_runs\":7}"), &author,
                                      &faults, &err));
        struct plan *plan = accounts_plan(accounts, "acme");
        assert_int_equal(plan->figure[PLAN_CONCURRENT_RUNS], 7);
        plan_unref(plan);
        accounts = open_again(*state, accounts);
    }
    char naming[PLAN_NAME_SIZE];
    assert_false(accounts_policy_in_plan(accounts, "gold", naming));
    assert_true(accounts_put_plan(accounts, "shiny", bytes_of_text("{\"policies\":[\"default\",\"gold\"]}"),
                                  &author, &faults, &err));
    assert_true(accounts_policy_in_plan(accounts, "gold", naming));
    assert_string_equal(naming, "shiny");
    assert_false(accounts_put_plan(accounts, "free", bytes_of_text("{\"x\":7}"), &author, &faults, &err));
    assert_int_equal(faults.count, 1);
    diagnostics_free(&faults);
    accounts_close(accounts);
}

static void deleted_tenants_keys_are_gone_and_its_id_is_never_another_ones(void **state)
{
    struct accounts *accounts = open_accounts(*state);
    char text[API_KEY_SIZE];
    struct identity identity;
    struct error err = {0};
    struct tenant_row again = {.id = "acme", .name = "new", .plan = "free"};
    add_tenant(accounts, "acme", "free");
    make_key(accounts, "acme", 0, text);
    assert_true(accounts_delete_tenant(accounts, "acme", &author, &err));
    assert_int_equal(identify(accounts, text, NOW_MS, &identity), KEY_UNKNOWN);
    assert_false(accounts_know_tenant(accounts, "acme"));
    assert_false(accounts_delete_tenant(accounts, "acme", &author, &err));
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_false(accounts_add_tenant(accounts, &again, &author, &err));
    assert_int_equal(err.kind, ERROR_CONFLICT);
    accounts = open_again(*state, accounts);
    assert_false(accounts_know_tenant(accounts, "acme"));
    accounts_close(accounts);
}

static bool see_use(void *used_ms, const struct key_row *row)
{
    *(int64_t *)used_ms = row->last_used_ms;
    return true;
}

static bool read_use(struct database *db, void *used_ms, struct error *err)
{
    return keys_read(db, "", see_use, used_ms, err);
}

static void last_use_is_kept_when_it_is_asked_for(void **state)
{
    struct store_fixture *fixture = *state;
    struct accounts *accounts = open_accounts(fixture);
    char text[API_KEY_SIZE];
    struct identity identity;
    int64_t used_ms = -1;
    make_key(accounts, "", 0, text);
    identify(accounts, text, NOW_MS, &identity);
    identify(accounts, text, NOW_MS + 5, &identity);
    assert_true(store_read(fixture->store, read_use, &used_ms, NULL));
    assert_int_equal(used_ms, 0);
    assert_int_equal(accounts_key_used_ms(accounts, identity.key_id), NOW_MS + 5);
    assert_int_equal(accounts_key_used_ms(accounts, "nobody"), 0);
    assert_true(accounts_keep_usage(accounts, NULL) && accounts_keep_usage(accounts, NULL));
    assert_true(store_read(fixture->store, read_use, &used_ms, NULL));
    assert_int_equal(used_ms, NOW_MS + 5);
    accounts_close(accounts);
}

static void tenant_has_a_bounded_number_of_keys(void **state)
{
    struct accounts *accounts = open_accounts(*state);
    char text[API_KEY_SIZE];
    struct api_key key;
    struct error err;
    const struct key_wish one_more = {.tenant = "acme", .name = "k"}, nobodys = {.tenant = "x", .name = "k"};
    add_tenant(accounts, "acme", "free");
    for (unsigned i = 0; i < KEYS_MAX; i++)
        key = make_key(accounts, "acme", 0, text);
    assert_false(accounts_make_key(accounts, &one_more, &author, &key, text, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_false(accounts_make_key(accounts, &nobodys, &author, &key, text, &err));
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    accounts_close(accounts);
}

int main(void)
{
    if (sodium_init() < 0)
        return 1;
#define STORY(story_) cmocka_unit_test_setup_teardown(story_, store_set_up, store_tear_down)
    const struct CMUnitTest tests[] = {
        STORY(keys_tell_role_and_tenant_also_after_a_restart),
        STORY(bad_keys_are_unknown_and_late_ones_expired),
        STORY(revoked_keys_are_refused_at_once),
        STORY(suspended_tenants_are_kept_out_until_they_are_let_in),
        STORY(what_the_store_cannot_take_is_denied_all_the_same_and_stored_later),
        STORY(who_is_let_in_again_is_not_suspended_later),
        STORY(subscribing_changes_the_plan_of_the_next_run),
        STORY(changed_plan_is_its_tenants_at_once),
        STORY(deleted_tenants_keys_are_gone_and_its_id_is_never_another_ones),
        STORY(last_use_is_kept_when_it_is_asked_for),
        STORY(tenant_has_a_bounded_number_of_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
