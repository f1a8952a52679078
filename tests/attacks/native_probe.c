// SPDX-License-Identifier: Apache-2.0
// Native code that took a worker over tries its ways out, each in a fresh worker behind the real confinement
// code. Prints a table, and fails if one attempt got through, or was refused without being named.
//
// Linked twice: as it is, and (native_probe_unfiltered) without the filter, to show which layers hold alone.
#include "base/fd.h"
#include "runtime/protocol/exit_codes.h"
#include "runtime/protocol/frame.h"
#include "runtime/protocol/job_messages.h"
#include "runtime/zygote/confine.h"
#include "runtime/zygote/pid_one.h"
#include "runtime/zygote/seccomp_filter.h"
#include "runtime/zygote/seccomp_trap.h"
#include "tests/attacks/attempt.h"
#include "tests/attacks/probe_confine.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { NOBODY = 65534, SKIPPED = 77, ATTEMPT_MS = 20000 };

enum ending { DENIED, KILLED, FAILED, SUCCEEDED, LOST };

// What the zygote tells of one attempt.
struct tried {
    uint32_t table, row;
    enum ending ending;
    int value; // the call's number, the signal, the errno, or the wait status
};

// What a worker writes when the attempt came back to it.
struct returned {
    uint32_t magic;
    int error; // 0: it got what it wanted
};
enum { RETURNED_MAGIC = 0x52455455 };

static struct attempts (*const tables[])(void) = {
    attempts_on_files,  attempts_on_network, attempts_on_processes,
    attempts_on_rights, attempts_on_memory,  attempts_on_kernel,
};
enum { TABLE_COUNT = sizeof tables / sizeof *tables };

static int make_attempt(const struct attempt *attempt, pid_t victim)
{
    if (attempt->act != NULL)
        return attempt->act(victim);
    long a[6];
    for (int i = 0; i < 6; i++)
        a[i] = attempt->arguments[i] == VICTIM_PID ? victim : attempt->arguments[i];
    return syscall(attempt->number, a[0], a[1], a[2], a[3], a[4], a[5]) == -1 ? errno : 0;
}

static pid_t fork_worker(const struct attempt *attempt, pid_t victim, const struct seccomp_program *program,
                         int *ret_socket)
{
    int pair[2];
    if (!fd_socket_pair(SOCK_STREAM, pair, NULL))
        exit(1);
    pid_t pid = fork();
    if (pid == 0) {
        close(pair[0]);
        probe_confine(pair[1], program);
        char byte;
        if (attempt == NULL) {
            read(WORKER_SOCKET_FD, &byte, 1);
            _exit(EXIT_IDLE_CLOSED);
        }
        struct returned returned = {.magic = RETURNED_MAGIC, .error = make_attempt(attempt, victim)};
        write(WORKER_SOCKET_FD, &returned, sizeof returned);
        _exit(EXIT_RUN_ENDED);
    }
    close(pair[1]);
    *ret_socket = pair[0];
    return pid;
}

static struct tried judge(const char *data, size_t length, int status)
{
    static const struct frame_rules rules = {.maximum = {[FRAME_DENIED] = 65536}};
    struct returned returned;
    struct frame frame;
    size_t used;
    struct denied_syscall denied;
    if (WIFSIGNALED(status))
        return (struct tried){.ending = KILLED, .value = WTERMSIG(status)};
    // An attempt may have written something itself before.
    if (length >= sizeof returned) {
        memcpy(&returned, data + length - sizeof returned, sizeof returned);
        if (returned.magic == RETURNED_MAGIC)
            return (struct tried){.ending = returned.error == 0 ? SUCCEEDED : FAILED,
                                  .value = returned.error};
    }
    if (WEXITSTATUS(status) == EXIT_SYSCALL_DENIED &&
        frame_next(bytes_of(data, length), &rules, &frame, &used) == FRAME_COMPLETE && used == length &&
        denied_syscall_decode(frame.body, &denied))
        return (struct tried){.ending = DENIED, .value = (int)denied.number};
    return (struct tried){.ending = LOST, .value = status};
}

static struct tried try_one(const struct attempt *attempt, pid_t victim,
                            const struct seccomp_program *program)
{
    int socket, status;
    char data[4096];
    size_t length = 0;
    pid_t pid = fork_worker(attempt, victim, program, &socket);
    struct pollfd wait = {.fd = socket, .events = POLLIN};
    for (ssize_t got = 1; got > 0 && length < sizeof data && poll(&wait, 1, ATTEMPT_MS) == 1;
         length += got > 0 ? (size_t)got : 0)
        got = read(socket, data + length, sizeof data - length);
    close(socket);
    kill(pid, SIGKILL); // one that hangs; one that ended is not reaped yet
    waitpid(pid, &status, 0);
    return judge(data, length, status);
}

// The inner zygote: all attempts, one report each.
static int try_all(int control)
{
    static struct seccomp_trap trap = {.mode = SECCOMP_MODE_ENFORCE_CALLS, .socket = WORKER_SOCKET_FD};
    struct seccomp_program program;
    int victim_socket;
    if (!seccomp_program_compile(NULL, 0, &program, NULL) || !seccomp_trap_install(&trap, NULL))
        return 1;
    pid_t victim = fork_worker(NULL, 0, &program, &victim_socket);
    for (uint32_t t = 0; t < TABLE_COUNT; t++) {
        struct attempts attempts = tables[t]();
        for (uint32_t row = 0; row < attempts.count; row++) {
            struct tried tried = try_one(&attempts.rows[row], victim, &program);
            tried.table = t;
            tried.row = row;
            if (write(control, &tried, sizeof tried) != (ssize_t)sizeof tried)
                return 1;
        }
    }
    // The other worker lived through all of it, and ends by its own will.
    int status = 0;
    close(victim_socket);
    waitpid(victim, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_IDLE_CLOSED ? 0 : 1;
}

// What the attempts must not do to this machine rests on these; without them nothing is tried.
static const char *lacking(const struct isolation_report *report)
{
    static const struct {
        enum isolation_layer layer;
        const char *fact;
        bool without_filter_only;
    } rows[] = {
        {LAYER_CAPABILITIES, "capabilities", false},
        {LAYER_PID_NAMESPACE, "pid_namespace", false},
        {LAYER_USER_NAMESPACE, "user_namespace", true},
        {LAYER_MOUNT_NAMESPACE, "mount_namespace", true},
        {LAYER_NETWORK_NAMESPACE, "network_namespace", true},
        {LAYER_IPC_NAMESPACE, "ipc_namespace", true},
        {LAYER_UTS_NAMESPACE, "uts_namespace", true},
        {LAYER_LANDLOCK, "landlock", true},
        {LAYER_MDWE, "mdwe", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (report->layer[rows[i].layer].state != LAYER_ACTIVE &&
            !(probe_is_filtered && rows[i].without_filter_only))
            return rows[i].fact;
    }
    return NULL;
}

_Noreturn static void be_zygote(int control, bool as_nobody)
{
    struct zygote_setup setup = {.memory_bytes_max = 64 << 20, .cpu_ms_max = 1000};
    struct isolation_report report = {0};
    struct error err = {0};
    if (as_nobody && (setresgid(NOBODY, NOBODY, NOBODY) != 0 || setresuid(NOBODY, NOBODY, NOBODY) != 0 ||
                      prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0))
        exit(1);
    pid_t parent = getppid();
    if (!confine_zygote(&setup, control, &report, &err) || lacking(&report) != NULL) {
        struct tried skipped = {.table = TABLE_COUNT};
        write(control, &skipped, sizeof skipped);
        const char *fact = lacking(&report);
        write(control, fact != NULL ? fact : err.text, strlen(fact != NULL ? fact : err.text) + 1);
        _exit(SKIPPED);
    }
    if (!pid_one_fork(parent, control, &err))
        _exit(1);
    _exit(try_all(control));
}

static bool held(const struct attempt *attempt, const struct tried *tried)
{
    if (!probe_is_filtered)
        return tried->ending == FAILED || tried->ending == KILLED ||
               (tried->ending == SUCCEEDED && attempt->filter_only != NULL);
    if (attempt->foreign)
        return tried->ending == KILLED && tried->value == SIGSYS;
    if (attempt->number == NO_CALL)
        return tried->ending == FAILED;
    return tried->ending == DENIED && tried->value == attempt->number;
}

static void print_row(const struct attempt *attempt, const struct tried *tried, bool is_held)
{
    char text[160];
    switch (tried->ending) {
    case DENIED:
        snprintf(text, sizeof text, "denied, and named: call %d", tried->value);
        break;
    case KILLED:
        snprintf(text, sizeof text, "ended by %s", strsignal(tried->value));
        break;
    case FAILED:
        snprintf(text, sizeof text, "refused: %s", strerror(tried->value));
        break;
    case SUCCEEDED:
        snprintf(text, sizeof text, "went through%s%s", attempt->filter_only != NULL ? ": " : "",
                 attempt->filter_only != NULL ? attempt->filter_only : "");
        break;
    default:
        snprintf(text, sizeof text, "lost: wait status %#x", (unsigned)tried->value);
    }
    printf("%s  %-10s %-38s %s\n", is_held ? "held  " : "BROKEN", attempt->group, attempt->name, text);
}

// One whole round. Returns how many attempts did not end as they must; SKIPPED_ROUND if none was made.
enum { SKIPPED_ROUND = -1 };
static int run_round(bool as_nobody, int *ret_attempts)
{
    int pair[2], status, broken = 0;
    if (!fd_socket_pair(SOCK_SEQPACKET, pair, NULL))
        return 1;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close(pair[0]);
        be_zygote(pair[1], as_nobody);
    }
    close(pair[1]);
    struct tried tried;
    while (read(pair[0], &tried, sizeof tried) == (ssize_t)sizeof tried && tried.table < TABLE_COUNT) {
        const struct attempt *attempt = &tables[tried.table]().rows[tried.row];
        bool is_held = held(attempt, &tried);
        print_row(attempt, &tried, is_held);
        broken += !is_held;
        ++*ret_attempts;
    }
    char fact[ERROR_TEXT_SIZE] = "";
    read(pair[0], fact, sizeof fact - 1);
    close(pair[0]);
    waitpid(pid, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED) {
        printf("host lacks: %s\n", fact);
        return SKIPPED_ROUND;
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        printf("BROKEN  the zygote or the other worker did not live through it (%#x)\n", (unsigned)status);
        broken++;
    }
    return broken;
}

int main(void)
{
    int expected = 0;
    for (size_t t = 0; t < TABLE_COUNT; t++)
        expected += (int)tables[t]().count;
    int rounds = geteuid() == 0 ? 2 : 1;
    int broken = 0;
    for (int round = 0; round < rounds; round++) {
        int made = 0;
        bool as_nobody = rounds == 2 && round == 1;
        printf("-- started as %s, %s the filter\n",
               geteuid() == 0 && !as_nobody ? "root" : "an ordinary user",
               probe_is_filtered ? "with" : "without");
        int found = run_round(as_nobody, &made);
        if (found == SKIPPED_ROUND)
            return SKIPPED;
        broken += found + (made != expected);
        printf("%d of %d attempts made, %d broken\n", made, expected, found);
    }
    return broken == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
