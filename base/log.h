// SPDX-License-Identifier: Apache-2.0
// Structured logs: one JSON object (or, on a terminal, one readable line) per event on one descriptor, by one
// write. A logger is shared by threads: its settings are atomics and it holds no lock. Only executables' own
// code logs; libraries return errors.
#pragma once

#include "base/buffer.h"
#include "base/log_levels.h"
#include "base/log_limit.h"

#include <stdint.h>

enum log_format { LOG_FORMAT_JSON, LOG_FORMAT_TEXT };

struct logger {
    int fd;
    enum log_format format;
    const char *service; // "sandboxd"
    const char *version; // NULL leaves it out
    bool priorities;     // each line begins with "<6>" or the like, for systemd's journal
    struct log_levels levels;
    struct log_limit limit;
    _Atomic bool stalled;         // nobody reads what is written: a terminal on hold, a journal that hangs
    _Atomic uint64_t lost;        // lines for that reason, in all
    _Atomic uint64_t lost_untold; // of these, not told by a later line yet
};

enum log_field_type { FIELD_TEXT, FIELD_INTEGER, FIELD_DOUBLE, FIELD_MS, FIELD_BOOL };
struct log_field {
    const char *key;
    enum log_field_type type;
    union {
        const char *text; // NULL leaves the field out
        int64_t integer;
        double number;
        bool boolean;
    };
};
#define LOG_TEXT(key_, value_) ((struct log_field){.key = (key_), .type = FIELD_TEXT, .text = (value_)})
#define LOG_INTEGER(key_, value_) \
    ((struct log_field){.key = (key_), .type = FIELD_INTEGER, .integer = (int64_t)(value_)})
#define LOG_DOUBLE(key_, value_) ((struct log_field){.key = (key_), .type = FIELD_DOUBLE, .number = (value_)})
// Microseconds, shown as milliseconds: "0.318".
#define LOG_MS_FROM_US(key_, value_) \
    ((struct log_field){.key = (key_), .type = FIELD_MS, .integer = (int64_t)(value_)})
#define LOG_BOOL(key_, value_) ((struct log_field){.key = (key_), .type = FIELD_BOOL, .boolean = (value_)})

enum { LOG_CONTEXT_FIELDS_MAX = 8 };
// What several events have in common: a request, and within it a run. Lives on its user's stack.
struct log_context {
    const struct log_context *parent; // may be NULL
    unsigned count;
    struct log_field field[LOG_CONTEXT_FIELDS_MAX];
};

struct log_site {
    const char *file;                  // __FILE__: its folder is the module
    const char *module;                // or its name
    const struct log_context *context; // may be NULL
    bool every;                        // not to be suppressed: one per request, or a plugin's own
};

enum { LOG_PATIENCE_MS = 100 };

// Whether anything of this severity may be written: one load, so that an event that is off costs nothing.
// A logger of NULL wants nothing.
static inline bool log_may(const struct logger *logger, enum severity severity)
{
    return logger != NULL &&
           (int)severity >= atomic_load_explicit(&logger->levels.least, memory_order_relaxed);
}
// Whether an event would be written.
bool log_wanted(const struct logger *logger, const struct log_site *site, enum severity severity);
// Writes one event: time, level, msg, service, module, then `fields` (`count` of them), then the context's. A
// record is at most 16 KiB; longer values are cut. Values of keys that name secrets are replaced, and secrets
// within texts (base/redact.h). The same message (a static text) is written LOG_BURST times in LOG_WINDOW_S
// at most; the next one, or log_tell_suppressed, has the number of the `suppressed`. What is below LOG_INFO
// was asked for, and is not suppressed. A reader that does not read is waited for once, for LOG_PATIENCE_MS;
// from then on lines are lost and counted until it reads again: the service must not hang with its log.
void log_event(struct logger *logger, const struct log_site *site, enum severity severity,
               const char *message, const struct log_field *fields, unsigned count);
// Tells what was suppressed of messages that did not come again after their window: once in a while, or at
// the end of `all`.
void log_tell_suppressed(struct logger *logger, bool all);
// The record alone, appended to `out`: for a stream of one's own.
void log_put(struct buffer *out, const struct logger *logger, const struct log_site *site,
             enum severity severity, const char *message, const struct log_field *fields, unsigned count);
// log_to(logger, LOG_INFO, "listening", LOG_TEXT("address", text), ...), one field at least. Fields are only
// evaluated if log_may.
#define log_to(logger_, severity_, message_, ...) \
    log_in((logger_), NULL, (severity_), (message_), __VA_ARGS__)
#define log_in(logger_, context_, severity_, message_, ...) \
    log_of((logger_), NULL, (context_), (severity_), (message_), __VA_ARGS__)
// For a module that does not log itself: what it did is told by whoever called it and knows for whom.
#define log_of(logger_, module_, context_, severity_, message_, ...) \
    (log_may((logger_), (severity_)) \
         ? log_event((logger_), \
                     &(const struct log_site){.file = __FILE__, .module = (module_), .context = (context_)}, \
                     (severity_), (message_), (const struct log_field[]){__VA_ARGS__}, \
                     sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field)) \
         : (void)0)
