// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/control.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "runtime/zygote/unshared_memory.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum { EXITS_MIN = 64 };

struct control control_make(int fd)
{
    return (struct control){.fd = fd, .packet = buffer_make(ZYGOTE_PACKET_MAX)};
}

void control_free(struct control *control)
{
    unshared_memory_free(control->exits, control->exit_capacity * sizeof *control->exits);
    buffer_free(&control->packet);
    *control = (struct control){.fd = -1};
}

static void wait_until(int fd, short events)
{
    struct pollfd wanted = {.fd = fd, .events = events};
    while (poll(&wanted, 1, -1) < 0 && errno == EINTR) {
    }
}

bool control_receive_setup(int fd, char **ret_packet, struct zygote_setup *ret_setup, struct error *err)
{
    autofree char *packet = malloc(ZYGOTE_PACKET_MAX);
    if (packet == NULL)
        return error_set(err, ERROR_MEMORY, "no memory for the setup packet");
    wait_until(fd, POLLIN);
    unsigned fd_count = 0;
    ssize_t length = fd_receive_packet(fd, packet, ZYGOTE_PACKET_MAX, NULL, 0, &fd_count, err);
    if (length < 0)
        return false;
    if (length == 0)
        return error_set(err, ERROR_CLOSED, "the engine closed the control socket");
    if (packet[0] != ZYGOTE_SETUP ||
        !zygote_setup_decode(bytes_of(packet + 1, (size_t)length - 1), ret_setup))
        return error_set(err, ERROR_PROTOCOL, "the first packet is not a well-formed setup");
    *ret_packet = take_ptr(packet);
    return true;
}

static bool send_packet(struct control *control, struct error *err)
{
    if (!buffer_ok(&control->packet))
        return error_set(err, ERROR_MEMORY, "no memory for a packet");
    return fd_send_packet(control->fd, control->packet.data, control->packet.length, NULL, 0, err);
}

bool control_send_ready(struct control *control, const struct zygote_ready *ready, struct error *err)
{
    buffer_clear(&control->packet);
    zygote_ready_encode(&control->packet, ready);
    return send_packet(control, err);
}

void control_send_failed(int fd, const char *reason)
{
    struct bytes text = bytes_of_text(reason);
    if (text.length > ZYGOTE_TEXT_MAX)
        text.length = ZYGOTE_TEXT_MAX;
    struct zygote_failed failed = {.reason = text};
    struct control control = control_make(fd);
    zygote_failed_encode(&control.packet, &failed);
    send_packet(&control, NULL);
    control_free(&control);
}

bool control_add_exit(struct control *control, const struct worker_exit *exit)
{
    if (control->exit_count == control->exit_capacity) {
        size_t capacity = control->exit_capacity == 0 ? EXITS_MIN : 2 * control->exit_capacity;
        struct worker_exit *larger = unshared_memory_new(capacity * sizeof *larger);
        if (larger == NULL)
            return false;
        if (control->exit_count > 0)
            memcpy(larger, control->exits, control->exit_count * sizeof *larger);
        unshared_memory_free(control->exits, control->exit_capacity * sizeof *larger);
        control->exits = larger;
        control->exit_capacity = capacity;
    }
    control->exits[control->exit_count++] = *exit;
    return true;
}

bool control_flush(struct control *control)
{
    size_t sent = 0;
    bool alive = true;
    while (sent < control->exit_count) {
        size_t left = control->exit_count - sent;
        struct zygote_exited exited = {.count = left < EXITED_BATCH_MAX ? (uint32_t)left : EXITED_BATCH_MAX};
        memcpy(exited.exits, control->exits + sent, exited.count * sizeof *exited.exits);
        buffer_clear(&control->packet);
        zygote_exited_encode(&control->packet, &exited);
        struct error err = {0};
        if (!send_packet(control, &err)) {
            alive = err.sys_errno == EAGAIN;
            break;
        }
        sent += exited.count;
    }
    memmove(control->exits, control->exits + sent, (control->exit_count - sent) * sizeof *control->exits);
    control->exit_count -= sent;
    return alive;
}
