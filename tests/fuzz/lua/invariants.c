// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/lua/invariants.h"

#include "base/json_cursor.h"
#include "base/utf8.h"
#include "runtime/protocol/worker_memory.h"
#include "validation/validation.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum {
    COUNT_STEP = 100,            // instructions that a coroutine's creation is charged with at most
    TOLERANCE_US = 5000,         // between the clocks of worker and engine (runtime/engine/verdict.c)
    CPU_PATIENCE_US = 3000000,   // RLIMIT_CPU, the last line, counts in seconds
    WALL_PATIENCE_US = 20000000, // a busy machine
    SHARED_BYTES = 5 << 20,      // pages of the zygote that a worker touched
    LINE_OVERHEAD = LOG_LINE_OVERHEAD,
};

static bool say(char why[WHY_SIZE], const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool say(char why[WHY_SIZE], const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why, WHY_SIZE, format, args);
    va_end(args);
    return false;
}

static struct bytes text_of(const struct buffer *buffer)
{
    return bytes_of(buffer->data != NULL ? buffer->data : "", buffer->length);
}

static const struct {
    enum outcome outcome;
    enum run_limit limit;
} limit_outcomes[] = {
    {OUTCOME_CPU_LIMIT, LIMIT_CPU_MS},          {OUTCOME_WALL_LIMIT, LIMIT_WALL_MS},
    {OUTCOME_MEMORY_LIMIT, LIMIT_MEMORY_BYTES}, {OUTCOME_INSTRUCTION_LIMIT, LIMIT_INSTRUCTIONS},
    {OUTCOME_OUTPUT_LIMIT, LIMIT_OUTPUT_BYTES},
};

static bool outcome_is_possible(const struct trial *trial, char why[WHY_SIZE])
{
    const struct ending *ending = &trial->ending;
    const char *name = outcome_name(ending->outcome);
    int length = (int)ending->message.length;
    switch (ending->outcome) {
    case OUTCOME_CRASHED:
    case OUTCOME_INTERNAL_ERROR:
    case OUTCOME_SYSCALL_DENIED:
        return say(why, "%s: %.*s", name, length, ending->message.data);
    case OUTCOME_CANCELLED:
        return trial->settings.cancel || say(why, "cancelled, and nobody asked");
    default:
        return ending->audit_count == 0 || say(why, "%s, with denied system calls", name);
    }
}

static bool limit_is_told(const struct trial *trial, char why[WHY_SIZE])
{
    const struct ending *ending = &trial->ending;
    const uint64_t *limits = trial->settings.limits.value;
    for (size_t i = 0; i < sizeof limit_outcomes / sizeof *limit_outcomes; i++) {
        if (limit_outcomes[i].outcome != ending->outcome)
            continue;
        enum run_limit limit = limit_outcomes[i].limit;
        if (!ending->limit_hit || ending->limit != limit)
            return say(why, "%s names another limit", outcome_name(ending->outcome));
        bool time = run_limit_table[limit].unit == UNIT_MS;
        uint64_t reached = time ? ending->limit_observed + TOLERANCE_US : ending->limit_observed;
        uint64_t needed = time ? limits[limit] * 1000 : limits[limit];
        return reached >= needed || say(why, "%s at %" PRIu64 " of %" PRIu64, outcome_name(ending->outcome),
                                        ending->limit_observed, limits[limit]);
    }
    return !ending->limit_hit || say(why, "%s names a limit", outcome_name(ending->outcome));
}

static bool usage_is_within(const struct trial *trial, char why[WHY_SIZE])
{
    const struct ending *ending = &trial->ending;
    const struct run_figures *used = &ending->figures;
    const uint64_t *limits = trial->settings.limits.value;
    uint64_t logged = ending->logged_bytes + (uint64_t)ending->log_count * LINE_OVERHEAD;
    uint64_t rss =
        worker_memory_max(&trial->settings.limits, trial->job_bytes, trial->settings.profile) + SHARED_BYTES;
    uint64_t cpu = limits[LIMIT_CPU_MS] * 1000 + CPU_PATIENCE_US;
    if (ending->outcome == OUTCOME_OK) // what verdict.c calls far above the limit
        cpu = limits[LIMIT_CPU_MS] * 1000 + 50000 + used->rss_bytes / 4096 + TOLERANCE_US;
    const struct {
        const char *name;
        uint64_t value, most;
    } rows[] = {
        {"instructions", used->instructions,
         limits[LIMIT_INSTRUCTIONS] > 0 ? limits[LIMIT_INSTRUCTIONS] + COUNT_STEP : UINT64_MAX},
        {"memory_bytes", used->memory_bytes, limits[LIMIT_MEMORY_BYTES]},
        {"output_bytes", used->output_bytes, limits[LIMIT_OUTPUT_BYTES]},
        {"output", ending->output.length, limits[LIMIT_OUTPUT_BYTES]},
        {"log_bytes", used->log_bytes, limits[LIMIT_LOG_BYTES]},
        {"log lines", logged, limits[LIMIT_LOG_BYTES]},
        {"rss_bytes", used->rss_bytes, rss},
        {"cpu_us", used->cpu_us, cpu},
        {"wall_us", used->wall_us, limits[LIMIT_WALL_MS] * 1000 + WALL_PATIENCE_US},
        {"traceback", ending->traceback_count, TRACEBACK_MAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].value > rows[i].most)
            return say(why, "%s: %s is %" PRIu64 ", above %" PRIu64, outcome_name(ending->outcome),
                       rows[i].name, rows[i].value, rows[i].most);
    return true;
}

// "0x" and twelve digits that begin as addresses of programs do.
static bool shows_address(struct bytes text)
{
    for (size_t i = 0; i + 14 <= text.length; i++) {
        const char *at = text.data + i;
        size_t digits = 0;
        while (at[0] == '0' && at[1] == 'x' && i + 2 + digits < text.length &&
               isxdigit((unsigned char)at[2 + digits]))
            digits++;
        if (digits == 12 && (memcmp(at + 2, "7f", 2) == 0 || memcmp(at + 2, "55", 2) == 0))
            return true;
    }
    return false;
}

static bool texts_are_clean(const struct trial *trial, char why[WHY_SIZE])
{
    const struct ending *ending = &trial->ending;
    unsigned depth = (unsigned)trial->settings.limits.value[LIMIT_JSON_DEPTH];
    struct json_fault fault;
    if (ending->outcome == OUTCOME_OK && !json_check(text_of(&ending->output), depth, &fault))
        return say(why, "the output is not JSON: %s at byte %zu", fault.what, fault.offset);
    if (ending->value.length > 0 && !json_check(text_of(&ending->value), depth, &fault))
        return say(why, "the error's value is not JSON: %s at byte %zu", fault.what, fault.offset);
    if (ending->outcome != OUTCOME_OK && ending->output.length > 0)
        return say(why, "%s, with an output", outcome_name(ending->outcome));
    if ((ending->outcome == OUTCOME_OK) != (ending->message.length == 0) &&
        ending->outcome != OUTCOME_PLUGIN_ERROR)
        return say(why, "%s, and the message is '%s'", outcome_name(ending->outcome), ending->message.data);
    const struct {
        const char *name;
        const struct buffer *text;
    } rows[] = {
        {"message", &ending->message},
        {"logs", &ending->logs},
        {"traceback", &ending->traceback},
        {"output", &ending->output},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!utf8_valid(text_of(rows[i].text)))
            return say(why, "%s is not UTF-8", rows[i].name);
        if (shows_address(text_of(rows[i].text)))
            return say(why, "%s shows an address", rows[i].name);
    }
    return true;
}

bool trial_is_sound(const struct trial *trial, char why[WHY_SIZE])
{
    unsigned calls = atomic_load(&trial->ending.calls);
    if (trial->ending.admission != ADMITTED)
        return say(why, "refused (%d)", trial->ending.admission);
    if (calls != 1)
        return say(why, "%u outcomes", calls);
    return outcome_is_possible(trial, why) && limit_is_told(trial, why) && usage_is_within(trial, why) &&
           texts_are_clean(trial, why);
}

static bool ended_by_clock(const struct trial *trial)
{
    enum outcome outcome = trial->ending.outcome;
    return outcome == OUTCOME_CPU_LIMIT || outcome == OUTCOME_WALL_LIMIT || outcome == OUTCOME_CANCELLED;
}

bool trials_are_same(const struct trial *a, const struct trial *b, char why[WHY_SIZE])
{
    const struct ending *x = &a->ending, *y = &b->ending;
    if (!a->policy->deterministic || ended_by_clock(a) || ended_by_clock(b))
        return true;
    if (x->outcome != y->outcome)
        return say(why, "once %s, once %s", outcome_name(x->outcome), outcome_name(y->outcome));
    const struct {
        const char *name;
        const struct buffer *first, *second;
    } texts[] = {
        {"output", &x->output, &y->output},
        {"message", &x->message, &y->message},
        {"value", &x->value, &y->value},
        {"logs", &x->logs, &y->logs},
        {"traceback", &x->traceback, &y->traceback},
        {"coverage", &x->coverage, &y->coverage},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!bytes_equal(text_of(texts[i].first), text_of(texts[i].second)))
            return say(why, "two runs, two texts for %s: '%.200s' and '%.200s'", texts[i].name,
                       text_of(texts[i].first).data, text_of(texts[i].second).data);
    if (x->figures.instructions != y->figures.instructions)
        return say(why, "two runs took %" PRIu64 " and %" PRIu64 " instructions", x->figures.instructions,
                   y->figures.instructions);
    // The hook that a sample is taken in may make a call stack grow.
    if (!a->settings.profile && x->figures.memory_bytes != y->figures.memory_bytes)
        return say(why, "two runs took %" PRIu64 " and %" PRIu64 " bytes", x->figures.memory_bytes,
                   y->figures.memory_bytes);
    return x->logs_truncated == y->logs_truncated || say(why, "two runs, once with all of its log");
}

// What the run tells of the entry's syntax: a limit or a cancellation may have come before the compiler's
// word.
enum syntax { SYNTAX_GOOD, SYNTAX_BAD, SYNTAX_UNTOLD };

static enum syntax syntax_of(const struct trial *trial)
{
    static const char entry[] = "main.lua:";
    const struct ending *ending = &trial->ending;
    bool here = ending->traceback_count == 1 && memcmp(ending->traceback.data, entry, strlen(entry)) == 0;
    switch (ending->outcome) {
    case OUTCOME_OK:
    case OUTCOME_PLUGIN_ERROR:
    case OUTCOME_INVALID_RESULT:
    case OUTCOME_OUTPUT_LIMIT:
        return SYNTAX_GOOD;
    case OUTCOME_SYNTAX_ERROR:
        return here ? SYNTAX_BAD : SYNTAX_UNTOLD;
    default:
        return SYNTAX_UNTOLD;
    }
}

bool trial_agrees_with_validator(const struct trial *trial, char why[WHY_SIZE])
{
    struct validation_input input = {.policy = trial->policy, .module_count = 1};
    input.modules[0] = trial->modules[0];
    struct error err = {0};
    struct validation *validation = validation_run(trial->live->engine, &input, &err);
    if (validation == NULL)
        return say(why, "no validation: %s", err.text);
    const struct findings *findings = validation_findings(validation);
    bool bad = false, cut_short = false, failed = false;
    for (size_t i = 0; i < findings->count; i++) {
        bad = bad || findings->items[i].code == VALIDATION_CODE_SYNTAX;
        cut_short = cut_short || findings->items[i].code == VALIDATION_CODE_LIMIT;
        failed = failed || findings->items[i].code == VALIDATION_CODE_FAILED;
    }
    enum syntax ran = syntax_of(trial);
    validation_free(validation);
    if (failed)
        return say(why, "the validator failed");
    if (cut_short || ran == SYNTAX_UNTOLD || bad == (ran == SYNTAX_BAD))
        return true;
    return say(why, "the validator calls the syntax %s, and it ended as %s", bad ? "bad" : "good",
               outcome_name(trial->ending.outcome));
}
