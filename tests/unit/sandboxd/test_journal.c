// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/system/journal.h"

#include "tests/support/cmocka_all.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void only_the_stream_that_is_named_is_the_journals(void **state)
{
    (void)state;
    int named[2], other[2];
    struct stat found;
    char text[64];
    assert_int_equal(pipe2(named, O_CLOEXEC), 0);
    assert_int_equal(pipe2(other, O_CLOEXEC), 0);
    assert_int_equal(fstat(named[1], &found), 0);
    snprintf(text, sizeof text, "%ju:%ju", (uintmax_t)found.st_dev, (uintmax_t)found.st_ino);
    unsetenv("JOURNAL_STREAM");
    assert_false(journal_reads(named[1]));
    setenv("JOURNAL_STREAM", text, 1);
    assert_true(journal_reads(named[1]));
    assert_false(journal_reads(other[1])); // standard error was redirected since
    assert_false(journal_reads(-1));
    static const char *const broken[] = {"", ":", "8", "8:", "x:y"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        setenv("JOURNAL_STREAM", broken[i], 1);
        assert_false(journal_reads(named[1]));
    }
    for (int i = 0; i < 2; i++) {
        close(named[i]);
        close(other[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_stream_that_is_named_is_the_journals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
