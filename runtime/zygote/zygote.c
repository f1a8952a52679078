// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/zygote.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "runtime/lua/lua_selftest.h"
#include "runtime/lua/plugin_run.h"
#include "runtime/protocol/exit_codes.h"
#include "runtime/zygote/confine.h"
#include "runtime/zygote/control.h"
#include "runtime/zygote/cpu_bound.h"
#include "runtime/zygote/give_way.h"
#include "runtime/zygote/huge_text.h"
#include "runtime/zygote/kept_cores.h"
#include "runtime/zygote/layer.h"
#include "runtime/zygote/pid_one.h"
#include "runtime/zygote/rlimits.h"
#include "runtime/zygote/seccomp_filter.h"
#include "runtime/zygote/seccomp_self_test.h"
#include "runtime/zygote/seccomp_trap.h"
#include "runtime/zygote/spawn.h"
#include "runtime/zygote/unshared_memory.h"
#include "runtime/zygote/worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static const char title_name[] = "sandbox-zygote";

// What changes with every worker. Workers do not get it.
struct books {
    struct control control;
    struct worker_table workers;
};

struct zygote {
    struct books *books;
    char policy_name[POLICY_NAME_MAX + 1];
    struct isolation_report isolation;
    struct seccomp_trap trap;
    struct worker_plan plan;
    int cpu_bound_fd;
    struct kept_cores cores;
    bool interpreter_sound; // it withstood the known crashers, or was not tried
};

// Releases before 5.4.9 have known memory-safety bugs.
static bool is_degraded(const char *lua_release)
{
    unsigned major, minor, patch;
    return sscanf(lua_release, "Lua %u.%u.%u", &major, &minor, &patch) != 3 ||
           major * 10000 + minor * 100 + patch < 50409;
}

static bool build_image(struct zygote *zygote, const struct zygote_setup *setup, struct error *err)
{
    struct lua_image_options options = {.deterministic = setup->deterministic, .validator = setup->validator};
    memcpy(options.allowed, setup->lua_allowed, sizeof options.allowed);
    if (getrandom(&options.hash_seed, sizeof options.hash_seed, 0) != (ssize_t)sizeof options.hash_seed)
        return error_system(err, errno, "no random seed");
    zygote->plan.image = lua_image_new(&options, err);
    if (zygote->plan.image == NULL)
        return false;
    struct error unsound;
    zygote->interpreter_sound = !setup->try_interpreter || lua_selftest(&unsound);
    struct layer_report *layer = &zygote->isolation.layer[LAYER_LUA_ENVIRONMENT];
    if (!zygote->interpreter_sound)
        layer_degraded(layer, 0, "%s", unsound.text);
    else if (is_degraded(lua_image_release()))
        layer_degraded(layer, 0, "%s: releases before 5.4.9 have known memory-safety bugs",
                       lua_image_release());
    else
        layer_active(layer);
    return true;
}

static bool build_filter(struct zygote *zygote, const struct zygote_setup *setup, struct error *err)
{
    zygote->trap = (struct seccomp_trap){.mode = setup->seccomp_mode, .socket = WORKER_SOCKET_FD};
    return seccomp_program_compile(setup->allowed_syscalls, setup->allowed_syscall_count,
                                   &zygote->plan.program, err) &&
           seccomp_trap_install(&zygote->trap, err);
}

// The filter tells of itself in a child while the image is built.
static bool build(struct zygote *zygote, const struct zygote_setup *setup, struct error *err)
{
    pid_t self_test;
    if (!build_filter(zygote, setup, err) ||
        !seccomp_self_test_begin(&zygote->plan.program, setup->seccomp_mode, &self_test, err) ||
        !build_image(zygote, setup, err) || !seccomp_self_test_end(self_test, err))
        return false;
    zygote->trap.image = zygote->plan.image;
    zygote->trap.stack = lua_image_stack;
    layer_active(&zygote->isolation.layer[LAYER_SECCOMP]);
    return true;
}

// From the setup packet to READY. From pid_one_fork on, this is the inner process.
static bool start(struct zygote *zygote, int control_fd, struct process_title title, struct error *err)
{
    pid_t engine = getppid();
    autofree char *packet = NULL;
    struct zygote_setup setup;
    if (!control_receive_setup(control_fd, &packet, &setup, err))
        return false;
    if (setup.policy_name.length > POLICY_NAME_MAX)
        return error_set(err, ERROR_PROTOCOL, "the policy's name is too long");
    memcpy(zygote->policy_name, setup.policy_name.data, setup.policy_name.length);
    process_title_set(&title, title_name, zygote->policy_name, NULL);
    zygote->plan = (struct worker_plan){
        .cpu_ms_max = setup.cpu_ms_max,
        .title = title,
        .policy_name = zygote->policy_name,
    };
    // Where there are no huge pages, runs only cost more. For one run the copy costs more than it saves.
    if (!setup.one_run)
        huge_text_use(NULL);
    if (!confine_zygote(&setup, control_fd, &zygote->isolation, err) ||
        !pid_one_fork(engine, control_fd, err))
        return false;
    zygote->plan.address_space_max = rlimits_address_space();
    zygote->books = unshared_memory_new(sizeof *zygote->books);
    if (zygote->books == NULL)
        return error_set(err, ERROR_MEMORY, "no memory for the zygote's books");
    zygote->books->control = control_make(control_fd);
    zygote->cpu_bound_fd = cpu_bound_open(err);
    if (zygote->cpu_bound_fd < 0)
        return false;
    if (getpid() != 1)
        zygote->plan.dies_with = getpid();
    if (!build(zygote, &setup, err))
        return false;
    struct error no_choice = {0};
    kept_cores_find(&zygote->cores, setup.kept_cores, &no_choice);
    struct zygote_ready ready = {
        .isolation = zygote->isolation,
        .lua_release = bytes_of_text(lua_image_release()),
        .interpreter_degraded = !zygote->interpreter_sound || is_degraded(lua_image_release()),
        .cores_problem = bytes_of_text(no_choice.text),
    };
    return control_send_ready(&zygote->books->control, &ready, err);
}

enum turn { TURN_WORKED, TURN_CLOSED, TURN_MALFORMED, TURN_NO_MEMORY };

static enum turn spawn_batch(struct zygote *zygote, struct bytes body, const int *fds, unsigned fd_count)
{
    struct zygote_spawn spawn;
    enum turn turn = TURN_WORKED;
    if (!zygote_spawn_decode(body, &spawn) || spawn.count != fd_count)
        turn = TURN_MALFORMED;
    else
        kept_cores_stay(&zygote->cores, spawn.on_kept_cores);
    for (unsigned i = 0; i < fd_count; i++) {
        // Reaping between two forks: a batch does not hold up the exits of others.
        if (turn == TURN_WORKED && (!spawn_worker(&zygote->plan, &zygote->books->workers,
                                                  &zygote->books->control, spawn.worker_id[i], fds[i]) ||
                                    !spawn_reap(&zygote->books->workers, &zygote->books->control)))
            turn = TURN_NO_MEMORY;
        if (turn == TURN_WORKED && !control_flush(&zygote->books->control))
            turn = TURN_CLOSED;
        close(fds[i]);
    }
    return turn;
}

static enum turn lower_one(struct zygote *zygote, struct bytes body)
{
    struct zygote_give_way give_way;
    if (!zygote_give_way_decode(body, &give_way))
        return TURN_MALFORMED;
    const struct worker_entry *worker = worker_table_find(&zygote->books->workers, give_way.worker_id);
    if (worker == NULL)
        return TURN_WORKED;
    // Where the host forbids it, others wait longer; the run itself is no worse for it.
    if (give_way.nice_by > 0)
        (void)give_way_to_others(worker->pid, give_way.nice_by);
    (void)kept_cores_keep_off(&zygote->cores, worker->pid, give_way.kept_off);
    return TURN_WORKED;
}

static enum turn bound_one(struct zygote *zygote, struct bytes body)
{
    struct zygote_bound_cpu bound;
    if (!zygote_bound_cpu_decode(body, &bound))
        return TURN_MALFORMED;
    struct worker_entry *worker = worker_table_find(&zygote->books->workers, bound.worker_id);
    // Nobody runs with less than it was promised: a worker that cannot be held is not let go on.
    if (worker != NULL && !cpu_bound_set(&worker->bound, worker->pid, worker->worker_id, bound.cpu_ms))
        spawn_kill(&zygote->books->workers, bound.worker_id);
    return TURN_WORKED;
}

static void kill_beyond_bound(const struct zygote *zygote)
{
    uint64_t worker_id;
    while (cpu_bound_passed(zygote->cpu_bound_fd, &worker_id))
        spawn_kill(&zygote->books->workers, worker_id);
}

static enum turn kill_one(struct zygote *zygote, struct bytes body)
{
    struct zygote_kill kill;
    if (!zygote_kill_decode(body, &kill))
        return TURN_MALFORMED;
    spawn_kill(&zygote->books->workers, kill.worker_id);
    return TURN_WORKED;
}

// Takes the packet that is there.
static enum turn take_packet(struct zygote *zygote)
{
    char packet[256]; // room for a full batch; a longer packet is malformed
    int fds[SPAWN_BATCH_MAX];
    unsigned fd_count = 0;
    errno = 0; // a packet that is malformed leaves it so
    ssize_t length = fd_receive_packet(zygote->books->control.fd, packet, sizeof packet, fds, SPAWN_BATCH_MAX,
                                       &fd_count, NULL);
    if (length < 0 && errno == EAGAIN)
        return TURN_WORKED;
    if (length == 0 || (length < 0 && errno == ECONNRESET))
        return TURN_CLOSED;
    if (length < 0)
        return TURN_MALFORMED;
    struct bytes body = bytes_of(packet + 1, (size_t)length - 1);
    if (packet[0] == ZYGOTE_SPAWN)
        return spawn_batch(zygote, body, fds, fd_count);
    for (unsigned i = 0; i < fd_count; i++)
        close(fds[i]);
    if (fd_count > 0)
        return TURN_MALFORMED;
    static const struct {
        char type;
        enum turn (*obey)(struct zygote *zygote, struct bytes body);
    } orders[] = {
        {ZYGOTE_KILL, kill_one},
        {ZYGOTE_GIVE_WAY, lower_one},
        {ZYGOTE_BOUND_CPU, bound_one},
    };
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        if (orders[i].type == packet[0])
            return orders[i].obey(zygote, body);
    return TURN_MALFORMED;
}

static void on_child(int signal)
{
    (void)signal; // it interrupts ppoll, nothing more
}

// Whether a packet is there. SIGCHLD is blocked but while ppoll waits, so none is missed between reaping and
// waiting.
static bool wait_for_packet(const struct zygote *zygote)
{
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, CPU_BOUND_SIGNAL);
    short events = zygote->books->control.exit_count > 0 ? POLLIN | POLLOUT : POLLIN;
    struct pollfd wanted[] = {{.fd = zygote->books->control.fd, .events = events},
                              {.fd = zygote->cpu_bound_fd, .events = POLLIN}};
    if (ppoll(wanted, 2, NULL, &blocked) <= 0)
        return false;
    if (wanted[1].revents != 0)
        kill_beyond_bound(zygote);
    return (wanted[0].revents & ~POLLOUT) != 0;
}

static int serve(struct zygote *zygote)
{
    static const int exit_codes[] = {
        [TURN_CLOSED] = ZYGOTE_EXIT_OK,
        [TURN_MALFORMED] = ZYGOTE_EXIT_PROTOCOL,
        [TURN_NO_MEMORY] = ZYGOTE_EXIT_MEMORY,
    };
    for (;;) {
        if (!spawn_reap(&zygote->books->workers, &zygote->books->control))
            return ZYGOTE_EXIT_MEMORY;
        if (!control_flush(&zygote->books->control))
            return ZYGOTE_EXIT_OK;
        if (!wait_for_packet(zygote))
            continue;
        enum turn turn = take_packet(zygote);
        if (turn != TURN_WORKED)
            return exit_codes[turn];
    }
}

// Whatever the engine blocks or ignores was inherited through exec. A worker whose engine is gone must learn
// that from write(), not die of it.
static void reset_signals(void)
{
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    struct sigaction child = {.sa_handler = on_child};
    sigaction(SIGCHLD, &child, NULL);
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    sigprocmask(SIG_SETMASK, &blocked, NULL);
}

int zygote_main(int control_fd, struct process_title title)
{
    struct zygote zygote = {.books = NULL};
    struct error err = {0};
    reset_signals();
    if (fd_set_nonblocking(control_fd, true, &err) && start(&zygote, control_fd, title, &err))
        return serve(&zygote);
    if (err.kind == ERROR_CLOSED)
        return ZYGOTE_EXIT_OK;
    control_send_failed(control_fd, err.text);
    return ZYGOTE_EXIT_START;
}
