// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/id_map.h"

#include "tests/support/cmocka_all.h"

#include <stdio.h>

enum { ENTRIES = 2000 };

static void id_map_finds_what_is_in_it_while_it_grows_and_shrinks(void **state)
{
    (void)state;
    static struct {
        struct id_entry entry;
        char key[32];
    } items[ENTRIES];
    struct id_map map;
    assert_true(id_map_init(&map));
    for (int i = 0; i < ENTRIES; i++) {
        snprintf(items[i].key, sizeof items[i].key, "tenant-%d", i);
        assert_null(id_map_find(&map, items[i].key));
        id_map_add(&map, &items[i].entry, items[i].key);
    }
    assert_int_equal(gauge_read(&map.count), ENTRIES);
    assert_true(map.bucket_count >= ENTRIES / 2);
    for (int i = 0; i < ENTRIES; i += 2)
        id_map_remove(&map, &items[i].entry);
    for (int i = 0; i < ENTRIES; i++)
        assert_ptr_equal(id_map_find(&map, items[i].key), i % 2 == 0 ? NULL : &items[i].entry);
    assert_null(id_map_find(&map, ""));
    id_map_deinit(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(id_map_finds_what_is_in_it_while_it_grows_and_shrinks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
