// SPDX-License-Identifier: Apache-2.0
// Linked as the zygote is, so that the code under test is moved while it runs.
#include "runtime/zygote/huge_text.h"

#include "tests/support/cmocka_all.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

// The line of /proc/self/maps that `address` is in.
static void find_mapping(const void *address, char *ret_line, int size)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    assert_non_null(maps);
    unsigned long from, to;
    bool found = false;
    while (!found && fgets(ret_line, size, maps) != NULL)
        found = sscanf(ret_line, "%lx-%lx", &from, &to) == 2 && (uintptr_t)address >= from &&
                (uintptr_t)address < to;
    fclose(maps);
    assert_true(found);
}

static unsigned mapping_count(void)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    assert_non_null(maps);
    unsigned count = 0;
    char line[512];
    while (fgets(line, sizeof line, maps) != NULL)
        count++;
    fclose(maps);
    return count;
}

static void the_code_goes_on_from_where_it_was_and_stays_read_only(void **state)
{
    (void)state;
    char before[512], after[512];
    struct error err = {0};
    const void *here = (const void *)(uintptr_t)&find_mapping;
    find_mapping(here, before, sizeof before);
    unsigned mappings = mapping_count();
    bool moved = huge_text_use(&err);
    find_mapping(here, after, sizeof after);
    assert_non_null(strstr(after, " r-xp "));
    if (moved) {
        assert_null(strstr(after, "huge_text")); // no longer the file's
        assert_true(mapping_count() <= mappings);
    } else {
        // A host without huge pages: nothing has changed, and it says why.
        assert_string_equal(before, after);
        assert_string_not_equal(err.text, "");
    }
    assert_false(moved && huge_text_use(NULL)); // once is enough
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_code_goes_on_from_where_it_was_and_stays_read_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
