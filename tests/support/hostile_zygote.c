// SPDX-License-Identifier: Apache-2.0
// A test double for sandbox-zygote: speaks the zygote's side of the protocol without confinement and without
// Lua, so that the engine's tests need neither root nor an interpreter. What a worker does is the first word
// of its job's code, with a number after it where one is meant ("sleep 20"); what the zygote itself does
// wrong is its policy's name. Never installed.
#include "base/clock.h"
#include "base/fd.h"
#include "base/require.h"
#include "runtime/protocol/exit_codes.h"
#include "runtime/protocol/frame.h"
#include "runtime/protocol/job_messages.h"
#include "runtime/protocol/zygote_messages.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORKERS_MAX = 4096, JOB_MAX = 64 << 20 };

struct double_zygote {
    struct {
        pid_t pid;
        uint64_t id;
    } workers[WORKERS_MAX];
    uint32_t count;
    uint64_t forks;
    char policy[POLICY_NAME_MAX + 1];
};

static void sleep_ms(long ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

static void wait_for_the_end(void)
{
    for (;;)
        pause();
}

static void send_buffer(int socket, struct buffer *out)
{
    require(buffer_ok(out));
    if (!fd_write_all(socket, out->data, out->length, NULL))
        _exit(EXIT_ENGINE_GONE);
    buffer_free(out);
}

static void send_result_of(int socket, const struct worker_result *result)
{
    struct buffer out = buffer_make(JOB_MAX);
    worker_result_encode(&out, result);
    send_buffer(socket, &out);
}

static void send_output(int socket, struct bytes output)
{
    send_result_of(socket, &(struct worker_result){.outcome = OUTCOME_OK, .output = output});
}

static void send_log(int socket, const char *text)
{
    struct buffer out = buffer_make(LOG_MESSAGE_MAX * 2);
    log_line_encode(
        &out, &(struct log_line){.level = LOG_LEVEL_INFO, .at_ns = 1000, .message = bytes_of_text(text)});
    send_buffer(socket, &out);
}

static void send_raw(int socket, const void *data, size_t length)
{
    if (!fd_write_all(socket, data, length, NULL))
        _exit(EXIT_ENGINE_GONE);
}

static void send_header(int socket, uint32_t length, uint8_t type)
{
    const uint8_t header[FRAME_HEADER_SIZE] = {(uint8_t)length, (uint8_t)(length >> 8),
                                               (uint8_t)(length >> 16), (uint8_t)(length >> 24), type};
    send_raw(socket, header, sizeof header);
}

static void send_denied(int socket, uint32_t number)
{
    char frame[4096];
    struct denied_syscall denied = {.number = number, .traceback_count = 1};
    denied.traceback[0] =
        (struct stack_frame){.source = bytes_of_text("main"), .line = 3, .function = bytes_of_text("open")};
    send_raw(socket, frame, denied_syscall_encode(frame, sizeof frame, &denied));
}

struct scene {
    int socket;
    struct bytes context;
    long number;
};

static void do_echo(const struct scene *scene)
{
    send_output(scene->socket, scene->context);
}

static void do_sleep(const struct scene *scene)
{
    sleep_ms(scene->number);
    send_output(scene->socket, scene->context);
}

static void do_garbage(const struct scene *scene)
{
    char garbage[512];
    memset(garbage, 0xa5, sizeof garbage);
    send_raw(scene->socket, garbage, sizeof garbage);
    wait_for_the_end();
}

static void do_oversize_log(const struct scene *scene)
{
    send_header(scene->socket, 1 << 20, FRAME_LOG);
    wait_for_the_end();
}

static void do_oversize_result(const struct scene *scene)
{
    send_header(scene->socket, 1 << 30, FRAME_RESULT);
    wait_for_the_end();
}

static void do_job_frame(const struct scene *scene)
{
    send_header(scene->socket, 4, FRAME_JOB);
    wait_for_the_end();
}

// A result of so many bytes, whatever the limit.
static void do_output(const struct scene *scene)
{
    char *text = malloc((size_t)scene->number);
    require(text != NULL && scene->number >= 2);
    memset(text, 'x', (size_t)scene->number);
    text[0] = '"';
    text[scene->number - 1] = '"';
    send_output(scene->socket, bytes_of(text, (size_t)scene->number));
    free(text);
}

static void do_bad_json(const struct scene *scene)
{
    send_output(scene->socket, bytes_of_text("{\"a\":}"));
}

static void do_exit(const struct scene *scene)
{
    _exit((int)scene->number);
}

static void do_echo_exit(const struct scene *scene)
{
    send_output(scene->socket, scene->context);
    _exit((int)scene->number);
}

static void do_silent(const struct scene *scene)
{
    (void)scene;
    wait_for_the_end();
}

static void do_spin(const struct scene *scene)
{
    (void)scene;
    for (;;)
        continue;
}

static void do_twice(const struct scene *scene)
{
    send_output(scene->socket, scene->context);
    send_output(scene->socket, scene->context);
}

static void do_talk_on(const struct scene *scene)
{
    send_output(scene->socket, scene->context);
    send_log(scene->socket, "one more thing");
}

static void do_logs(const struct scene *scene)
{
    char text[32];
    for (long i = 0; i < scene->number; i++) {
        snprintf(text, sizeof text, "line %ld", i);
        send_log(scene->socket, text);
    }
    send_output(scene->socket, scene->context);
}

static void do_log_flood(const struct scene *scene)
{
    for (;;)
        send_log(scene->socket, "");
}

static void do_log_and_hang(const struct scene *scene)
{
    send_log(scene->socket, "last words");
    wait_for_the_end();
}

static void do_half_frame(const struct scene *scene)
{
    send_header(scene->socket, 100, FRAME_RESULT);
    send_raw(scene->socket, "half", 4);
    _exit(0);
}

static void do_signal(const struct scene *scene)
{
    signal((int)scene->number, SIG_DFL);
    raise((int)scene->number);
    wait_for_the_end();
}

// Claims an end, by its number in enum outcome.
static void do_claim(const struct scene *scene)
{
    struct worker_result claim = {.outcome = (enum outcome)scene->number,
                                  .message = bytes_of_text("so it says"),
                                  .limit_observed = 7,
                                  .traceback_count = 1};
    claim.traceback[0] =
        (struct stack_frame){.source = bytes_of_text("main"), .line = 12, .function = bytes_of_text("fib")};
    send_result_of(scene->socket, &claim);
}

static void do_denied(const struct scene *scene)
{
    send_denied(scene->socket, (uint32_t)scene->number);
    _exit(EXIT_SYSCALL_DENIED);
}

// What audit mode does: tells, and goes on.
static void do_denied_and_echo(const struct scene *scene)
{
    send_denied(scene->socket, (uint32_t)scene->number);
    send_denied(scene->socket, (uint32_t)scene->number);
    send_denied(scene->socket, 1);
    send_output(scene->socket, scene->context);
}

static void do_hang_up(const struct scene *scene)
{
    close(scene->socket);
    wait_for_the_end();
}

static void do_linger(const struct scene *scene)
{
    send_output(scene->socket, scene->context);
    wait_for_the_end();
}

static void do_kill_zygote(const struct scene *scene)
{
    (void)scene;
    kill(getppid(), SIGKILL);
    wait_for_the_end();
}

static void do_stop_zygote(const struct scene *scene)
{
    (void)scene;
    kill(getppid(), SIGSTOP);
    wait_for_the_end();
}

static const struct {
    const char *word;
    void (*act)(const struct scene *scene);
} verbs[] = {
    {"echo", do_echo},
    {"sleep", do_sleep},
    {"garbage", do_garbage},
    {"oversize_log", do_oversize_log},
    {"oversize_result", do_oversize_result},
    {"job_frame", do_job_frame},
    {"output", do_output},
    {"bad_json", do_bad_json},
    {"exit", do_exit},
    {"echo_exit", do_echo_exit},
    {"silent", do_silent},
    {"spin", do_spin},
    {"twice", do_twice},
    {"talk_on", do_talk_on},
    {"logs", do_logs},
    {"log_flood", do_log_flood},
    {"log_and_hang", do_log_and_hang},
    {"half_frame", do_half_frame},
    {"signal", do_signal},
    {"claim", do_claim},
    {"denied", do_denied},
    {"denied_and_echo", do_denied_and_echo},
    {"hang_up", do_hang_up},
    {"linger", do_linger},
    {"kill_zygote", do_kill_zygote},
    {"stop_zygote", do_stop_zygote},
};

static void act(int socket, const struct job *job)
{
    char word[64] = {0};
    long number = 0;
    char code[128] = {0};
    memcpy(code, job->modules[0].code.data,
           job->modules[0].code.length < sizeof code ? job->modules[0].code.length : sizeof code - 1);
    sscanf(code, "%63s %ld", word, &number);
    const struct scene scene = {.socket = socket, .context = job->context, .number = number};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(verbs[i].word, word) == 0) {
            verbs[i].act(&scene);
            _exit(EXIT_RUN_ENDED);
        }
    }
    _exit(EXIT_JOB_MALFORMED);
}

// One worker's whole life. Like a real one it dies with its zygote.
static void be_worker(int socket, const char *policy)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (strcmp(policy, "dies_idle") == 0)
        _exit(EXIT_CONFINEMENT);
    if (strcmp(policy, "early") == 0) {
        send_output(socket, bytes_of_text("\"forged\""));
        _exit(EXIT_RUN_ENDED);
    }
    uint8_t header[FRAME_HEADER_SIZE];
    if (!fd_read_exact(socket, header, sizeof header, NULL))
        _exit(EXIT_IDLE_CLOSED);
    uint32_t length =
        header[0] | (uint32_t)header[1] << 8 | (uint32_t)header[2] << 16 | (uint32_t)header[3] << 24;
    char *body = malloc(length);
    struct job job;
    require(body != NULL);
    if (!fd_read_exact(socket, body, length, NULL))
        _exit(EXIT_ENGINE_GONE);
    if (!job_decode(bytes_of(body, length), &job))
        _exit(EXIT_JOB_MALFORMED);
    act(socket, &job);
}

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
    pid_t pid = may_fork(zygote) ? fork() : -1;
    if (pid == 0) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        close(ZYGOTE_CONTROL_FD);
        be_worker(socket, zygote->policy);
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

static void on_packet(struct double_zygote *zygote, const char *packet, size_t length, const int *fds,
                      unsigned fd_count)
{
    struct bytes body = bytes_of(packet + 1, length - 1);
    struct zygote_spawn spawn;
    struct zygote_kill order;
    if (packet[0] == ZYGOTE_SPAWN && zygote_spawn_decode(body, &spawn) && spawn.count == fd_count) {
        for (uint32_t i = 0; i < spawn.count; i++)
            spawn_one(zygote, spawn.worker_id[i], fds[i]);
    } else if (packet[0] == ZYGOTE_KILL && zygote_kill_decode(body, &order)) {
        for (uint32_t i = 0; i < zygote->count; i++)
            if (zygote->workers[i].id == order.worker_id)
                kill(zygote->workers[i].pid, SIGKILL);
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
        wait_for_the_end();
    if (strcmp(zygote->policy, "dies_at_start") == 0)
        _exit(ZYGOTE_EXIT_START);
    if (strcmp(zygote->policy, "refuses") == 0)
        zygote_failed_encode(&answer, &(struct zygote_failed){.reason = bytes_of_text("no namespaces here")});
    else if (strcmp(zygote->policy, "mumbles") == 0)
        buffer_append_text(&answer, "\x04nonsense");
    else
        zygote_ready_encode(&answer, &(struct zygote_ready){.lua_release = bytes_of_text("none")});
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
