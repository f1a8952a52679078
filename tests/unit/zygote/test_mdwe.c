// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/mdwe.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/host.h"
#include "tests/support/in_child.h"

#include <string.h>
#include <sys/mman.h>

static int supported(void *context)
{
    (void)context;
    struct layer_report report;
    mdwe_set(&report);
    return report.state == LAYER_ACTIVE ? 0 : 1;
}

static int write_and_execute(void *context)
{
    CHECK(supported(context) == 0);
    int flags = MAP_PRIVATE | MAP_ANONYMOUS;
    CHECK(mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, flags, -1, 0) == MAP_FAILED);
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, flags, -1, 0);
    CHECK(page != MAP_FAILED);
    CHECK(mprotect(page, 4096, PROT_READ | PROT_EXEC) != 0);
    return 0;
}

static void mdwe_refuses_memory_that_was_writable_to_become_executable(void **state)
{
    (void)state;
    need_host("mdwe", in_child(supported, NULL) == 0);
    assert_int_equal(in_child(write_and_execute, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mdwe_refuses_memory_that_was_writable_to_become_executable)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
