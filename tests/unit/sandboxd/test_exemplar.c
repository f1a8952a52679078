// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "sandboxd/observe/exemplar.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"

static void exemplar_gives_the_last_one_back(void **state)
{
    (void)state;
    struct exemplar exemplar = {.turn = 0};
    struct exemplar_copy copy;
    assert_false(exemplar_get(&exemplar, &copy));
    exemplar_put(&exemplar, "00000000000000010000000000000002", 1, 2);
    exemplar_put(&exemplar, TRACE, 17, 1700000000123);
    assert_true(exemplar_get(&exemplar, &copy));
    assert_string_equal(copy.trace_id, TRACE);
    assert_int_equal(copy.value, 17);
    assert_int_equal(copy.unix_ms, 1700000000123);
}

static void *write_many(void *exemplar)
{
    for (unsigned i = 1; i <= 20000; i++) {
        char trace_id[TRACE_ID_SIZE + 1];
        snprintf(trace_id, sizeof trace_id, "%016x%016x", i, i);
        exemplar_put(exemplar, trace_id, i, i);
    }
    return NULL;
}

static void exemplar_is_never_half_of_two(void **state)
{
    (void)state;
    struct exemplar exemplar = {.turn = 0};
    pthread_t writers[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&writers[i], NULL, write_many, &exemplar), 0);
    for (int i = 0; i < 20000; i++) {
        struct exemplar_copy copy;
        if (!exemplar_get(&exemplar, &copy))
            continue;
        assert_memory_equal(copy.trace_id, copy.trace_id + 16, 16);
        assert_int_equal(copy.value, copy.unix_ms);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(writers[i], NULL);
    struct exemplar_copy copy;
    assert_true(exemplar_get(&exemplar, &copy));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exemplar_gives_the_last_one_back),
        cmocka_unit_test(exemplar_is_never_half_of_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
