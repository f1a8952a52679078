// SPDX-License-Identifier: Apache-2.0
// Structured logs: one JSON object (or, on a terminal, one readable line) per event on one descriptor, by one
// write. Levels trace to fatal. A logger is shared by threads: its settings are atomics and it holds no lock.
// Only executables' own code logs; libraries return errors.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum severity { LOG_TRACE, LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_FATAL, SEVERITY_COUNT };
enum log_format { LOG_FORMAT_JSON, LOG_FORMAT_TEXT };

struct logger {
    int fd;
    enum log_format format;
    _Atomic int minimum; // enum severity
    const char *service; // "sandboxd"
};

enum log_field_type { FIELD_TEXT, FIELD_INTEGER, FIELD_DOUBLE, FIELD_BOOL };
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
#define LOG_BOOL(key_, value_) ((struct log_field){.key = (key_), .type = FIELD_BOOL, .boolean = (value_)})

// Writes one event: time, level, msg, service, then `fields` (`count` of them). A record is at most 16 KiB;
// longer values are cut. Values of keys that name secrets (authorization, api_key, token, password, secret,
// cookie) and texts that look like one of our keys ("sbx_...") are replaced by "[redacted]".
void log_event(struct logger *logger, enum severity severity, const char *message,
               const struct log_field *fields, unsigned count);
// log_to(logger, LOG_INFO, "listening", LOG_TEXT("address", text), ...), one field at least.
#define log_to(logger_, severity_, message_, ...) \
    log_event((logger_), (severity_), (message_), (const struct log_field[]){__VA_ARGS__}, \
              sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

bool severity_by_name(const char *name, enum severity *ret_severity);
const char *severity_name(enum severity severity);
