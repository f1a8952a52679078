// SPDX-License-Identifier: Apache-2.0
#include "base/cleanup.h"
#include "base/fd.h"
#include "tests/support/cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

struct pair {
    int ends[2];
};

static struct pair make_pair(int type)
{
    struct pair pair;
    assert_true(fd_socket_pair(type, pair.ends, NULL));
    return pair;
}

static void close_pair(struct pair *pair)
{
    cleanup_close(&pair->ends[0]);
    cleanup_close(&pair->ends[1]);
}

static int count_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void what_is_written_is_read_exactly(void **state)
{
    (void)state;
    struct pair pair = make_pair(SOCK_STREAM);
    char text[6] = {0};
    assert_true(fd_write_all(pair.ends[0], "hello", 5, NULL));
    assert_true(fd_read_exact(pair.ends[1], text, 5, NULL));
    assert_string_equal(text, "hello");
    close_pair(&pair);
}

static void reading_past_the_peers_end_is_closed(void **state)
{
    (void)state;
    struct pair pair = make_pair(SOCK_STREAM);
    struct error err = {0};
    char text[6];
    assert_true(fd_write_all(pair.ends[0], "abc", 3, NULL));
    close(take_fd(&pair.ends[0]));
    assert_false(fd_read_exact(pair.ends[1], text, 5, &err));
    assert_int_equal(err.kind, ERROR_CLOSED);
    close_pair(&pair);
}

static void descriptors_are_close_on_exec(void **state)
{
    (void)state;
    struct pair pair = make_pair(SOCK_SEQPACKET | SOCK_NONBLOCK);
    assert_true((fcntl(pair.ends[0], F_GETFD) & FD_CLOEXEC) != 0);
    assert_true((fcntl(pair.ends[1], F_GETFL) & O_NONBLOCK) != 0);
    assert_true(fd_set_nonblocking(pair.ends[1], false, NULL));
    assert_true((fcntl(pair.ends[1], F_GETFL) & O_NONBLOCK) == 0);
    close_pair(&pair);
}

static void a_packet_carries_its_descriptors(void **state)
{
    (void)state;
    struct pair control = make_pair(SOCK_SEQPACKET);
    struct pair sent = make_pair(SOCK_STREAM);
    char text[8];
    int came[4];
    unsigned count = 0;
    assert_true(fd_send_packet(control.ends[0], "go", 2, sent.ends, 2, NULL));
    close_pair(&sent);
    assert_int_equal(fd_receive_packet(control.ends[1], text, sizeof text, came, 4, &count, NULL), 2);
    assert_memory_equal(text, "go", 2);
    assert_int_equal(count, 2);
    assert_true((fcntl(came[0], F_GETFD) & FD_CLOEXEC) != 0);
    assert_true(fd_write_all(came[0], "x", 1, NULL));
    assert_true(fd_read_exact(came[1], text, 1, NULL));
    close(came[0]);
    close(came[1]);
    close_pair(&control);
}

static void a_packet_too_long_or_with_too_many_descriptors_leaks_nothing(void **state)
{
    (void)state;
    struct pair control = make_pair(SOCK_SEQPACKET);
    struct pair sent = make_pair(SOCK_STREAM);
    int before = count_descriptors();
    char text[4];
    int came[1];
    unsigned count = 0;
    struct error err = {0};
    assert_true(fd_send_packet(control.ends[0], "hi", 2, sent.ends, 2, NULL));
    assert_int_equal(fd_receive_packet(control.ends[1], text, sizeof text, came, 1, &count, &err), -1);
    assert_int_equal(err.kind, ERROR_PROTOCOL);
    assert_true(fd_send_packet(control.ends[0], "too long", 8, sent.ends, 1, NULL));
    assert_int_equal(fd_receive_packet(control.ends[1], text, sizeof text, came, 1, &count, &err), -1);
    assert_int_equal(err.kind, ERROR_PROTOCOL);
    assert_int_equal(count_descriptors(), before);
    close_pair(&sent);
    close_pair(&control);
}

static void nothing_there_and_no_room_are_told_as_eagain(void **state)
{
    (void)state;
    struct pair control = make_pair(SOCK_SEQPACKET | SOCK_NONBLOCK);
    char text[4] = {0};
    struct error err = {0};
    assert_int_equal(fd_receive_packet(control.ends[1], text, sizeof text, NULL, 0, NULL, &err), -1);
    assert_int_equal(err.sys_errno, EAGAIN);
    err = (struct error){0};
    for (int i = 0; i < 100000 && err.kind == ERROR_NONE; i++)
        fd_send_packet(control.ends[0], text, sizeof text, NULL, 0, &err);
    assert_int_equal(err.sys_errno, EAGAIN);
    close_pair(&control);
}

static void sending_to_nobody_fails_without_a_signal(void **state)
{
    (void)state;
    struct pair control = make_pair(SOCK_SEQPACKET);
    struct error err = {0};
    char text[4];
    close(take_fd(&control.ends[1]));
    assert_false(fd_send_packet(control.ends[0], "x", 1, NULL, 0, &err));
    assert_int_equal(err.kind, ERROR_CLOSED);
    assert_int_equal(err.sys_errno, EPIPE);
    assert_int_equal(fd_receive_packet(control.ends[0], text, sizeof text, NULL, 0, NULL, &err), 0);
    close_pair(&control);
}

static void what_the_peer_has_not_read_yet_is_known(void **state)
{
    (void)state;
    struct pair control = make_pair(SOCK_SEQPACKET);
    char text[4];
    assert_true(fd_peer_has_read_all(control.ends[0]));
    assert_true(fd_send_packet(control.ends[0], "a", 1, NULL, 0, NULL));
    assert_true(fd_send_packet(control.ends[0], "b", 1, NULL, 0, NULL));
    assert_int_equal(fd_receive_packet(control.ends[1], text, sizeof text, NULL, 0, NULL, NULL), 1);
    assert_false(fd_peer_has_read_all(control.ends[0]));
    assert_true(fd_peer_has_read_all(control.ends[1]));
    assert_int_equal(fd_receive_packet(control.ends[1], text, sizeof text, NULL, 0, NULL, NULL), 1);
    assert_true(fd_peer_has_read_all(control.ends[0]));
    close_pair(&control);
}

// In a child, whose own three would be missed here.
static void standard_descriptors_left_closed_are_taken_and_stay_unusable(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        char byte = 0;
        for (int fd = 0; fd <= 2; fd++)
            close(fd);
        bool good = fd_hold_standard(NULL) && open("/dev/null", O_RDWR | O_CLOEXEC) == 3 &&
                    read(0, &byte, 1) == -1 && write(1, &byte, 1) == -1 && write(2, &byte, 1) == -1;
        _exit(good ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    int before = count_descriptors();
    assert_true(fd_hold_standard(NULL));
    assert_int_equal(count_descriptors(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_exactly),
        cmocka_unit_test(reading_past_the_peers_end_is_closed),
        cmocka_unit_test(descriptors_are_close_on_exec),
        cmocka_unit_test(a_packet_carries_its_descriptors),
        cmocka_unit_test(a_packet_too_long_or_with_too_many_descriptors_leaks_nothing),
        cmocka_unit_test(nothing_there_and_no_room_are_told_as_eagain),
        cmocka_unit_test(what_the_peer_has_not_read_yet_is_known),
        cmocka_unit_test(sending_to_nobody_fails_without_a_signal),
        cmocka_unit_test(standard_descriptors_left_closed_are_taken_and_stay_unusable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
