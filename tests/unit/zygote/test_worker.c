// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/worker.h"

#include "runtime/protocol/exit_codes.h"
#include "tests/support/zygote_process.h"

#include <stdlib.h>

struct fixture {
    struct zygote_process zygote;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct zygote_setup setup = plain_setup();
    start_zygote(&fixture->zygote, &setup);
    await_ready(&fixture->zygote);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    stop_zygote(&fixture->zygote);
    free(fixture);
    return 0;
}

// The exit code of a worker that is given `bytes`, after which its socket is shut for writing; minus the
// signal that ended it.
static int end_of(struct fixture *fixture, const void *bytes, size_t length)
{
    int socket;
    spawn_workers(&fixture->zygote, 1, 1, &socket);
    if (length > 0)
        fd_write_all(socket, bytes, length, NULL);
    shutdown(socket, SHUT_WR);
    struct worker_exit exit;
    await_exits(&fixture->zygote, 1, &exit);
    close(socket);
    return WIFEXITED(exit.wait_status) ? WEXITSTATUS(exit.wait_status) : -WTERMSIG(exit.wait_status);
}

static int end_of_code(struct fixture *fixture, const char *code)
{
    int socket;
    spawn_workers(&fixture->zygote, 1, 1, &socket);
    send_job(socket, code, "null");
    struct worker_exit exit;
    await_exits(&fixture->zygote, 1, &exit);
    close(socket);
    return WIFEXITED(exit.wait_status) ? WEXITSTATUS(exit.wait_status) : -WTERMSIG(exit.wait_status);
}

static void worker_whose_socket_closes_while_idle_ends_in_order(void **state)
{
    assert_int_equal(end_of(*state, NULL, 0), EXIT_IDLE_CLOSED);
}

static void worker_whose_job_is_cut_off_ends(void **state)
{
    assert_int_equal(end_of(*state, "\x10\0\0\0\x01half", 9), EXIT_ENGINE_GONE);
    assert_int_equal(end_of(*state, "\x10", 1), EXIT_ENGINE_GONE);
}

static void worker_refuses_what_is_no_job(void **state)
{
    // Another type, a length out of bounds, and a body that does not decode.
    assert_int_equal(end_of(*state, "\x01\0\0\0\x02x", 6), EXIT_JOB_MALFORMED);
    assert_int_equal(end_of(*state, "\xff\xff\xff\xff\x01", 5), EXIT_JOB_MALFORMED);
    assert_int_equal(end_of(*state, "\x01\0\0\0\x01x", 6), EXIT_JOB_MALFORMED);
}

static void worker_refuses_a_second_frame(void **state)
{
    assert_int_equal(end_of(*state, "\x01\0\0\0\x01x\x01\0\0\0\x01x", 12), EXIT_JOB_MALFORMED);
}

static void worker_runs_a_job_far_larger_than_one_read(void **state)
{
    struct fixture *fixture = *state;
    static char context[900001];
    memset(context, ' ', sizeof context - 1);
    context[0] = '7';
    int socket;
    spawn_workers(&fixture->zygote, 1, 1, &socket);
    send_job(socket, "echo", context);
    size_t got = 0;
    char data[65536];
    for (ssize_t length; (length = read(socket, data, sizeof data)) > 0;)
        got += (size_t)length;
    assert_true(got > sizeof context);
    struct worker_exit exit;
    await_exits(&fixture->zygote, 1, &exit);
    assert_int_equal(exit.wait_status, 0);
    close(socket);
}

static void worker_that_makes_a_denied_call_ends_with_its_own_code(void **state)
{
    assert_int_equal(end_of_code(*state, "denied"), EXIT_SYSCALL_DENIED);
}

static void worker_that_crashes_ends_by_the_signal(void **state)
{
    assert_int_equal(end_of_code(*state, "crash"), -SIGILL);
}

static void worker_that_never_ends_is_ended_by_its_rlimit(void **state)
{
    assert_int_equal(end_of_code(*state, "spin"), -SIGXCPU);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worker_whose_socket_closes_while_idle_ends_in_order),
        cmocka_unit_test(worker_whose_job_is_cut_off_ends),
        cmocka_unit_test(worker_refuses_what_is_no_job),
        cmocka_unit_test(worker_refuses_a_second_frame),
        cmocka_unit_test(worker_runs_a_job_far_larger_than_one_read),
        cmocka_unit_test(worker_that_makes_a_denied_call_ends_with_its_own_code),
        cmocka_unit_test(worker_that_crashes_ends_by_the_signal),
        cmocka_unit_test(worker_that_never_ends_is_ended_by_its_rlimit),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
