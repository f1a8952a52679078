// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/watch.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "sandboxctl/run.h"
#include "sandboxctl/watched_files.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>

// Editors write a file in several steps; a change counts once nothing more has come for so long.
enum { DEBOUNCE_MS = 80 };

struct watch {
    const struct invocation *invocation;
    int notifier; // inotify
    int signals;  // signalfd of SIGINT, SIGTERM and SIGCHLD
    int input;    // what standard input held, if the context is there; else -1
    struct watched_files files;
};

static bool wants_input(const struct invocation *invocation)
{
    const char *context = invocation_option(invocation, "context");
    return context != NULL && strcmp(context, "-") == 0;
}

// Standard input can be read once; every run gets a copy.
static bool keep_input(struct watch *watch, struct error *err)
{
    char part[65536];
    ssize_t got;
    watch->input = memfd_create("context", MFD_CLOEXEC);
    if (watch->input < 0)
        return error_system(err, errno, "memfd_create");
    while ((got = read(STDIN_FILENO, part, sizeof part)) != 0) {
        if (got < 0 && errno != EINTR)
            return error_system(err, errno, "standard input");
        if (got > 0 && !fd_write_all(watch->input, part, (size_t)got, err))
            return false;
    }
    return true;
}

static bool open_watch(struct watch *watch, struct error *err)
{
    sigset_t set;
    struct stat status;
    if (stat(watch->invocation->arguments[0], &status) != 0)
        return error_system(err, errno, "%s", watch->invocation->arguments[0]);
    if (wants_input(watch->invocation) && !keep_input(watch, err))
        return false;
    watch->notifier = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (watch->notifier < 0)
        return error_system(err, errno, "inotify");
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    watch->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return watch->signals >= 0 || error_system(err, errno, "signalfd");
}

static void close_watch(struct watch *watch)
{
    cleanup_close(&watch->notifier);
    cleanup_close(&watch->signals);
    cleanup_close(&watch->input);
    watched_files_free(&watch->files);
}

// What the next run reads, from before it starts: a change during it makes for another one.
static bool note_files(struct watch *watch, struct error *err)
{
    const struct invocation *invocation = watch->invocation;
    watched_files_free(&watch->files);
    return watched_files_collect(&watch->files, invocation->arguments[0],
                                 invocation_option(invocation, "context"),
                                 invocation_option(invocation, "policy"), err) &&
           watched_files_place(&watch->files, watch->notifier, err);
}

// The signal that came, 0 if none.
static int next_signal(const struct watch *watch)
{
    struct signalfd_siginfo info;
    return read(watch->signals, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

static void drain(int notifier)
{
    char events[4096];
    while (read(notifier, events, sizeof events) > 0) {
    }
}

// Returns when something changed and then rested. `ret_ended` on an interrupt.
static bool wait_for_change(struct watch *watch, bool *ret_ended, struct error *err)
{
    struct pollfd fds[] = {{.fd = watch->notifier, .events = POLLIN},
                           {.fd = watch->signals, .events = POLLIN}};
    // Not yet told of, perhaps: what changed between looking at the files and watching their folders.
    int timeout = DEBOUNCE_MS;
    for (;;) {
        int ready = poll(fds, 2, timeout);
        if (ready < 0 && errno != EINTR)
            return error_system(err, errno, "poll");
        if (ready > 0 && fds[1].revents != 0) {
            int number = next_signal(watch);
            *ret_ended = number == SIGINT || number == SIGTERM;
            if (*ret_ended)
                return true;
        }
        if (ready > 0 && fds[0].revents != 0) {
            drain(watch->notifier);
            timeout = DEBOUNCE_MS;
        } else if (ready == 0) {
            if (!watched_files_place(&watch->files, watch->notifier, err))
                return false;
            if (watched_files_changed(&watch->files))
                return true;
            timeout = -1;
        }
    }
}

static void run_in_child(const struct watch *watch)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (watch->input >= 0 && (lseek(watch->input, 0, SEEK_SET) != 0 || dup2(watch->input, STDIN_FILENO) < 0))
        _exit((int)fail(STATUS_FAILURE, "standard input: %s", strerror(errno)));
    enum exit_status status = run_command(watch->invocation);
    fflush(NULL);
    _exit((int)status);
}

// Waits for the run's end. An interrupt is passed on to it, the second one as one that it cannot refuse.
static bool wait_for_run(const struct watch *watch, pid_t child)
{
    struct pollfd fd = {.fd = watch->signals, .events = POLLIN};
    bool ended = false;
    int status;
    while (waitpid(child, &status, WNOHANG) == 0) {
        if (poll(&fd, 1, -1) <= 0)
            continue;
        int number = next_signal(watch);
        if (number == SIGINT || number == SIGTERM) {
            kill(child, ended ? SIGKILL : number);
            ended = true;
        }
    }
    return ended;
}

// Each run in a process of its own: whatever happens to it, the watch goes on.
static bool run_once(struct watch *watch, bool *ret_ended, struct error *err)
{
    if (!note_files(watch, err))
        return false;
    fflush(NULL);
    pid_t child = fork();
    if (child < 0)
        return error_system(err, errno, "fork");
    if (child == 0)
        run_in_child(watch);
    *ret_ended = wait_for_run(watch, child);
    return true;
}

static void put_time(void)
{
    char text[16];
    time_t now = time(NULL);
    struct tm local;
    localtime_r(&now, &local);
    strftime(text, sizeof text, "%H:%M:%S", &local);
    fprintf(stderr, "-- %s, watching; Ctrl-C ends\n", text);
}

static bool watch_until_interrupted(struct watch *watch, struct error *err)
{
    bool ended = false;
    if (!open_watch(watch, err))
        return false;
    while (!ended) {
        if (!run_once(watch, &ended, err))
            return false;
        if (ended)
            break;
        put_time();
        if (!wait_for_change(watch, &ended, err))
            return false;
    }
    return true;
}

enum exit_status watch_command(const struct invocation *invocation)
{
    struct error err;
    struct watch watch = {.invocation = invocation, .notifier = -1, .signals = -1, .input = -1};
    bool good = watch_until_interrupted(&watch, &err);
    close_watch(&watch);
    return good ? STATUS_INTERRUPTED : fail_with(&err);
}
