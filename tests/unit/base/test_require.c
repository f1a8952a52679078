// SPDX-License-Identifier: Apache-2.0
#include "base/fd.h"
#include "base/require.h"
#include "tests/support/cmocka_all.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void a_broken_invariant_says_where_and_aborts(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        signal(SIGABRT, SIG_DFL); // cmocka catches it
        dup2(ends[1], STDERR_FILENO);
        require_failed("x > 1", "some/file.c", 1203);
    }
    close(ends[1]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    const char *expected = "some/file.c:1203: invariant broken: x > 1\n";
    char text[100] = "";
    assert_true(fd_read_exact(ends[0], text, strlen(expected), NULL));
    assert_string_equal(text, expected);
    close(ends[0]);
}

static void an_invariant_that_holds_costs_nothing(void **state)
{
    (void)state;
    int evaluated = 0;
    require(++evaluated == 1);
    assert_int_equal(evaluated, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_broken_invariant_says_where_and_aborts),
        cmocka_unit_test(an_invariant_that_holds_costs_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
