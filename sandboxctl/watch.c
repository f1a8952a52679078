// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/watch.h"

#include "base/cleanup.h"
#include "sandboxctl/bundle.h"
#include "sandboxctl/run.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

// Editors write a file in several steps; a change counts once nothing more has come for so long.
enum { DEBOUNCE_MS = 80 };

static bool watch_folder(int notifier, const char *path, struct error *err)
{
    struct stat status;
    autofree char *folder = strdup(path);
    if (folder == NULL)
        return error_set(err, ERROR_MEMORY, "out of memory");
    if (stat(path, &status) != 0)
        return error_system(err, errno, "%s", path);
    char *slash = strrchr(folder, '/');
    if (!S_ISDIR(status.st_mode) && slash != NULL)
        slash[slash == folder ? 1 : 0] = '\0';
    else if (!S_ISDIR(status.st_mode))
        strcpy(folder, ".");
    // Folders are watched, not files: an editor's rename replaces the file that a watch would hold.
    uint32_t changes = IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE;
    if (inotify_add_watch(notifier, folder, changes) < 0)
        return error_system(err, errno, "cannot watch %s", folder);
    return true;
}

static void drain(int notifier)
{
    char events[4096];
    while (read(notifier, events, sizeof events) > 0) {
    }
}

// True when something changed and then rested; false on an interrupt.
static bool wait_for_change(int notifier, int signals)
{
    struct pollfd fds[] = {{.fd = notifier, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
    int timeout = -1;
    for (;;) {
        int ready = poll(fds, 2, timeout);
        if (ready < 0 && errno != EINTR)
            return false;
        if (fds[1].revents != 0 && ready > 0)
            return false;
        if (ready == 0)
            return true;
        drain(notifier);
        timeout = DEBOUNCE_MS;
    }
}

// Each run in a process of its own: whatever happens to it, the watch goes on.
static bool run_once(const struct invocation *invocation)
{
    fflush(NULL);
    pid_t child = fork();
    if (child < 0)
        return false;
    if (child == 0) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        enum exit_status status = run_command(invocation);
        fflush(NULL);
        _exit((int)status);
    }
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
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

enum exit_status watch_command(const struct invocation *invocation)
{
    struct error err;
    autoclose int notifier = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (notifier < 0)
        return fail(STATUS_FAILURE, "inotify: %s", strerror(errno));
    if (!watch_folder(notifier, invocation->arguments[0], &err))
        return fail_with(&err);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    autoclose int signals = signalfd(-1, &set, SFD_CLOEXEC);
    if (signals < 0)
        return fail(STATUS_FAILURE, "signalfd: %s", strerror(errno));
    do {
        if (!run_once(invocation))
            return fail(STATUS_FAILURE, "fork: %s", strerror(errno));
        put_time();
    } while (wait_for_change(notifier, signals));
    return STATUS_INTERRUPTED;
}
