// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/registry/registry_state.h"
#include "tests/support/store_fixture.h"

enum { CACHE_BYTES = 1 << 20 };

static const struct identity admin = {.role = ROLE_ADMIN};
static const struct identity acme = {.role = ROLE_TENANT, .tenant = "acme"};
static const struct identity other = {.role = ROLE_TENANT, .tenant = "other"};
static const struct registry_author as_acme = {.identity = &acme};

static struct registry *open_registry(struct store_fixture *fixture)
{
    struct error err = {0};
    struct registry *registry = registry_open(fixture->store, CACHE_BYTES, &err);
    if (registry == NULL)
        fail_msg("%s", err.text);
    return registry;
}

// As after a restart.
static struct registry *open_again(struct store_fixture *fixture, struct registry *registry)
{
    registry_close(registry);
    store_close(fixture->store);
    fixture_open_bounded(fixture, 0, 0);
    return open_registry(fixture);
}

static struct package *package_of(const char *code)
{
    struct diagnostics faults;
    char text[256];
    diagnostics_init(&faults);
    snprintf(text, sizeof text, "{\"manifest\":{\"description\":\"d\"},\"modules\":{\"main\":\"%s\"}}", code);
    struct package *package = package_read(bytes_of_text(text), &faults);
    assert_non_null(package);
    diagnostics_free(&faults);
    return package;
}

static enum publish_verdict publish_as(struct registry *registry, const struct identity *identity,
                                       const char *plugin, const char *version, const char *code)
{
    struct error err = {0};
    const struct registry_author author = {.identity = identity};
    struct package *package = package_of(code);
    enum publish_verdict verdict = registry_publish(registry, plugin, version, package, &author, &err);
    package_unref(package);
    return verdict;
}

static void publish(struct registry *registry, const char *plugin, const char *version)
{
    assert_int_equal(publish_as(registry, &acme, plugin, version, version), PUBLISH_NEW);
}

static void expect_pick(struct registry *registry, const char *tenant, const char *wanted,
                        const char *version)
{
    struct plugin_pick pick;
    struct error err = {0};
    bool found = registry_resolve(registry, tenant, "acme/tool", wanted, &pick, &err);
    if (version == NULL)
        assert_true(!found && err.kind == ERROR_NOT_FOUND);
    else if (!found)
        fail_msg("%s: %s", wanted != NULL ? wanted : "latest", err.text);
    else
        assert_string_equal(pick.version, version);
}

static void the_highest_version_is_picked_also_after_a_restart(void **state)
{
    struct registry *registry = open_registry(*state);
    static const char *const versions[] = {"1.9.0", "1.10.0", "0.1.0", "2.0.0-rc.1", "1.2.0"};
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
        publish(registry, "acme/tool", versions[i]);
    for (unsigned i = 0; i < 2; i++) {
        expect_pick(registry, "acme", NULL, "1.10.0");
        expect_pick(registry, "acme", "~1.2", "1.2.0");
        expect_pick(registry, "acme", "2.0.0-rc.1", "2.0.0-rc.1");
        expect_pick(registry, "acme", "^3", NULL);
        struct registry_figures figures;
        registry_read_figures(registry, &figures);
        assert_true(figures.plugins == 1 && figures.versions == 5);
        registry = open_again(*state, registry);
    }
    registry_close(registry);
}

static void without_a_release_a_prerelease_is_the_latest(void **state)
{
    struct registry *registry = open_registry(*state);
    publish(registry, "acme/tool", "1.0.0-rc.1");
    publish(registry, "acme/tool", "1.0.0-rc.2");
    expect_pick(registry, "acme", NULL, "1.0.0-rc.2");
    expect_pick(registry, "acme", "*", NULL);
    publish(registry, "acme/tool", "0.9.0");
    expect_pick(registry, "acme", NULL, "0.9.0");
    assert_true(registry_yank(registry, "acme/tool", "0.9.0", &as_acme, NULL));
    expect_pick(registry, "acme", NULL, NULL);
    registry_close(registry);
}

static void a_version_is_taken_by_its_content(void **state)
{
    struct registry *registry = open_registry(*state);
    publish(registry, "acme/tool", "1.0.0");
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(publish_as(registry, &acme, "acme/tool", "1.0.0", "1.0.0"), PUBLISH_SAME);
        assert_int_equal(publish_as(registry, &acme, "acme/tool", "1.0.0", "x"), PUBLISH_TAKEN);
        assert_int_equal(publish_as(registry, &acme, "acme/tool", "1.0.0+b", "1.0.0"), PUBLISH_TAKEN);
        assert_int_equal(publish_as(registry, &other, "acme/tool", "1.0.1", "x"), PUBLISH_FORBIDDEN);
        registry = open_again(*state, registry);
    }
    assert_int_equal(publish_as(registry, &admin, "acme/tool", "1.0.1", "x"), PUBLISH_NEW);
    assert_int_equal(publish_as(registry, &admin, "stock/tool", "1.0.0", "x"), PUBLISH_NEW);
    assert_int_equal(publish_as(registry, &acme, "stock/tool", "1.0.1", "x"), PUBLISH_FORBIDDEN);
    registry_close(registry);
}

static void installs_and_yanks_count_at_once_and_last(void **state)
{
    struct registry *registry = open_registry(*state);
    struct plugin_pick pick;
    struct error err = {0};
    publish(registry, "acme/tool", "1.0.0");
    publish(registry, "acme/tool", "1.1.0");
    publish(registry, "acme/tool", "2.0.0");
    assert_true(registry_install(registry, "acme", "acme/tool", "^1", &as_acme, &pick, &err));
    assert_string_equal(pick.version, "1.1.0");
    assert_false(registry_install(registry, "acme", "acme/tool", "^7", &as_acme, &pick, &err));
    assert_true(registry_yank(registry, "acme/tool", "1.1.0", &as_acme, &err));
    for (unsigned i = 0; i < 2; i++) {
        expect_pick(registry, "acme", NULL, "1.0.0");
        expect_pick(registry, "other", NULL, "2.0.0");
        expect_pick(registry, "other", "1.1.0", "1.1.0");
        assert_false(registry_install(registry, "other", "acme/tool", "1.1.0", &as_acme, &pick, &err));
        registry = open_again(*state, registry);
    }
    assert_true(registry_uninstall(registry, "acme", "acme/tool", &as_acme, &err));
    expect_pick(registry, "acme", NULL, "2.0.0");
    assert_false(registry_uninstall(registry, "acme", "acme/tool", &as_acme, &err));
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_false(registry_yank(registry, "acme/tool", "9.0.0", &as_acme, &err));
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    registry_close(registry);
}

static void a_content_comes_from_memory_and_else_from_the_store(void **state)
{
    struct registry *registry = open_registry(*state);
    struct plugin_pick pick;
    struct error err = {0};
    publish(registry, "acme/tool", "1.0.0");
    assert_true(registry_resolve(registry, "", "acme/tool", NULL, &pick, &err));
    struct package *package = registry_cached(registry, &pick);
    assert_non_null(package);
    package_unref(package);
    registry = open_again(*state, registry);
    assert_null(registry_cached(registry, &pick));
    package = registry_load(registry, &pick, &err);
    assert_non_null(package);
    assert_string_equal(package->sha256, pick.sha256);
    assert_string_equal(package->modules[0].code, "1.0.0");
    package_unref(package);
    package = registry_cached(registry, &pick);
    assert_non_null(package);
    package_unref(package);
    registry_close(registry);
}

static bool until_one_two(void *seen, const struct version_facts *facts)
{
    ++*(unsigned *)seen;
    return strcmp(facts->version, "1.2.0") != 0;
}

static void versions_are_described_until_the_one_wanted(void **state)
{
    struct registry *registry = open_registry(*state);
    unsigned seen = 0;
    publish(registry, "acme/tool", "1.1.0");
    publish(registry, "acme/tool", "1.3.0");
    publish(registry, "acme/tool", "1.2.0");
    assert_true(registry_describe(registry, "acme/tool", until_one_two, &seen));
    assert_int_equal(seen, 2);
    assert_false(registry_describe(registry, "acme/none", until_one_two, &seen));
    assert_int_equal(seen, 2);
    registry_close(registry);
}

// As if it had been published, without the disk's time.
static void remember(struct registry *registry, const char *plugin, unsigned number)
{
    char version[16];
    snprintf(version, sizeof version, "0.0.%u", number);
    const struct plugin_version_row row = {.plugin = plugin, .version = version, .sha256 = "x"};
    pthread_rwlock_wrlock(&registry->lock);
    assert_true(known_version_add(registry, &row));
    pthread_rwlock_unlock(&registry->lock);
}

static void a_plugin_has_so_many_versions(void **state)
{
    struct registry *registry = open_registry(*state);
    publish(registry, "acme/tool", "1.0.0");
    for (unsigned i = 2; i < VERSIONS_PER_PLUGIN_MAX; i++)
        remember(registry, "acme/tool", i);
    publish(registry, "acme/tool", "1.0.1");
    assert_int_equal(publish_as(registry, &acme, "acme/tool", "1.0.2", "x"), PUBLISH_FULL);
    assert_int_equal(publish_as(registry, &admin, "acme/tool", "1.0.2", "x"), PUBLISH_FULL);
    assert_int_equal(publish_as(registry, &acme, "acme/tool", "1.0.1", "1.0.1"), PUBLISH_SAME);
    publish(registry, "acme/next", "1.0.0");
    registry_close(registry);
}

static void a_namespace_has_so_many_plugins_and_versions(void **state)
{
    struct registry *registry = open_registry(*state);
    char plugin[32];
    publish(registry, "acme/tool", "1.0.0");
    for (unsigned i = 1; i < PLUGINS_PER_NAMESPACE_MAX; i++) {
        snprintf(plugin, sizeof plugin, "acme/p%u", i);
        remember(registry, plugin, 0);
    }
    assert_int_equal(publish_as(registry, &acme, "acme/more", "1.0.0", "x"), PUBLISH_FULL);
    publish(registry, "acme/tool", "1.0.1");
    for (unsigned i = 1; i < VERSIONS_PER_NAMESPACE_MAX - PLUGINS_PER_NAMESPACE_MAX; i++) {
        snprintf(plugin, sizeof plugin, "acme/p%u", 1 + i % 900);
        remember(registry, plugin, i);
    }
    assert_int_equal(publish_as(registry, &acme, "acme/tool", "1.0.2", "x"), PUBLISH_FULL);
    publish(registry, "acme2/tool", "1.0.0");
    registry_close(registry);
}

static void a_tenant_has_so_many_namespaces_also_after_a_restart(void **state)
{
    struct registry *registry = open_registry(*state);
    char plugin[32];
    for (unsigned i = 0; i < NAMESPACES_PER_TENANT_MAX; i++) {
        snprintf(plugin, sizeof plugin, "space%u/tool", i);
        publish(registry, plugin, "1.0.0");
        assert_int_equal(publish_as(registry, &admin, plugin + 1, "1.0.0", "x"), PUBLISH_NEW);
    }
    registry = open_again(*state, registry);
    assert_int_equal(publish_as(registry, &acme, "more/tool", "1.0.0", "x"), PUBLISH_FULL);
    publish(registry, "space1/more", "1.0.0");
    assert_int_equal(publish_as(registry, &other, "more/tool", "1.0.0", "x"), PUBLISH_NEW);
    assert_int_equal(publish_as(registry, &admin, "stock/tool", "1.0.0", "x"), PUBLISH_NEW);
    registry_close(registry);
}

static bool keep_garbage(struct database *db, void *sha256, struct error *err)
{
    const struct plugin_version_row row = {
        .plugin = "acme/broken", .version = "1.0.0", .sha256 = sha256, .actor = "admin"};
    return plugin_version_add(db, &row, bytes_of_text("{\"manifest\":"), err);
}

static void a_content_that_cannot_be_read_is_told_and_the_next_can_be(void **state)
{
    struct registry *registry = open_registry(*state);
    struct store_fixture *fixture = *state;
    struct plugin_pick broken = {.plugin = "acme/broken", .version = "1.0.0", .sha256 = ""}, good;
    struct error err = {0};
    while (strlen(broken.sha256) < PACKAGE_SHA256_SIZE - 1)
        strcat(broken.sha256, "0123456789abcdef");
    publish(registry, "acme/tool", "1.0.0");
    assert_true(store_transact(fixture->store, keep_garbage, broken.sha256, &err));
    registry = open_again(fixture, registry);
    assert_null(registry_load(registry, &broken, &err));
    assert_int_equal(err.kind, ERROR_INVALID);
    assert_non_null(strstr(err.text, "the content 0123456789ab of the store cannot be read"));
    strcpy(broken.sha256, "none");
    assert_null(registry_load(registry, &broken, &err));
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_true(registry_resolve(registry, NULL, "acme/tool", NULL, &good, &err));
    struct package *package = registry_load(registry, &good, &err);
    assert_non_null(package);
    package_unref(package);
    registry_close(registry);
}

struct readers {
    struct registry *registry;
    _Atomic bool stop;
    _Atomic unsigned found;
};

// What HTTP threads do.
static void *read_along(void *readers_)
{
    struct readers *readers = readers_;
    while (!atomic_load(&readers->stop)) {
        struct plugin_pick pick;
        if (!registry_resolve(readers->registry, "acme", "acme/tool", NULL, &pick, NULL))
            continue;
        struct package *package = registry_cached(readers->registry, &pick);
        if (package != NULL && strcmp(package->sha256, pick.sha256) == 0)
            atomic_fetch_add(&readers->found, 1);
        package_unref(package);
    }
    return NULL;
}

static void runs_look_up_while_versions_come_and_go(void **state)
{
    struct readers readers = {.registry = open_registry(*state)};
    pthread_t threads[2];
    struct plugin_pick pick;
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_along, &readers), 0);
    for (unsigned i = 0; i < 40; i++) {
        char version[16];
        snprintf(version, sizeof version, "1.%u.0", i);
        publish(readers.registry, "acme/tool", version);
        assert_true(registry_install(readers.registry, "acme", "acme/tool", version, &as_acme, &pick, NULL));
        if (i % 3 == 1)
            assert_true(registry_uninstall(readers.registry, "acme", "acme/tool", &as_acme, NULL));
        assert_true(registry_yank(readers.registry, "acme/tool", version, &as_acme, NULL));
    }
    while (atomic_load(&readers.found) == 0)
        continue; // all are yanked, but the last one is installed by name
    atomic_store(&readers.stop, true);
    for (unsigned i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    registry_close(readers.registry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_highest_version_is_picked_also_after_a_restart, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(without_a_release_a_prerelease_is_the_latest, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(a_version_is_taken_by_its_content, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(installs_and_yanks_count_at_once_and_last, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(a_content_comes_from_memory_and_else_from_the_store, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(versions_are_described_until_the_one_wanted, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(a_plugin_has_so_many_versions, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(a_namespace_has_so_many_plugins_and_versions, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(a_tenant_has_so_many_namespaces_also_after_a_restart, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(a_content_that_cannot_be_read_is_told_and_the_next_can_be,
                                        store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(runs_look_up_while_versions_come_and_go, store_set_up,
                                        store_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
