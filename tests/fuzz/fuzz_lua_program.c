// SPDX-License-Identifier: Apache-2.0
// A worker's interpreter, without the worker: a whole run of a Lua program by lua_image_run, limits and all,
// where libFuzzer sees which code it reaches and the sanitizers see every access. Inputs are programs
// (lua/program.h); libFuzzer changes them by lua_live's mutator, so what it keeps is Lua.
//
// A run ends its process. Here `_exit` is wrapped by the linker: it jumps back, and what the run had
// allocated is freed behind it.
#include "runtime/lua/plugin_run.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/json_cursor.h"
#include "base/utf8.h"
#include "runtime/protocol/exit_codes.h"
#include "runtime/protocol/frame.h"
#include "runtime/protocol/profile.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/lua/mutate.h"
#include "tests/fuzz/lua/tracked_heap.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    INSTRUCTIONS_MAX = 100000,
    MEMORY_MAX = 8 << 20,
    CPU_MAX_MS = 200, // a sanitizer makes everything slow
    AGAIN_US = 1000,
    FRAMES_MAX = 32 << 20,
    MAKE_SHARE = 64, // of the changes, those that write a program anew
    COUNT_STEP = 100,
};

_Noreturn void __wrap__exit(int code);
void __asan_on_error(void);
void __ubsan_on_report(void);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *data, size_t size, const uint8_t *other, size_t other_size,
                                 uint8_t *out, size_t max_size, unsigned seed);

// A run that goes on, for what has no argument: `_exit` and the handler of SIGALRM.
static struct {
    pthread_t thread;
    sigjmp_buf back;
    volatile sig_atomic_t running;
    volatile sig_atomic_t reporting; // a sanitizer has found something, and ends the process
    int exit_code;
    void (*on_alarm)(int number);
} run;

_Noreturn void __wrap__exit(int code)
{
    require(run.running);
    run.running = 0;
    run.exit_code = code;
    siglongjmp(run.back, 1);
}

// Sanitizers call these as a report begins, which takes them longer than a run. If an alarm jumped out of it,
// what they found would be lost: "nested bug in the same thread" at the next one, and no input kept.
void __asan_on_error(void)
{
    run.reporting = 1;
}

void __ubsan_on_report(void)
{
    run.reporting = 1;
}

// The image's own handler may end the run, which must not happen inside malloc nor inside a sanitizer's
// report. libFuzzer has a thread that the signal may come to instead.
static void on_alarm(int number)
{
    const struct itimerval soon = {.it_value.tv_usec = AGAIN_US};
    if (!pthread_equal(pthread_self(), run.thread))
        pthread_kill(run.thread, number);
    else if (tracked_heap_is_busy())
        setitimer(ITIMER_REAL, &soon, NULL);
    else if (run.running && !run.reporting)
        run.on_alarm(number);
}

static bool is_allowed(unsigned row, unsigned policy)
{
    return row != LUA_NAME_BASE_LOAD || policy % 2 == 0;
}

static struct lua_image *make_image(unsigned policy, int socket)
{
    struct lua_image_options options = {.deterministic = policy < PROGRAM_POLICIES / 2};
    for (unsigned i = 0; i < LUA_NAME_COUNT; i++)
        options.allowed[i] = is_allowed(i, policy);
    struct error err = {0};
    struct lua_image *image = lua_image_new(&options, &err);
    require(image != NULL && lua_image_arm(image, socket, &err));
    struct sigaction action;
    require(sigaction(SIGALRM, NULL, &action) == 0);
    run.on_alarm = action.sa_handler;
    action.sa_handler = on_alarm;
    require(sigaction(SIGALRM, &action, NULL) == 0);
    return image;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

// Bounds for what a fuzzer can wait for. CPU time counts from the start of the thread.
static void hold_back(struct run_limits *limits)
{
    uint64_t *value = limits->value;
    value[LIMIT_INSTRUCTIONS] =
        value[LIMIT_INSTRUCTIONS] > 0 ? least(value[LIMIT_INSTRUCTIONS], INSTRUCTIONS_MAX) : INSTRUCTIONS_MAX;
    value[LIMIT_MEMORY_BYTES] = least(value[LIMIT_MEMORY_BYTES], MEMORY_MAX);
    value[LIMIT_CPU_MS] = clock_thread_cpu_ns() / NS_PER_MS + 1 + least(value[LIMIT_CPU_MS], CPU_MAX_MS);
    value[LIMIT_WALL_MS] = least(value[LIMIT_WALL_MS], 10 * CPU_MAX_MS);
    value[LIMIT_OUTPUT_BYTES] = least(value[LIMIT_OUTPUT_BYTES], 1 << 20);
    value[LIMIT_LOG_BYTES] = least(value[LIMIT_LOG_BYTES], 1 << 20);
}

// Leaves frames in `socket`, and the exit code.
static int run_job(const struct job *job, unsigned policy, int socket)
{
    struct sigaction action;
    struct itimerval timer;
    const struct itimerval none = {0};
    require(sigaction(SIGALRM, NULL, &action) == 0 && getitimer(ITIMER_REAL, &timer) == 0);
    run.thread = pthread_self();
    tracked_heap_begin();
    if (sigsetjmp(run.back, 1) == 0) {
        struct lua_image *image = make_image(policy, socket);
        run.running = 1;
        lua_image_run(image, job);
    }
    require(setitimer(ITIMER_REAL, &none, NULL) == 0);
    tracked_heap_end();
    // libFuzzer has a timer of its own.
    require(sigaction(SIGALRM, &action, NULL) == 0 && setitimer(ITIMER_REAL, &timer, NULL) == 0);
    return run.exit_code;
}

static void check_result(const struct worker_result *result, const struct run_limits *limits)
{
    unsigned depth = (unsigned)limits->value[LIMIT_JSON_DEPTH];
    require(result->output.length <= limits->value[LIMIT_OUTPUT_BYTES]);
    require(result->memory_peak_bytes <= limits->value[LIMIT_MEMORY_BYTES]);
    require(result->instructions <= limits->value[LIMIT_INSTRUCTIONS] + COUNT_STEP);
    require(utf8_valid(result->message));
    if (result->outcome == OUTCOME_OK)
        require(json_check(result->output, depth, NULL) && result->message.length == 0);
    if (result->value.length > 0)
        require(json_check(result->value, depth, NULL));
    if (result->outcome == OUTCOME_INSTRUCTION_LIMIT)
        require(result->instructions >= limits->value[LIMIT_INSTRUCTIONS]);
}

// Any number of logs, one result, the last.
static void check_frames(struct bytes frames, const struct run_limits *limits)
{
    const struct frame_rules rules = {.maximum = {[FRAME_LOG] = FRAMES_MAX,
                                                  [FRAME_RESULT] = FRAMES_MAX,
                                                  [FRAME_PROFILE] = FRAMES_MAX,
                                                  [FRAME_COVERAGE] = FRAMES_MAX}};
    uint64_t logged = 0;
    unsigned results = 0;
    while (frames.length > 0) {
        struct frame frame;
        size_t used;
        require(results == 0 && frame_next(frames, &rules, &frame, &used) == FRAME_COMPLETE);
        struct log_line line;
        struct worker_result result;
        if (frame.type == FRAME_LOG) {
            require(log_line_decode(frame.body, &line) && utf8_valid(line.message));
            logged += line.message.length + LOG_LINE_OVERHEAD;
        } else if (frame.type == FRAME_RESULT) {
            require(worker_result_decode(frame.body, &result));
            check_result(&result, limits);
            results++;
        }
        frames = bytes_of(frames.data + used, frames.length - used);
    }
    require(results == 1 && logged <= limits->value[LIMIT_LOG_BYTES]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct program_settings settings;
    struct job job = {.kind = JOB_RUN};
    struct job_module modules[PROGRAM_MODULES_MAX];
    job.module_count = program_split(program_settings_read(bytes_of(data, size), &settings), modules);
    memcpy(job.modules, modules, sizeof modules);
    job.limits = settings.limits;
    hold_back(&job.limits);
    job.seed = settings.seed;
    job.profile = settings.profile;
    job.coverage = settings.coverage;
    job.context = program_context(settings.context);
    if (!json_check(job.context, (unsigned)job.limits.value[LIMIT_JSON_DEPTH], NULL))
        job.context = program_context(0);
    int socket = memfd_create("frames", MFD_CLOEXEC);
    require(socket >= 0);
    require(run_job(&job, settings.policy, socket) == EXIT_RUN_ENDED);
    off_t length = lseek(socket, 0, SEEK_END);
    require(length > 0);
    void *frames = mmap(NULL, (size_t)length, PROT_READ, MAP_PRIVATE, socket, 0);
    require(frames != MAP_FAILED);
    check_frames(bytes_of(frames, (size_t)length), &job.limits);
    munmap(frames, (size_t)length);
    close(socket);
    return 0;
}

static size_t change(struct bytes program, struct bytes donor, uint8_t *out, size_t max_size, unsigned seed)
{
    static struct mutator mutator;
    static bool allowed[LUA_NAME_COUNT];
    struct choices choices = choices_of(seed, 0);
    struct buffer text = buffer_make(4 * PROGRAM_BYTES_MAX);
    for (unsigned i = 0; i < LUA_NAME_COUNT; i++)
        allowed[i] = is_allowed(i, 0);
    mutator.allowed = allowed;
    if (program.length == 0 || one_in(&choices, MAKE_SHARE))
        mutator_make(&mutator, &choices, &text);
    else
        mutator_mutate(&mutator, &choices, program, donor, &text);
    size_t length = least(text.length, max_size);
    if (length > 0)
        memcpy(out, text.data, length);
    buffer_free(&text);
    return length;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    return change(bytes_of(data, size), bytes_of("", 0), data, max_size, seed);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *data, size_t size, const uint8_t *other, size_t other_size,
                                 uint8_t *out, size_t max_size, unsigned seed)
{
    return change(bytes_of(data, size), bytes_of(other, other_size), out, max_size, seed);
}
