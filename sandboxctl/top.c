// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/top.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "sandboxctl/remote.h"
#include "sandboxctl/top_sample.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

enum { INTERVAL_S_MAX = 3600, COUNT_MAX = 1000000000 };

#define CLEAR_SCREEN "\033[H\033[2J"

const struct option_spec top_options[] = {
    {"interval", 'i', "SECONDS", "how often to look (default: 1)", NULL},
    {"count", 'n', "N", "end after so many (default: never)", NULL},
    REMOTE_OPTIONS,
    {0},
};

struct top {
    const struct invocation *invocation;
    struct config config;
    struct top_memory memory;
    uint64_t interval_ns;
    unsigned long left; // 0: no end
    int signals;        // signalfd of SIGINT and SIGTERM
    bool live;          // redraws, and listens to keys
    struct termios before;
};

static bool read_number(const struct invocation *invocation, const char *name, unsigned long maximum,
                        unsigned long *value, struct error *err)
{
    const char *text = invocation_option(invocation, name);
    if (text == NULL)
        return true;
    char *end;
    errno = 0;
    *value = strtoul(text, &end, 10);
    return (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && *value >= 1 && *value <= maximum) ||
           error_set(err, ERROR_INVALID, "--%s %s: expected a number from 1 to %lu", name, text, maximum);
}

static bool watch_signals(struct top *top, struct error *err)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return error_system(err, errno, "sigprocmask");
    top->signals = signalfd(-1, &set, SFD_CLOEXEC);
    return top->signals >= 0 || error_system(err, errno, "signalfd");
}

// Keys come one by one and are not shown, until top_leave.
static void take_terminal(struct top *top)
{
    if (top->invocation->json || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
        tcgetattr(STDIN_FILENO, &top->before) != 0)
        return;
    struct termios raw = top->before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    top->live = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

static void leave(struct top *top)
{
    if (top->live)
        tcsetattr(STDIN_FILENO, TCSANOW, &top->before);
    if (top->signals >= 0)
        close(top->signals);
    top_memory_free(&top->memory);
    config_free(&top->config);
}

static enum exit_status ask(struct top *top, const char *path, struct http_answer *ret_answer)
{
    struct error err;
    const struct http_query query = {.method = "GET", .path = path};
    if (!http_request(&top->config, &query, ret_answer, &err))
        return fail_with(&err);
    if (ret_answer->code == 200)
        return STATUS_SUCCESS;
    enum exit_status status = http_fail(top->invocation, ret_answer);
    http_answer_free(ret_answer);
    return status;
}

// One look; shows what changed since the one before. `ret_shown`: there was one before.
static enum exit_status look(struct top *top, bool *ret_shown)
{
    struct http_answer stats, history;
    char path[64];
    snprintf(path, sizeof path, "/v1/runs?limit=%d", TOP_PAGE);
    enum exit_status status = ask(top, "/v1/stats", &stats);
    if (status != STATUS_SUCCESS)
        return status;
    status = ask(top, path, &history);
    if (status == STATUS_SUCCESS) {
        struct top_sample sample;
        bool shown = top_sample_take(&top->memory, stats.body, history.body, clock_monotonic_ns(), &sample);
        if (top->live)
            fputs(CLEAR_SCREEN, stdout);
        if (shown && top->invocation->json)
            top_show_json(stdout, &sample);
        else if (shown)
            top_show(stdout, top->invocation->colour, top->config.url.text, &sample);
        if (top->live)
            fputs(shown ? "\nq ends\n" : "looking; q ends\n", stdout);
        fflush(stdout);
        *ret_shown = shown;
        http_answer_free(&history);
    }
    http_answer_free(&stats);
    return status;
}

enum waited { WAITED_OUT, WAITED_QUIT, WAITED_SIGNAL };

static enum waited wait_until(const struct top *top, uint64_t until_ns)
{
    struct pollfd fds[] = {{.fd = top->signals, .events = POLLIN},
                           {.fd = top->live ? STDIN_FILENO : -1, .events = POLLIN}};
    for (;;) {
        uint64_t now_ns = clock_monotonic_ns();
        if (now_ns >= until_ns)
            return WAITED_OUT;
        char key;
        if (poll(fds, 2, (int)((until_ns - now_ns) / NS_PER_MS) + 1) <= 0)
            continue;
        if (fds[0].revents != 0)
            return WAITED_SIGNAL;
        // A terminal that is gone is readable too, and gives nothing.
        if (fds[1].revents != 0 && (read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == 'Q'))
            return WAITED_QUIT;
    }
}

static enum exit_status watch(struct top *top)
{
    for (;;) {
        uint64_t begun_ns = clock_monotonic_ns();
        bool shown = false;
        enum exit_status status = look(top, &shown);
        if (status != STATUS_SUCCESS)
            return status;
        if ((shown && top->left > 0 && --top->left == 0) || ferror(stdout))
            return STATUS_SUCCESS; // enough, or nobody looks any more
        enum waited waited = wait_until(top, begun_ns + top->interval_ns);
        if (waited != WAITED_OUT)
            return waited == WAITED_QUIT ? STATUS_SUCCESS : STATUS_INTERRUPTED;
    }
}

enum exit_status top_command(const struct invocation *invocation)
{
    struct top top = {.invocation = invocation, .signals = -1};
    struct error err;
    unsigned long seconds = 1;
    enum exit_status status;
    if (!read_number(invocation, "interval", INTERVAL_S_MAX, &seconds, &err) ||
        !read_number(invocation, "count", COUNT_MAX, &top.left, &err) ||
        !config_load(invocation, &top.config, &err) || !watch_signals(&top, &err)) {
        status = fail_with(&err);
    } else {
        top.interval_ns = seconds * 1000 * NS_PER_MS;
        take_terminal(&top);
        status = watch(&top);
    }
    leave(&top);
    return status;
}
