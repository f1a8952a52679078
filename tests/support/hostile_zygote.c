// SPDX-License-Identifier: Apache-2.0
// A test double for sandbox-zygote: speaks the zygote's side of the protocol without confinement and without
// Lua, so that the engine's tests need neither root nor an interpreter. What a worker does is the first word
// of its job's code, with a number after it where one is meant ("sleep 20"); what the zygote itself does
// wrong is its policy's name. Never installed.
#include "base/fd.h"
#include "base/require.h"
#include "runtime/protocol/exit_codes.h"
#include "runtime/protocol/zygote_messages.h"
#include "tests/support/hostile_worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS_MAX = 4096 };

struct double_zygote {
    struct {
        pid_t pid;
        uint64_t id;
    } workers[WORKERS_MAX];
    uint32_t count;
    uint64_t forks;
    char policy[POLICY_NAME_MAX + 1];
};

static void send_packet(struct buffer *packet)
{
    require(buffer_ok(packet));
    struct error err = {0};
    // Waiting for room is all that a real zygote does, too.
    while (!fd_send_packet(ZYGOTE_CONTROL_FD, packet->data, packet->length, NULL, 0, &err)) {
        if (err.sys_errno != EAGAIN)
            _exit(ZYGOTE_EXIT_OK);
        struct pollfd room = {.fd = ZYGOTE_CONTROL_FD, .events = POLLOUT};
        poll(&room, 1, -1);
    }
    buffer_free(packet);
}

static void report(const struct zygote_exited *exited)
{
    struct buffer packet = buffer_make(ZYGOTE_PACKET_MAX);
    zygote_exited_encode(&packet, exited);
    send_packet(&packet);
}

static bool may_fork(const struct double_zygote *zygote)
{
    if (strcmp(zygote->policy, "cannot_fork") == 0)
        return false;
    return strcmp(zygote->policy, "forks_rarely") != 0 || zygote->forks % 3 == 0;
}

static void spawn_one(struct double_zygote *zygote, uint64_t id, int socket)
{
    zygote->forks++;
    pid_t parent = getpid();
    pid_t pid = may_fork(zygote) ? fork() : -1;
    if (pid == 0) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        close(ZYGOTE_CONTROL_FD);
        hostile_worker_live(socket, zygote->policy, parent);
    }
    close(socket);
    if (pid < 0) {
        struct zygote_exited exited = {.count = 1};
        exited.exits[0] = (struct worker_exit){.worker_id = id, .wait_status = -1, .spawn_errno = EAGAIN};
        report(&exited);
        return;
    }
    require(zygote->count < WORKERS_MAX);
    zygote->workers[zygote->count].pid = pid;
    zygote->workers[zygote->count++].id = id;
}

static void reap_all(struct double_zygote *zygote)
{
    for (;;) {
        struct zygote_exited exited = {.count = 0};
        int status;
        struct rusage usage;
        pid_t pid;
        while (exited.count < EXITED_BATCH_MAX && (pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
            uint32_t at = 0;
            while (at < zygote->count && zygote->workers[at].pid != pid)
                at++;
            require(at < zygote->count);
            exited.exits[exited.count++] = (struct worker_exit){
                .worker_id = zygote->workers[at].id,
                .wait_status = status,
                .cpu_us = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
                          (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec),
                .rss_bytes = (uint64_t)usage.ru_maxrss * 1024,
            };
            zygote->workers[at] = zygote->workers[--zygote->count];
        }
        if (exited.count == 0)
            return;
        if (strcmp(zygote->policy, "misreports") == 0)
            exited.exits[0].worker_id ^= 1ULL << 40;
        report(&exited);
    }
}

// Cores may be few, so "dies_kept_off" and "dies_given_back" tell of them by the worker's end. Only the first
// of these orders makes a worker nicer.
static void lower(const struct double_zygote *zygote, pid_t worker, const struct zygote_give_way *give_way)
{
    bool given_back = give_way->nice_by == 0 && !give_way->kept_off;
    if (strcmp(zygote->policy, "dies_kept_off") == 0
            ? give_way->kept_off
            : strcmp(zygote->policy, "dies_given_back") == 0 && given_back)
        kill(worker, SIGKILL);
    if (give_way->nice_by > 0)
        setpriority(PRIO_PROCESS, (id_t)worker, getpriority(PRIO_PROCESS, 0) + give_way->nice_by);
}

static void on_packet(struct double_zygote *zygote, const char *packet, size_t length, const int *fds,
                      unsigned fd_count)
{
    struct bytes body = bytes_of(packet + 1, length - 1);
    struct zygote_spawn spawn;
    struct zygote_kill order;
    struct zygote_give_way give_way;
    struct zygote_bound_cpu bound;
    if (packet[0] == ZYGOTE_SPAWN && zygote_spawn_decode(body, &spawn) && spawn.count == fd_count) {
        for (uint32_t i = 0; i < spawn.count; i++)
            spawn_one(zygote, spawn.worker_id[i], fds[i]);
    } else if (packet[0] == ZYGOTE_KILL && zygote_kill_decode(body, &order)) {
        for (uint32_t i = 0; i < zygote->count; i++)
            if (zygote->workers[i].id == order.worker_id)
                kill(zygote->workers[i].pid, SIGKILL);
    } else if (packet[0] == ZYGOTE_GIVE_WAY && zygote_give_way_decode(body, &give_way)) {
        for (uint32_t i = 0; i < zygote->count; i++)
            if (zygote->workers[i].id == give_way.worker_id)
                lower(zygote, zygote->workers[i].pid, &give_way);
    } else if (packet[0] == ZYGOTE_BOUND_CPU && zygote_bound_cpu_decode(body, &bound)) {
        // Not held to it: then the engine's clock and the exit report have to do.
    } else {
        _exit(ZYGOTE_EXIT_PROTOCOL);
    }
}

static void set_up(struct double_zygote *zygote)
{
    static char packet[ZYGOTE_PACKET_MAX];
    ssize_t length = recv(ZYGOTE_CONTROL_FD, packet, sizeof packet, 0);
    struct zygote_setup setup;
    if (length < 1 || packet[0] != ZYGOTE_SETUP ||
        !zygote_setup_decode(bytes_of(packet + 1, (size_t)length - 1), &setup))
        _exit(ZYGOTE_EXIT_PROTOCOL);
    memcpy(zygote->policy, setup.policy_name.data, setup.policy_name.length);
    struct buffer answer = buffer_make(ZYGOTE_PACKET_MAX);
    if (strcmp(zygote->policy, "never_ready") == 0)
        pause();
    if (strcmp(zygote->policy, "dies_at_start") == 0)
        _exit(ZYGOTE_EXIT_START);
    if (strcmp(zygote->policy, "refuses") == 0)
        zygote_failed_encode(&answer, &(struct zygote_failed){.reason = bytes_of_text("no namespaces here")});
    else if (strcmp(zygote->policy, "mumbles") == 0)
        buffer_append_text(&answer, "\x04nonsense");
    else
        zygote_ready_encode(&answer, &(struct zygote_ready){
                                         .lua_release = bytes_of_text("none"),
                                         .cores_problem = bytes_of_text(
                                             strcmp(zygote->policy, "no_choice") == 0 && setup.kept_cores > 0
                                                 ? "not permitted"
                                                 : "")});
    send_packet(&answer);
}

static void on_child(int number)
{
    (void)number; // only interrupts ppoll
}

static void serve(struct double_zygote *zygote)
{
    static char packet[ZYGOTE_PACKET_MAX];
    sigset_t waiting;
    sigprocmask(SIG_SETMASK, NULL, &waiting);
    sigdelset(&waiting, SIGCHLD);
    for (;;) {
        struct pollfd control = {.fd = ZYGOTE_CONTROL_FD, .events = POLLIN};
        ppoll(&control, 1, NULL, &waiting);
        reap_all(zygote);
        int fds[SPAWN_BATCH_MAX];
        unsigned fd_count = 0;
        struct error err = {0};
        fd_set_nonblocking(ZYGOTE_CONTROL_FD, true, NULL);
        ssize_t length = fd_receive_packet(ZYGOTE_CONTROL_FD, packet, sizeof packet, fds, SPAWN_BATCH_MAX,
                                           &fd_count, &err);
        if (length == 0)
            _exit(ZYGOTE_EXIT_OK);
        if (length > 0)
            on_packet(zygote, packet, (size_t)length, fds, fd_count);
        else if (err.sys_errno != EAGAIN)
            _exit(ZYGOTE_EXIT_PROTOCOL);
    }
}

int main(void)
{
    static struct double_zygote zygote;
    signal(SIGPIPE, SIG_IGN);
    struct sigaction action = {.sa_handler = on_child};
    sigaction(SIGCHLD, &action, NULL);
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    set_up(&zygote);
    serve(&zygote);
}
