// SPDX-License-Identifier: Apache-2.0
// A zygote in a process of its own, for tests that play its engine.
#pragma once

#include "base/bytes.h"
#include "base/fd.h"
#include "runtime/protocol/frame.h"
#include "runtime/protocol/job_messages.h"
#include "runtime/protocol/zygote_messages.h"
#include "runtime/zygote/zygote.h"
#include "tests/support/cmocka_all.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 30000 };

struct zygote_process {
    pid_t pid;
    int control;
    char packet[ZYGOTE_PACKET_MAX]; // the last one received
};

static inline struct zygote_setup plain_setup(void)
{
    return (struct zygote_setup){
        .policy_name = bytes_of_text("test"),
        .policy_version = bytes_of_text("sha256:0"),
        .memory_bytes_max = 64 << 20,
        .cpu_ms_max = 1000,
    };
}

static inline void send_to_zygote(struct zygote_process *zygote, struct buffer *packet, const int *fds,
                                  unsigned count)
{
    assert_true(buffer_ok(packet));
    assert_true(fd_send_packet(zygote->control, packet->data, packet->length, fds, count, NULL));
    buffer_free(packet);
}

// Forks it and sends its setup. The title area is the caller's to look at.
static inline void start_zygote(struct zygote_process *zygote, const struct zygote_setup *setup)
{
    int pair[2];
    assert_true(fd_socket_pair(SOCK_SEQPACKET, pair, NULL));
    zygote->pid = fork();
    if (zygote->pid == 0) {
        close(pair[0]);
        _exit(zygote_main(pair[1], (struct process_title){0}));
    }
    assert_true(zygote->pid > 0);
    close(pair[1]);
    zygote->control = pair[0];
    struct buffer packet = buffer_make(ZYGOTE_PACKET_MAX);
    zygote_setup_encode(&packet, setup);
    send_to_zygote(zygote, &packet, NULL, 0);
}

// The body of its next packet, which must be of `type`; empty at the end of the socket.
static inline struct bytes receive_from_zygote(struct zygote_process *zygote, enum zygote_packet_type type)
{
    struct pollfd wait = {.fd = zygote->control, .events = POLLIN};
    assert_int_equal(poll(&wait, 1, PATIENCE_MS), 1);
    ssize_t length = recv(zygote->control, zygote->packet, sizeof zygote->packet, 0);
    if (length <= 0)
        return bytes_of(zygote->packet, 0);
    assert_int_equal(zygote->packet[0], type);
    return bytes_of(zygote->packet + 1, (size_t)length - 1);
}

static inline struct zygote_ready await_ready(struct zygote_process *zygote)
{
    struct zygote_ready ready;
    assert_true(zygote_ready_decode(receive_from_zygote(zygote, ZYGOTE_READY), &ready));
    return ready;
}

// Asks for `count` workers with the ids first_id, first_id + 1, ...; gives the engine's ends of their
// sockets.
static inline void spawn_workers(struct zygote_process *zygote, uint64_t first_id, uint32_t count,
                                 int *ret_sockets)
{
    struct zygote_spawn spawn = {.count = count};
    int far[SPAWN_BATCH_MAX];
    for (uint32_t i = 0; i < count; i++) {
        int pair[2];
        assert_true(fd_socket_pair(SOCK_STREAM, pair, NULL));
        spawn.worker_id[i] = first_id + i;
        ret_sockets[i] = pair[0];
        far[i] = pair[1];
    }
    struct buffer packet = buffer_make(ZYGOTE_PACKET_MAX);
    zygote_spawn_encode(&packet, &spawn);
    send_to_zygote(zygote, &packet, far, count);
    for (uint32_t i = 0; i < count; i++)
        close(far[i]);
}

static inline void kill_worker(struct zygote_process *zygote, uint64_t worker_id)
{
    struct buffer packet = buffer_make(ZYGOTE_PACKET_MAX);
    zygote_kill_encode(&packet, &(struct zygote_kill){.worker_id = worker_id});
    send_to_zygote(zygote, &packet, NULL, 0);
}

static inline void lower_worker(struct zygote_process *zygote, uint64_t worker_id, uint8_t nice_by)
{
    struct buffer packet = buffer_make(ZYGOTE_PACKET_MAX);
    zygote_give_way_encode(&packet, &(struct zygote_give_way){.worker_id = worker_id, .nice_by = nice_by});
    send_to_zygote(zygote, &packet, NULL, 0);
}

static inline void bound_worker(struct zygote_process *zygote, uint64_t worker_id, uint32_t cpu_ms)
{
    struct buffer packet = buffer_make(ZYGOTE_PACKET_MAX);
    zygote_bound_cpu_encode(&packet, &(struct zygote_bound_cpu){worker_id, cpu_ms});
    send_to_zygote(zygote, &packet, NULL, 0);
}

static inline void send_job(int socket, const char *code, const char *context)
{
    struct job job = {
        .run_id = bytes_of_text("01900000-0000-7000-8000-000000000001"),
        .module_count = 1,
        .modules = {{.name = bytes_of_text("main.lua"), .code = bytes_of_text(code)}},
        .context = bytes_of_text(context),
    };
    for (int i = 0; i < RUN_LIMIT_COUNT; i++)
        job.limits.value[i] = run_limit_table[i].minimum;
    struct buffer frame = buffer_make(1 << 24);
    job_encode(&frame, &job);
    assert_true(buffer_ok(&frame));
    assert_true(fd_write_all(socket, frame.data, frame.length, NULL));
    buffer_free(&frame);
}

// Collects exits until `count` came, in the order in which they came.
static inline void await_exits(struct zygote_process *zygote, uint32_t count, struct worker_exit *ret_exits)
{
    for (uint32_t got = 0; got < count;) {
        struct zygote_exited exited;
        assert_true(zygote_exited_decode(receive_from_zygote(zygote, ZYGOTE_EXITED), &exited));
        assert_true(exited.count <= count - got);
        memcpy(ret_exits + got, exited.exits, exited.count * sizeof *ret_exits);
        got += exited.count;
    }
}

// Waits for its end; the wait status.
static inline int await_zygote_end(struct zygote_process *zygote)
{
    int status;
    assert_int_equal(waitpid(zygote->pid, &status, 0), zygote->pid);
    return status;
}

static inline void stop_zygote(struct zygote_process *zygote)
{
    close(zygote->control);
    int status = await_zygote_end(zygote);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}
