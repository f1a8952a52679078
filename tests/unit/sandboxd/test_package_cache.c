// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/registry/registry_state.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>

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

static void the_cache_lets_go_of_what_was_not_used_for_longest(void **state)
{
    (void)state;
    struct package_cache cache = {0};
    struct package *packages[8];
    assert_true(package_cache_init(&cache, 4 * (sizeof(struct package) + 512)));
    for (unsigned i = 0; i < 8; i++) {
        char code[16];
        snprintf(code, sizeof code, "return %u", i);
        packages[i] = package_of(code);
        package_cache_put(&cache, packages[i]);
        package_unref(package_cache_find(&cache, packages[0]->sha256)); // used all the time
    }
    assert_true(gauge_read(&cache.bytes) <= cache.bytes_max && gauge_read(&cache.map.count) >= 3);
    struct package *kept = package_cache_find(&cache, packages[0]->sha256);
    assert_ptr_equal(kept, packages[0]);
    package_unref(kept);
    assert_null(package_cache_find(&cache, packages[1]->sha256));
    kept = package_cache_find(&cache, packages[7]->sha256);
    assert_ptr_equal(kept, packages[7]);
    package_unref(kept);
    package_cache_put(&cache, packages[7]); // a second time changes nothing
    package_cache_free(&cache);
    for (unsigned i = 0; i < 8; i++)
        package_unref(packages[i]);
}

static void a_content_larger_than_the_cache_is_held_alone(void **state)
{
    (void)state;
    struct package_cache cache = {0};
    struct package *packages[3];
    assert_true(package_cache_init(&cache, 10));
    for (unsigned i = 0; i < 3; i++) {
        char code[16];
        snprintf(code, sizeof code, "return %u", i);
        packages[i] = package_of(code);
        package_cache_put(&cache, packages[i]);
        struct package *kept = package_cache_find(&cache, packages[i]->sha256);
        assert_ptr_equal(kept, packages[i]);
        package_unref(kept);
        assert_int_equal(gauge_read(&cache.map.count), 1);
    }
    package_cache_free(&cache);
    for (unsigned i = 0; i < 3; i++)
        package_unref(packages[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cache_lets_go_of_what_was_not_used_for_longest),
        cmocka_unit_test(a_content_larger_than_the_cache_is_held_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
