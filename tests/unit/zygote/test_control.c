// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/control.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "tests/support/cmocka_all.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct fixture {
    struct control control;
    int engine;
    int zygote;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    int pair[2];
    assert_true(fd_socket_pair(SOCK_SEQPACKET | SOCK_NONBLOCK, pair, NULL));
    fixture->engine = pair[0];
    fixture->zygote = pair[1];
    fixture->control = control_make(pair[1]);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    control_free(&fixture->control);
    if (fixture->engine >= 0)
        close(fixture->engine);
    close(fixture->zygote);
    free(fixture);
    return 0;
}

static void control_takes_a_setup(void **state)
{
    struct fixture *fixture = *state;
    struct zygote_setup setup = {.policy_name = bytes_of_text("strict"),
                                 .policy_version = bytes_of_text("sha256:1"),
                                 .cpu_ms_max = 77};
    struct buffer packet = buffer_make(ZYGOTE_PACKET_MAX);
    zygote_setup_encode(&packet, &setup);
    assert_true(fd_send_packet(fixture->engine, packet.data, packet.length, NULL, 0, NULL));
    buffer_free(&packet);
    autofree char *received = NULL;
    struct zygote_setup taken;
    assert_true(control_receive_setup(fixture->zygote, &received, &taken, NULL));
    assert_true(bytes_equal_text(taken.policy_name, "strict"));
    assert_int_equal(taken.cpu_ms_max, 77);
}

static void control_refuses_another_first_packet(void **state)
{
    struct fixture *fixture = *state;
    assert_true(fd_send_packet(fixture->engine, "\x03xxxxxxxx", 9, NULL, 0, NULL));
    char *received = NULL;
    struct zygote_setup taken;
    struct error err = {0};
    assert_false(control_receive_setup(fixture->zygote, &received, &taken, &err));
    assert_int_equal(err.kind, ERROR_PROTOCOL);
    assert_null(received);
}

static void control_tells_an_engine_that_is_gone(void **state)
{
    struct fixture *fixture = *state;
    close(fixture->engine);
    fixture->engine = -1;
    char *received = NULL;
    struct zygote_setup taken;
    struct error err = {0};
    assert_false(control_receive_setup(fixture->zygote, &received, &taken, &err));
    assert_int_equal(err.kind, ERROR_CLOSED);
    assert_true(control_add_exit(&fixture->control, &(struct worker_exit){.worker_id = 1}));
    assert_false(control_flush(&fixture->control));
}

static void control_cuts_a_long_reason(void **state)
{
    struct fixture *fixture = *state;
    char reason[3 * ZYGOTE_TEXT_MAX];
    memset(reason, 'x', sizeof reason - 1);
    reason[sizeof reason - 1] = '\0';
    control_send_failed(fixture->zygote, reason);
    char packet[ZYGOTE_PACKET_MAX];
    ssize_t length = recv(fixture->engine, packet, sizeof packet, 0);
    struct zygote_failed failed;
    assert_true(length > 1 && packet[0] == ZYGOTE_FAILED);
    assert_true(zygote_failed_decode(bytes_of(packet + 1, (size_t)length - 1), &failed));
    assert_int_equal(failed.reason.length, ZYGOTE_TEXT_MAX);
}

// Reads what is there; the ids must go on from `next`.
static uint64_t drain(int engine, uint64_t next)
{
    char packet[ZYGOTE_PACKET_MAX];
    for (ssize_t length; (length = recv(engine, packet, sizeof packet, MSG_DONTWAIT)) > 0;) {
        struct zygote_exited exited;
        assert_true(zygote_exited_decode(bytes_of(packet + 1, (size_t)length - 1), &exited));
        for (uint32_t i = 0; i < exited.count; i++)
            assert_int_equal(exited.exits[i].worker_id, next++);
    }
    return next;
}

static void control_keeps_exits_in_order_while_the_socket_is_full(void **state)
{
    enum { EXITS = 20000 };
    struct fixture *fixture = *state;
    for (uint64_t id = 0; id < EXITS; id++)
        assert_true(control_add_exit(&fixture->control, &(struct worker_exit){.worker_id = id}));
    assert_true(control_flush(&fixture->control));
    assert_true(fixture->control.exit_count > 0);
    uint64_t next = 0;
    while (fixture->control.exit_count > 0) {
        next = drain(fixture->engine, next);
        assert_true(control_flush(&fixture->control));
    }
    assert_int_equal(drain(fixture->engine, next), EXITS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(control_takes_a_setup, set_up, tear_down),
        cmocka_unit_test_setup_teardown(control_refuses_another_first_packet, set_up, tear_down),
        cmocka_unit_test_setup_teardown(control_tells_an_engine_that_is_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(control_cuts_a_long_reason, set_up, tear_down),
        cmocka_unit_test_setup_teardown(control_keeps_exits_in_order_while_the_socket_is_full, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
