// SPDX-License-Identifier: Apache-2.0
// The worker's side of the hostile zygote double: what it does is the first word of its job's code, with a
// number after it where one is meant ("sleep 20").
#include "tests/support/hostile_worker.h"

#include "base/fd.h"
#include "base/require.h"
#include "runtime/protocol/exit_codes.h"
#include "runtime/protocol/frame.h"
#include "runtime/protocol/job_messages.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { JOB_MAX = 64 << 20 };

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

// A good result from a worker that has so many bytes resident, whatever the limit.
static void do_hoard(const struct scene *scene)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE;
    require(mmap(NULL, (size_t)scene->number, PROT_READ | PROT_WRITE, flags, -1, 0) != MAP_FAILED);
    do_echo(scene);
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

// A profile whose body is so many zeroes, and then an answer as if all were well.
static void do_profile(const struct scene *scene)
{
    static const char zeroes[4096];
    size_t length = (size_t)scene->number < sizeof zeroes ? (size_t)scene->number : sizeof zeroes;
    send_header(scene->socket, (uint32_t)length, FRAME_PROFILE);
    send_raw(scene->socket, zeroes, length);
    send_output(scene->socket, scene->context);
}

// A frame of the type of that number with one byte that no such frame begins with, and then an answer as if
// all were well.
static void do_malformed(const struct scene *scene)
{
    send_header(scene->socket, 1, (uint8_t)scene->number);
    send_raw(scene->socket, "\xff", 1);
    if (scene->number != FRAME_RESULT && scene->number != FRAME_DENIED)
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

// "stop_zygote 1" ends then as if all were well.
static void do_stop_zygote(const struct scene *scene)
{
    kill(getppid(), SIGSTOP);
    if (scene->number == 0)
        wait_for_the_end();
    send_output(scene->socket, scene->context);
}

enum { NICE_LAST = 19 }; // of the kernel

// By how much it is nicer than its zygote.
static int nice_by(void)
{
    return getpriority(PRIO_PROCESS, 0) - getpriority(PRIO_PROCESS, (id_t)getppid());
}

// "nice 20" tells it after so many milliseconds, "nice" as soon as it was lowered, if it can be.
static void do_nice(const struct scene *scene)
{
    char text[16];
    sleep_ms(scene->number);
    while (scene->number == 0 && nice_by() == 0 && getpriority(PRIO_PROCESS, 0) < NICE_LAST)
        sleep_ms(1);
    int length = snprintf(text, sizeof text, "%d", nice_by());
    send_output(scene->socket, bytes_of(text, (size_t)length));
}

static const struct {
    const char *word;
    void (*act)(const struct scene *scene);
} verbs[] = {
    {"echo", do_echo},
    {"sleep", do_sleep},
    {"nice", do_nice},
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
    {"hoard", do_hoard},
    {"denied", do_denied},
    {"denied_and_echo", do_denied_and_echo},
    {"profile", do_profile},
    {"malformed", do_malformed},
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

void hostile_worker_live(int socket, const char *policy, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) // it was gone before the signal was asked for
        _exit(EXIT_CONFINEMENT);
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
