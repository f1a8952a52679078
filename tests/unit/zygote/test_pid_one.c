// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/pid_one.h"

#include "base/fd.h"
#include "tests/support/cmocka_all.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 30000 };

// The outer process, as the engine's child: `control` is its end of a socket.
_Noreturn static void be_zygote(pid_t engine, int control, int (*inner)(int control))
{
    if (!pid_one_fork(engine, control, NULL))
        _exit(99);
    _exit(inner(control));
}

static pid_t start(int (*inner)(int control), int *ret_control)
{
    int pair[2];
    assert_true(fd_socket_pair(SOCK_STREAM, pair, NULL));
    pid_t engine = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        close(pair[0]);
        be_zygote(engine, pair[1], inner);
    }
    close(pair[1]);
    *ret_control = pair[0];
    return pid;
}

static int exit_with_42(int control)
{
    (void)control;
    return 42;
}

static int die_of_sigterm(int control)
{
    (void)control;
    raise(SIGTERM);
    return 1;
}

static int exit_with_blocked_signals(int control)
{
    (void)control;
    sigset_t blocked;
    sigprocmask(SIG_BLOCK, NULL, &blocked);
    return sigismember(&blocked, SIGCHLD) | sigismember(&blocked, SIGTERM) << 1;
}

// Answers every byte until the socket closes.
static int echo(int control)
{
    char byte;
    while (read(control, &byte, 1) == 1 && write(control, &byte, 1) == 1) {
    }
    return 0;
}

static void outer_process_passes_the_exit_status_on(void **state)
{
    (void)state;
    int control, status;
    pid_t pid = start(exit_with_42, &control);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 42);
    close(control);
    pid = start(die_of_sigterm, &control);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    close(control);
}

static void inner_process_has_the_signal_of_childrens_ends_blocked(void **state)
{
    (void)state;
    int control, status;
    pid_t pid = start(exit_with_blocked_signals, &control);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    close(control);
}

static void told_to_end_outer_process_takes_the_inner_one_along_and_reaps_it(void **state)
{
    (void)state;
    int control, status;
    char byte = 1;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
    pid_t pid = start(echo, &control);
    assert_int_equal(write(control, &byte, 1), 1);
    assert_int_equal(read(control, &byte, 1), 1); // the inner one is there
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_int_equal(waitpid(-1, NULL, 0), -1); // no orphan came to this process
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0), 0);
    close(control);
}

static bool hung_up(int control)
{
    struct pollfd wait = {.fd = control, .events = POLLIN};
    char byte;
    return poll(&wait, 1, PATIENCE_MS) == 1 && read(control, &byte, 1) == 0;
}

static void inner_process_dies_with_the_outer(void **state)
{
    (void)state;
    int control, status;
    pid_t pid = start(echo, &control);
    char byte = 'x';
    assert_int_equal(write(control, &byte, 1), 1);
    assert_int_equal(read(control, &byte, 1), 1);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(hung_up(control));
    close(control);
}

static void both_die_with_the_engine(void **state)
{
    (void)state;
    int pair[2], status;
    assert_true(fd_socket_pair(SOCK_STREAM, pair, NULL));
    pid_t engine = fork();
    if (engine == 0) {
        close(pair[0]);
        pid_t self = getpid();
        if (fork() == 0)
            be_zygote(self, pair[1], echo);
        close(pair[1]);
        pause();
    }
    close(pair[1]);
    char byte = 'x';
    assert_int_equal(write(pair[0], &byte, 1), 1);
    assert_int_equal(read(pair[0], &byte, 1), 1);
    assert_int_equal(kill(engine, SIGKILL), 0);
    assert_int_equal(waitpid(engine, &status, 0), engine);
    assert_true(hung_up(pair[0]));
    close(pair[0]);
}

struct started {
    pid_t pid;
    int control;
};

static void *start_from_thread(void *context)
{
    struct started *started = context;
    started->pid = start(echo, &started->control);
    char byte = 'x';
    if (write(started->control, &byte, 1) != 1 || read(started->control, &byte, 1) != 1)
        started->pid = -1;
    return NULL;
}

static void neither_dies_with_the_thread_that_started_it(void **state)
{
    (void)state;
    struct started started;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, start_from_thread, &started), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(started.pid > 0);
    for (int i = 0; i < 50; i++) {
        char byte = 'y';
        assert_int_equal(write(started.control, &byte, 1), 1);
        assert_int_equal(read(started.control, &byte, 1), 1);
    }
    close(started.control);
    int status;
    assert_int_equal(waitpid(started.pid, &status, 0), started.pid);
    assert_int_equal(status, 0);
}

static void engine_that_is_already_gone_is_noticed(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        struct error err = {0};
        bool watching = pid_one_fork(getpid(), -1, &err); // never its own parent
        _exit(!watching && err.kind == ERROR_CLOSED ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outer_process_passes_the_exit_status_on),
        cmocka_unit_test(inner_process_has_the_signal_of_childrens_ends_blocked),
        cmocka_unit_test(told_to_end_outer_process_takes_the_inner_one_along_and_reaps_it),
        cmocka_unit_test(inner_process_dies_with_the_outer),
        cmocka_unit_test(both_die_with_the_engine),
        cmocka_unit_test(neither_dies_with_the_thread_that_started_it),
        cmocka_unit_test(engine_that_is_already_gone_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
