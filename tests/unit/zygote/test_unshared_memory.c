// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/unshared_memory.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/in_child.h"

#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>

static void unshared_memory_is_zeroed_and_writable(void **state)
{
    (void)state;
    unsigned char *memory = unshared_memory_new(10000);
    assert_non_null(memory);
    for (int i = 0; i < 10000; i++)
        assert_int_equal(memory[i], 0);
    memory[9999] = 1;
    unshared_memory_free(memory, 10000);
    unshared_memory_free(NULL, 0);
}

static int read_it(void *context)
{
    signal(SIGSEGV, SIG_DFL); // cmocka has a handler of its own
    volatile char *memory = context;
    return *memory;
}

static void unshared_memory_is_not_there_in_a_child(void **state)
{
    (void)state;
    char *memory = unshared_memory_new(4096);
    assert_non_null(memory);
    *memory = 42;
    assert_int_equal(in_child(read_it, memory), -SIGSEGV);
    assert_int_equal(*memory, 42);
    unshared_memory_free(memory, 4096);
}

static void unshared_memory_that_cannot_be_had_is_told(void **state)
{
    (void)state;
    assert_null(unshared_memory_new(SIZE_MAX / 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unshared_memory_is_zeroed_and_writable),
        cmocka_unit_test(unshared_memory_is_not_there_in_a_child),
        cmocka_unit_test(unshared_memory_that_cannot_be_had_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
