// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/zygote.h"

#include "runtime/protocol/exit_codes.h"
#include "runtime/zygote/dedicated_uid.h"
#include "tests/support/host.h"
#include "tests/support/zygote_process.h"

#include <errno.h>
#include <stdlib.h>

static void zygote_tells_every_layer_when_it_is_ready(void **state)
{
    (void)state;
    struct zygote_process zygote;
    struct zygote_setup setup = plain_setup();
    start_zygote(&zygote, &setup);
    struct zygote_ready ready = await_ready(&zygote);
    assert_true(bytes_equal_text(ready.lua_release, "Lua 5.4.9"));
    assert_false(ready.interpreter_degraded);
    for (int layer = 0; layer < ISOLATION_LAYER_COUNT; layer++) {
        const struct layer_report *report = &ready.isolation.layer[layer];
        print_message("%s: %s %s\n", isolation_layer_name(layer), layer_state_name(report->state),
                      report->reason);
        assert_int_equal(report->state == LAYER_ACTIVE, report->reason[0] == '\0');
    }
    assert_int_equal(ready.isolation.layer[LAYER_SECCOMP].state, LAYER_ACTIVE);
    assert_int_equal(ready.isolation.layer[LAYER_RLIMITS].state, LAYER_ACTIVE);
    assert_int_equal(ready.isolation.layer[LAYER_NO_NEW_PRIVS].state, LAYER_ACTIVE);
    assert_int_equal(ready.isolation.layer[LAYER_DESCRIPTORS].state, LAYER_ACTIVE);
    assert_int_equal(ready.isolation.layer[LAYER_LUA_ENVIRONMENT].state, LAYER_ACTIVE);
    stop_zygote(&zygote);
}

static void zygote_forks_a_worker_that_runs_its_job_and_reports_its_end(void **state)
{
    (void)state;
    struct zygote_process zygote;
    struct zygote_setup setup = plain_setup();
    start_zygote(&zygote, &setup);
    await_ready(&zygote);
    int socket;
    spawn_workers(&zygote, 4711, 1, &socket);
    send_job(socket, "echo", "{\"nonce\":42}");
    struct worker_exit exit;
    await_exits(&zygote, 1, &exit);
    assert_int_equal(exit.worker_id, 4711);
    assert_int_equal(exit.spawn_errno, 0);
    assert_true(WIFEXITED(exit.wait_status) && WEXITSTATUS(exit.wait_status) == EXIT_RUN_ENDED);
    assert_true(exit.rss_bytes > 0);
    char data[4096];
    ssize_t length = read(socket, data, sizeof data);
    static const struct frame_rules rules = {.maximum = {[FRAME_RESULT] = 4096}};
    struct frame frame;
    size_t used;
    assert_true(length > 0);
    assert_int_equal(frame_next(bytes_of(data, (size_t)length), &rules, &frame, &used), FRAME_COMPLETE);
    struct worker_result result;
    assert_true(worker_result_decode(frame.body, &result));
    assert_true(bytes_equal_text(result.output, "{\"nonce\":42}"));
    close(socket);
    stop_zygote(&zygote);
}

static void zygote_of_one_run_forks_the_worker_that_was_asked_for_while_it_started(void **state)
{
    (void)state;
    struct zygote_process zygote;
    struct zygote_setup setup = plain_setup();
    setup.one_run = true;
    start_zygote(&zygote, &setup);
    int socket;
    spawn_workers(&zygote, 1, 1, &socket);
    send_job(socket, "echo", "[1]");
    await_ready(&zygote);
    struct worker_exit exit;
    await_exits(&zygote, 1, &exit);
    assert_int_equal(exit.worker_id, 1);
    assert_true(WIFEXITED(exit.wait_status) && WEXITSTATUS(exit.wait_status) == EXIT_RUN_ENDED);
    close(socket);
    stop_zygote(&zygote);
}

static void zygote_reports_every_end_of_a_batch_once(void **state)
{
    (void)state;
    enum { ROUNDS = 4, ALL = ROUNDS * SPAWN_BATCH_MAX };
    struct zygote_process zygote;
    struct zygote_setup setup = plain_setup();
    start_zygote(&zygote, &setup);
    await_ready(&zygote);
    int sockets[ALL];
    for (int round = 0; round < ROUNDS; round++)
        spawn_workers(&zygote, (uint64_t)(round * SPAWN_BATCH_MAX), SPAWN_BATCH_MAX,
                      sockets + round * SPAWN_BATCH_MAX);
    for (int i = 0; i < ALL; i++)
        send_job(sockets[i], "echo", "null");
    struct worker_exit exits[ALL];
    await_exits(&zygote, ALL, exits);
    bool seen[ALL] = {false};
    for (int i = 0; i < ALL; i++) {
        assert_true(exits[i].worker_id < ALL && !seen[exits[i].worker_id]);
        seen[exits[i].worker_id] = true;
        assert_int_equal(exits[i].wait_status, 0);
        close(sockets[i]);
    }
    stop_zygote(&zygote);
}

static void zygote_kills_the_worker_it_is_told_to_and_no_other(void **state)
{
    (void)state;
    struct zygote_process zygote;
    struct zygote_setup setup = plain_setup();
    start_zygote(&zygote, &setup);
    await_ready(&zygote);
    int sockets[2];
    spawn_workers(&zygote, 1, 2, sockets);
    send_job(sockets[0], "spin", "null");
    kill_worker(&zygote, 99); // there is none
    kill_worker(&zygote, 1);
    struct worker_exit exit;
    await_exits(&zygote, 1, &exit);
    assert_int_equal(exit.worker_id, 1);
    assert_true(WIFSIGNALED(exit.wait_status) && WTERMSIG(exit.wait_status) == SIGKILL);
    kill_worker(&zygote, 1); // already gone
    send_job(sockets[1], "echo", "null");
    await_exits(&zygote, 1, &exit);
    assert_int_equal(exit.worker_id, 2);
    assert_int_equal(exit.wait_status, 0);
    close(sockets[0]);
    close(sockets[1]);
    stop_zygote(&zygote);
}

static void zygote_lowers_workers_and_serves_on(void **state)
{
    (void)state;
    struct zygote_process zygote;
    struct zygote_setup setup = plain_setup();
    start_zygote(&zygote, &setup);
    await_ready(&zygote);
    int socket;
    spawn_workers(&zygote, 1, 1, &socket);
    lower_worker(&zygote, 99, 5); // there is none
    lower_worker(&zygote, 1, GIVE_WAY_NICE_MAX);
    send_job(socket, "echo", "null");
    struct worker_exit exit;
    await_exits(&zygote, 1, &exit);
    assert_int_equal(exit.wait_status, 0);
    lower_worker(&zygote, 1, 5); // already gone
    close(socket);
    stop_zygote(&zygote);
}

static void zygote_ends_workers_that_pass_their_bound_and_no_other(void **state)
{
    (void)state;
    struct zygote_process zygote;
    struct zygote_setup setup = plain_setup();
    setup.cpu_ms_max = 60000; // the kernel's own limit is far off
    start_zygote(&zygote, &setup);
    await_ready(&zygote);
    int sockets[2];
    spawn_workers(&zygote, 1, 2, sockets);
    bound_worker(&zygote, 99, 5); // there is none
    bound_worker(&zygote, 1, 50);
    bound_worker(&zygote, 2, 50);
    send_job(sockets[0], "spin", "null");
    struct worker_exit exit;
    await_exits(&zygote, 1, &exit);
    assert_int_equal(exit.worker_id, 1);
    assert_true(WIFSIGNALED(exit.wait_status) && WTERMSIG(exit.wait_status) == SIGKILL);
    assert_in_range(exit.cpu_us, 50000, 60000000);
    bound_worker(&zygote, 1, 50); // already gone
    send_job(sockets[1], "echo", "null");
    await_exits(&zygote, 1, &exit);
    assert_int_equal(exit.wait_status, 0);
    close(sockets[0]);
    close(sockets[1]);
    stop_zygote(&zygote);
}

static void zygote_takes_its_workers_along_when_the_engine_closes(void **state)
{
    (void)state;
    struct zygote_process zygote;
    struct zygote_setup setup = plain_setup();
    start_zygote(&zygote, &setup);
    struct zygote_ready ready = await_ready(&zygote);
    (void)ready;
    int sockets[2];
    spawn_workers(&zygote, 1, 2, sockets);
    send_job(sockets[0], "spin", "null");
    stop_zygote(&zygote);
    // Their ends of the sockets are closed: nobody is left to hold them.
    for (int i = 0; i < 2; i++) {
        struct pollfd wait = {.fd = sockets[i], .events = POLLIN};
        assert_int_equal(poll(&wait, 1, PATIENCE_MS), 1);
        assert_true(wait.revents & POLLHUP);
        close(sockets[i]);
    }
}

static void zygote_that_lacks_a_required_layer_refuses_and_says_why(void **state)
{
    (void)state;
    need_host("changing_uid", geteuid() == 0);
    struct zygote_process zygote;
    struct zygote_setup setup = plain_setup();
    setup.required_layers = 1u << LAYER_DEDICATED_UID;
    pid_t child = fork();
    if (child == 0) {
        if (setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0)
            _exit(1);
        start_zygote(&zygote, &setup);
        struct zygote_failed failed;
        bool told = zygote_failed_decode(receive_from_zygote(&zygote, ZYGOTE_FAILED), &failed) &&
                    memmem(failed.reason.data, failed.reason.length, "dedicated_uid", 13) != NULL;
        int status = await_zygote_end(&zygote);
        _exit(told && WIFEXITED(status) && WEXITSTATUS(status) == ZYGOTE_EXIT_START ? 0 : 2);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void zygote_refuses_a_policy_that_allows_what_none_may(void **state)
{
    (void)state;
    struct zygote_process zygote;
    struct zygote_setup setup = plain_setup();
    setup.allowed_syscall_count = 1;
    setup.allowed_syscalls[0] = 59; // execve on x86-64, and nothing on arm64 that may be allowed: fsetattr
#if defined(__aarch64__)
    setup.allowed_syscalls[0] = 221;
#endif
    start_zygote(&zygote, &setup);
    struct zygote_failed failed;
    assert_true(zygote_failed_decode(receive_from_zygote(&zygote, ZYGOTE_FAILED), &failed));
    assert_non_null(memmem(failed.reason.data, failed.reason.length, "execve", 6));
    int status = await_zygote_end(&zygote);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == ZYGOTE_EXIT_START);
    close(zygote.control);
}

// Sends `bytes` as a packet after READY; the exit code.
static int end_after(const char *bytes, size_t length)
{
    struct zygote_process zygote;
    struct zygote_setup setup = plain_setup();
    start_zygote(&zygote, &setup);
    await_ready(&zygote);
    assert_true(fd_send_packet(zygote.control, bytes, length, NULL, 0, NULL));
    int status = await_zygote_end(&zygote);
    close(zygote.control);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void zygote_ends_at_a_malformed_packet(void **state)
{
    (void)state;
    static const char too_long[600] = {ZYGOTE_KILL};
    struct buffer packet = buffer_make(ZYGOTE_PACKET_MAX);
    zygote_spawn_encode(&packet, &(struct zygote_spawn){.count = 1, .worker_id = {1}});
    assert_int_equal(end_after("\x7f", 1), ZYGOTE_EXIT_PROTOCOL);
    assert_int_equal(end_after("\x03", 1), ZYGOTE_EXIT_PROTOCOL);
    assert_int_equal(end_after("\x07\1\0\0\0\0\0\0\0\0", 10), ZYGOTE_EXIT_PROTOCOL); // nicer by nothing
    assert_int_equal(end_after(too_long, sizeof too_long), ZYGOTE_EXIT_PROTOCOL);
    // A worker asked for without its socket.
    assert_int_equal(end_after(packet.data, packet.length), ZYGOTE_EXIT_PROTOCOL);
    buffer_free(&packet);
}

static void zygote_without_a_setup_ends(void **state)
{
    (void)state;
    int pair[2];
    assert_true(fd_socket_pair(SOCK_SEQPACKET, pair, NULL));
    pid_t pid = fork();
    if (pid == 0) {
        close(pair[0]);
        _exit(zygote_main(pair[1], (struct process_title){0}));
    }
    close(pair[1]);
    close(pair[0]);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == ZYGOTE_EXIT_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zygote_tells_every_layer_when_it_is_ready),
        cmocka_unit_test(zygote_forks_a_worker_that_runs_its_job_and_reports_its_end),
        cmocka_unit_test(zygote_of_one_run_forks_the_worker_that_was_asked_for_while_it_started),
        cmocka_unit_test(zygote_reports_every_end_of_a_batch_once),
        cmocka_unit_test(zygote_kills_the_worker_it_is_told_to_and_no_other),
        cmocka_unit_test(zygote_lowers_workers_and_serves_on),
        cmocka_unit_test(zygote_ends_workers_that_pass_their_bound_and_no_other),
        cmocka_unit_test(zygote_takes_its_workers_along_when_the_engine_closes),
        cmocka_unit_test(zygote_that_lacks_a_required_layer_refuses_and_says_why),
        cmocka_unit_test(zygote_refuses_a_policy_that_allows_what_none_may),
        cmocka_unit_test(zygote_ends_at_a_malformed_packet),
        cmocka_unit_test(zygote_without_a_setup_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
