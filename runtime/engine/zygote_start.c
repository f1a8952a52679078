// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/zygote_start.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { END_PATIENCE_MS = 5000 }; // for a zygote that was told to end
// For a zygote whose control socket closed: it is ending, and its process only has to be given a core.
enum { END_WAIT_MS = 100 };

// Everything that the child must not inherit: signal mask and handlers, descriptors, the session. A signal
// to sandboxd's terminal must reach sandboxd only, or its runs would die before it can answer them.
static bool spawn_process(const char *path, int control, pid_t *ret_pid, struct error *err)
{
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    int failed = posix_spawnattr_init(&attributes);
    if (failed != 0)
        return error_system(err, failed, "cannot prepare the zygote's start");
    failed = posix_spawn_file_actions_init(&actions);
    if (failed != 0) {
        posix_spawnattr_destroy(&attributes);
        return error_system(err, failed, "cannot prepare the zygote's start");
    }
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    failed = posix_spawnattr_setsigmask(&attributes, &none);
    if (failed == 0)
        failed = posix_spawnattr_setsigdefault(&attributes, &all);
    if (failed == 0)
        failed = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                           POSIX_SPAWN_SETSID);
    if (failed == 0)
        failed = posix_spawn_file_actions_adddup2(&actions, control, ZYGOTE_CONTROL_FD);
    if (failed == 0)
        failed = posix_spawn_file_actions_addclosefrom_np(&actions, ZYGOTE_CONTROL_FD + 1);
    // The argument is room for process titles, nothing else.
    char room[ZYGOTE_TITLE_ROOM + 1];
    memset(room, ' ', ZYGOTE_TITLE_ROOM);
    room[ZYGOTE_TITLE_ROOM] = '\0';
    char *const argv[] = {(char[]){"sandbox-zygote"}, room, NULL};
    char *const environment[] = {NULL};
    if (failed == 0)
        failed = posix_spawn(ret_pid, path, &actions, &attributes, argv, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failed == 0 || error_system(err, failed, "cannot start %s", path);
}

// The largest value of `limit` that any run of the policy may have.
static uint64_t largest(const struct policy *policy, enum run_limit limit)
{
    uint64_t value = policy->limits.value[limit], ceiling = policy->ceilings.value[limit];
    return value > ceiling ? value : ceiling;
}

static bool send_setup(int control, const struct policy *policy, const struct zygote_plan *plan,
                       struct error *err)
{
    struct zygote_setup setup = {
        .policy_name = bytes_of_text(policy->name),
        .policy_version = bytes_of_text(policy->version),
        .deterministic = policy->deterministic,
        .seccomp_mode = policy->seccomp_mode,
        .allowed_syscall_count = policy->allowed_syscall_count,
        .required_layers = policy->required_layers,
        .validator = policy->validator,
        .try_interpreter = plan->try_interpreter,
        .one_run = plan->one_run,
        .kept_cores = plan->kept_cores,
        .memory_bytes_max = largest(policy, LIMIT_MEMORY_BYTES),
        .output_bytes_max = largest(policy, LIMIT_OUTPUT_BYTES),
        .job_bytes_max = largest(policy, LIMIT_CODE_BYTES) + largest(policy, LIMIT_CONTEXT_BYTES),
        .cpu_ms_max = largest(policy, LIMIT_CPU_MS),
    };
    memcpy(setup.lua_allowed, policy->lua_allowed, sizeof setup.lua_allowed);
    memcpy(setup.allowed_syscalls, policy->allowed_syscalls, sizeof setup.allowed_syscalls);
    struct buffer packet = buffer_make(ZYGOTE_PACKET_MAX);
    zygote_setup_encode(&packet, &setup);
    bool sent = buffer_ok(&packet) ? fd_send_packet(control, packet.data, packet.length, NULL, 0, err)
                                   : error_set(err, ERROR_MEMORY, "no memory for the zygote's set-up");
    buffer_free(&packet);
    return sent;
}

struct zygote *zygote_start(const char *path, const struct policy *policy, const struct zygote_plan *plan,
                            struct error *err)
{
    autofree struct zygote *zygote = calloc(1, sizeof *zygote);
    if (zygote == NULL) {
        error_set(err, ERROR_MEMORY, "no memory for a zygote");
        return NULL;
    }
    int pair[2];
    if (!fd_socket_pair(SOCK_SEQPACKET | SOCK_NONBLOCK, pair, err))
        return NULL;
    autoclose int near = pair[0];
    autoclose int far = pair[1];
    // Descriptors are the zygote's to block on or not; ours is never waited for in a system call.
    if (!fd_set_nonblocking(far, false, err) || (policy != NULL && !send_setup(near, policy, plan, err)))
        return NULL;
    if (!spawn_process(path, far, &zygote->pid, err))
        return NULL;
    zygote->pidfd = pidfd_open(zygote->pid, 0);
    if (zygote->pidfd < 0) {
        error_system(err, errno, "cannot watch the zygote's process");
        kill(zygote->pid, SIGKILL);
        waitpid(zygote->pid, NULL, 0);
        return NULL;
    }
    zygote->control_source.kind = SOURCE_CONTROL;
    zygote->process_source.kind = SOURCE_PROCESS;
    zygote->control = take_fd(&near);
    zygote->state = ZYGOTE_IS_STARTING;
    list_init(&zygote->link);
    list_init(&zygote->workers);
    list_init(&zygote->idle);
    return take_ptr(zygote);
}

bool zygote_set_up(const struct zygote *zygote, const struct policy *policy, const struct zygote_plan *plan,
                   struct error *err)
{
    return send_setup(zygote->control, policy, plan, err) ||
           error_prefix(err, "the zygote ended before it had its policy");
}

bool zygote_take_answer(struct zygote *zygote, struct bytes packet, struct error *err)
{
    struct zygote_ready ready;
    struct zygote_failed failed;
    uint8_t type = packet.length > 0 ? (uint8_t)packet.data[0] : 0;
    struct bytes body = packet.length > 0 ? bytes_of(packet.data + 1, packet.length - 1) : packet;
    if (type == ZYGOTE_READY && zygote_ready_decode(body, &ready)) {
        zygote->isolation = ready.isolation;
        snprintf(zygote->cores_problem, sizeof zygote->cores_problem, "%.*s", (int)ready.cores_problem.length,
                 ready.cores_problem.data);
        zygote->ready_ns = clock_monotonic_ns();
        return true;
    }
    if (type == ZYGOTE_FAILED && zygote_failed_decode(body, &failed))
        return error_set(err, ERROR_UNSUPPORTED, "%.*s", (int)failed.reason.length, failed.reason.data);
    return error_set(err, ERROR_PROTOCOL, "the zygote's first packet was malformed");
}

bool zygote_await_ready(struct zygote *zygote, uint64_t until_ns, struct error *err)
{
    autofree char *packet = malloc(ZYGOTE_PACKET_MAX);
    if (packet == NULL)
        return error_set(err, ERROR_MEMORY, "no memory for a packet");
    for (;;) {
        ssize_t length = recv(zygote->control, packet, ZYGOTE_PACKET_MAX, MSG_DONTWAIT);
        if (length > 0)
            return zygote_take_answer(zygote, bytes_of(packet, (size_t)length), err);
        if (length == 0)
            return error_set(err, ERROR_CLOSED, "the zygote ended before it was ready");
        // Reset: it ended without reading all that it was sent. That is told once, and before its last words.
        if (errno == ECONNRESET)
            continue;
        if (errno != EAGAIN && errno != EINTR)
            return error_system(err, errno, "cannot hear the zygote");
        uint64_t now_ns = clock_monotonic_ns();
        if (now_ns >= until_ns)
            return error_set(err, ERROR_TIMEOUT, "the zygote was not ready in time");
        struct pollfd wait = {.fd = zygote->control, .events = POLLIN};
        uint64_t left_ms = (until_ns - now_ns) / NS_PER_MS + 1;
        poll(&wait, 1, left_ms > 60000 ? 60000 : (int)left_ms);
    }
}

void zygote_kill_process(struct zygote *zygote)
{
    if (zygote->control >= 0)
        close(zygote->control);
    zygote->control = -1;
    // The outer process kills and reaps the inner one (runtime/zygote/pid_one.h), even if somebody stopped
    // it.
    pidfd_send_signal(zygote->pidfd, SIGTERM, NULL, 0);
    pidfd_send_signal(zygote->pidfd, SIGCONT, NULL, 0);
}

void zygote_end_in_words(const struct zygote *zygote, char text[ZYGOTE_END_TEXT_SIZE])
{
    struct pollfd wait = {.fd = zygote->pidfd, .events = POLLIN};
    siginfo_t info = {0};
    const char *what =
        zygote->state == ZYGOTE_IS_STARTING ? "the zygote ended before it was ready" : "the zygote died";
    if (poll(&wait, 1, END_WAIT_MS) <= 0 ||
        waitid(P_PID, (id_t)zygote->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        info.si_pid != zygote->pid)
        snprintf(text, ZYGOTE_END_TEXT_SIZE, "%s", what);
    else if (info.si_code == CLD_EXITED)
        snprintf(text, ZYGOTE_END_TEXT_SIZE, "%s: exit status %d", what, info.si_status);
    else
        snprintf(text, ZYGOTE_END_TEXT_SIZE, "%s: signal %d (SIG%s)", what, info.si_status,
                 sigabbrev_np(info.si_status) != NULL ? sigabbrev_np(info.si_status) : "?");
}

bool zygote_reap(struct zygote *zygote, bool wait)
{
    struct pollfd end = {.fd = zygote->pidfd, .events = POLLIN};
    // The process is not reaped yet, so the pidfd cannot mean another one.
    if (wait && poll(&end, 1, END_PATIENCE_MS) == 0)
        pidfd_send_signal(zygote->pidfd, SIGKILL, NULL, 0);
    siginfo_t info = {0};
    int waited;
    do
        waited = waitid(P_PID, (id_t)zygote->pid, &info, WEXITED | (wait ? 0 : WNOHANG));
    while (waited != 0 && errno == EINTR);
    return waited != 0 || info.si_pid == zygote->pid;
}

void zygote_free(struct zygote *zygote)
{
    if (zygote->control >= 0)
        close(zygote->control);
    close(zygote->pidfd);
    free(zygote);
}

void zygote_discard(struct zygote *zygote)
{
    zygote_kill_process(zygote);
    zygote_reap(zygote, true);
    zygote_free(zygote);
}
