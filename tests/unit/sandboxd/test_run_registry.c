// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "sandboxd/api/run_registry.h"

#include <stdio.h>
#include <string.h>

static void registry_tells_running_from_ended_from_unknown(void **state)
{
    (void)state;
    struct run_registry *registry = run_registry_new(NULL);
    struct registered_run a = {.id = "a"}, b = {.id = "b"}, c = {.id = "c"};
    run_registry_add(registry, &a);
    run_registry_add(registry, &b);
    run_registry_add(registry, &c);
    assert_int_equal(run_registry_count(registry), 3);
    assert_int_equal(run_registry_find(registry, "b", &(struct identity){.role = ROLE_ADMIN}), RUN_RUNNING);
    run_registry_end(registry, &b);
    run_registry_forget(registry, &c);
    assert_int_equal(run_registry_find(registry, "b", &(struct identity){.role = ROLE_ADMIN}), RUN_ENDED);
    assert_int_equal(run_registry_find(registry, "c", &(struct identity){.role = ROLE_ADMIN}), RUN_UNKNOWN);
    assert_int_equal(run_registry_find(registry, "a", &(struct identity){.role = ROLE_ADMIN}), RUN_RUNNING);
    run_registry_end(registry, &a);
    assert_int_equal(run_registry_count(registry), 0);
    run_registry_free(registry);
}

static void registry_forgets_the_oldest_that_ended(void **state)
{
    (void)state;
    struct run_registry *registry = run_registry_new(NULL);
    for (unsigned i = 0; i < 10000; i++) {
        struct registered_run run = {.id = ""};
        snprintf(run.id, sizeof(run.id), "%u", i);
        run_registry_add(registry, &run);
        run_registry_end(registry, &run);
    }
    assert_int_equal(run_registry_find(registry, "0", &(struct identity){.role = ROLE_ADMIN}), RUN_UNKNOWN);
    assert_int_equal(run_registry_find(registry, "9999", &(struct identity){.role = ROLE_ADMIN}), RUN_ENDED);
    run_registry_free(registry);
}

static void a_tenant_has_two_validations_at_once_and_others_theirs(void **state)
{
    (void)state;
    struct run_registry *registry = run_registry_new(NULL);
    struct registered_run runs[] = {{.id = "1", .tenant = "a", .is_validation = true},
                                    {.id = "2", .tenant = "a", .is_validation = true},
                                    {.id = "3", .tenant = "a"}, // a run
                                    {.id = "4", .tenant = "b", .is_validation = true},
                                    {.id = "5", .is_validation = true}, // admins'
                                    {.id = "6", .is_validation = true},
                                    {.id = "7", .is_validation = true}};
    enum { COUNT = sizeof runs / sizeof runs[0] };
    struct registered_run third = {.id = "third", .tenant = "a", .is_validation = true};
    for (unsigned i = 0; i < COUNT; i++)
        assert_true(run_registry_add(registry, &runs[i]));
    assert_false(run_registry_add(registry, &third));
    assert_int_equal(run_registry_count(registry), COUNT);
    run_registry_end(registry, &runs[0]);
    assert_true(run_registry_add(registry, &third));
    run_registry_end(registry, &third);
    for (unsigned i = 1; i < COUNT; i++)
        run_registry_end(registry, &runs[i]);
    run_registry_free(registry);
}

static void registry_lists_what_goes_on(void **state)
{
    (void)state;
    struct run_registry *registry = run_registry_new(NULL);
    struct registered_run a = {.id = "a",
                               .tenant = "acme",
                               .plugin = "acme/x",
                               .policy = "p",
                               .request_id = "r"},
                          b = {.id = "b"}, c = {.id = "c"};
    run_registry_add(registry, &c);
    run_registry_add(registry, &a);
    run_registry_add(registry, &b);
    struct buffer out = buffer_make(1000);
    run_registry_end(registry, &c);
    run_registry_put(registry, &out, 1);
    assert_non_null(
        strstr(out.data, "\"id\":\"a\",\"tenant\":\"acme\",\"plugin\":\"acme/x\",\"policy\":\"p\""));
    assert_null(strstr(out.data, "\"id\":\"b\""));
    buffer_clear(&out);
    run_registry_put(registry, &out, 2);
    assert_non_null(strstr(out.data, "{\"id\":\"b\",\"tenant\":null,\"plugin\":null"));
    buffer_free(&out);
    run_registry_end(registry, &a);
    run_registry_end(registry, &b);
    run_registry_free(registry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registry_tells_running_from_ended_from_unknown),
        cmocka_unit_test(registry_forgets_the_oldest_that_ended),
        cmocka_unit_test(a_tenant_has_two_validations_at_once_and_others_theirs),
        cmocka_unit_test(registry_lists_what_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
