// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/own_pages.h"

#include "tests/support/cmocka_all.h"

#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE_BYTES = 4096, PAGES = 64 };

static char *new_pages(void)
{
    char *pages = mmap(NULL, PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(pages, MAP_FAILED);
    memset(pages, 7, PAGES * PAGE_BYTES);
    return pages;
}

static long faults(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_minflt : -1;
}

static long faults_of_writing(char *pages)
{
    long before = faults();
    for (int i = 0; i < PAGES; i++)
        ((volatile char *)pages)[i * PAGE_BYTES] += 1;
    return faults() - before;
}

static int exit_of(pid_t pid)
{
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void writing_to_owned_pages_costs_no_faults(void **state)
{
    (void)state;
    char *pages = new_pages();
#ifdef MADV_POPULATE_WRITE
    if (madvise(pages, PAGE_BYTES, MADV_POPULATE_WRITE) != 0)
#endif
        skip(); // the kernel or its headers are from before 5.14: then it only costs more
    pid_t pid = fork();
    if (pid == 0) {
        own_pages(pages + 100, (PAGES - 1) * PAGE_BYTES);
        _exit(faults_of_writing(pages) < PAGES / 2 ? 0 : 1);
    }
    assert_int_equal(exit_of(pid), 0);
    munmap(pages, PAGES * PAGE_BYTES);
}

static void owned_pages_keep_their_contents_and_the_parent_its_own(void **state)
{
    (void)state;
    char *pages = new_pages();
    pid_t pid = fork();
    if (pid == 0) {
        own_pages(pages, PAGES * PAGE_BYTES);
        bool kept = true;
        for (int i = 0; i < PAGES * PAGE_BYTES; i++)
            kept = kept && pages[i] == 7;
        memset(pages, 8, PAGES * PAGE_BYTES);
        _exit(kept ? 0 : 1);
    }
    assert_int_equal(exit_of(pid), 0);
    assert_int_equal(pages[0], 7);
    munmap(pages, PAGES * PAGE_BYTES);
}

static void what_is_not_mapped_is_no_harm(void **state)
{
    (void)state;
    char *pages = new_pages();
    assert_int_equal(munmap(pages + PAGE_BYTES, (PAGES - 1) * PAGE_BYTES), 0);
    own_pages(pages, PAGES * PAGE_BYTES);
    own_stack(4 * PAGE_BYTES);
    assert_int_equal(pages[0], 7);
    munmap(pages, PAGE_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writing_to_owned_pages_costs_no_faults),
        cmocka_unit_test(owned_pages_keep_their_contents_and_the_parent_its_own),
        cmocka_unit_test(what_is_not_mapped_is_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
