// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/progress.h"

#include "base/clock.h"
#include "tests/support/cmocka_all.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void it_is_silent_where_nobody_watches(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    assert_non_null(file);
    struct progress progress = progress_begin(file, false, "runs", 10);
    progress_at(&progress, UINT64_MAX, 5);
    progress_end(&progress);
    assert_int_equal(ftell(file), 0);
    fclose(file);
}

// What the terminal's other end gets while `act` writes.
static size_t watch(bool quiet, size_t total, uint64_t after_ns, char *seen, size_t size)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
        fail_msg("no terminal to be had");
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    FILE *terminal = slave >= 0 ? fdopen(slave, "r+") : NULL;
    assert_non_null(terminal);
    struct progress progress = progress_begin(terminal, quiet, "runs", total);
    progress_at(&progress, progress.begun_ns + after_ns, 3);
    progress_at(&progress, progress.begun_ns + after_ns + 1, 4); // too soon to be shown
    progress_end(&progress);
    fputs("|", terminal); // so that there is something to be read
    fflush(terminal);
    size_t length = 0;
    // A terminal gives what it has got so far, which may be a part.
    while (length == 0 || seen[length - 1] != '|') {
        ssize_t got = read(master, seen + length, size - 1 - length);
        assert_true(got > 0);
        length += (size_t)got;
    }
    fclose(terminal);
    close(master);
    seen[length] = '\0';
    return length;
}

static void on_a_terminal_it_shows_after_a_second_and_cleans_up(void **state)
{
    (void)state;
    char seen[128];
    watch(false, 10, 999 * NS_PER_MS, seen, sizeof seen);
    assert_string_equal(seen, "|");
    watch(false, 0, 2000 * NS_PER_MS, seen, sizeof seen);
    assert_string_equal(seen, "\rruns, 2 s\r\033[K|");
    watch(true, 10, 2000 * NS_PER_MS, seen, sizeof seen);
    assert_string_equal(seen, "|");
    watch(false, 10, 1000 * NS_PER_MS, seen, sizeof seen);
    assert_string_equal(seen, "\r3 of 10 runs\r\033[K|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_silent_where_nobody_watches),
        cmocka_unit_test(on_a_terminal_it_shows_after_a_second_and_cleans_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
