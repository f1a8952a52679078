// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/worker_table.h"

#include "tests/support/cmocka_all.h"

static void worker_table_finds_what_was_added_until_it_is_removed(void **state)
{
    (void)state;
    struct worker_table table = {0};
    uint64_t id = 0;
    assert_true(worker_table_reserve(&table, 1));
    worker_table_add(&table, 17, 900);
    assert_int_equal(worker_table_find(&table, 900)->pid, 17);
    assert_true(worker_table_remove(&table, 17, &id));
    assert_int_equal(id, 900);
    assert_null(worker_table_find(&table, 900));
    assert_false(worker_table_remove(&table, 17, &id));
    worker_table_free(&table);
}

static void worker_table_without_entries_removes_nothing(void **state)
{
    (void)state;
    struct worker_table table = {0};
    uint64_t id;
    assert_false(worker_table_remove(&table, 1, &id));
    assert_null(worker_table_find(&table, 1));
}

// Against a plain array, with pids that collide in the table's low bits.
static void worker_table_agrees_with_a_plain_array(void **state)
{
    (void)state;
    enum { PIDS = 512 };
    struct worker_table table = {0};
    uint64_t known[PIDS] = {0};
    size_t count = 0;
    uint32_t random = 12345;
    for (unsigned step = 0; step < 20000; step++) {
        random = random * 1664525 + 1013904223;
        unsigned slot = (random >> 16) % PIDS;
        pid_t pid = (pid_t)(1 + (slot % 8) * 4096 + slot / 8);
        uint64_t id = 0;
        if (known[slot] != 0) {
            assert_true(worker_table_remove(&table, pid, &id));
            assert_int_equal(id, known[slot]);
            known[slot] = 0;
            count--;
        } else {
            known[slot] = step + 1;
            assert_true(worker_table_reserve(&table, 1));
            worker_table_add(&table, pid, known[slot]);
            count++;
        }
        assert_int_equal(table.count, count);
    }
    for (unsigned slot = 0; slot < PIDS; slot++) {
        pid_t pid = (pid_t)(1 + (slot % 8) * 4096 + slot / 8);
        if (known[slot] != 0)
            assert_int_equal(worker_table_find(&table, known[slot])->pid, pid);
    }
    worker_table_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worker_table_finds_what_was_added_until_it_is_removed),
        cmocka_unit_test(worker_table_without_entries_removes_nothing),
        cmocka_unit_test(worker_table_agrees_with_a_plain_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
