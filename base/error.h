// SPDX-License-Identifier: Apache-2.0
// Errors: something our own code could not do. Not to be mixed up with an outcome (how a plugin ended,
// runtime/protocol/outcome.h) or a bug (a broken invariant, base/require.h).
//
// A fallible function returns bool, takes `struct error *err` last and leaves its outputs untouched when it
// fails. `err` may be NULL where the caller does not care for the text. Usable from any thread and process;
// allocates nothing.
#pragma once

#include <stdbool.h>

enum error_kind {
    ERROR_NONE,
    ERROR_SYSTEM,      // a system call failed; `sys_errno` says how
    ERROR_MEMORY,      // an allocation failed
    ERROR_INVALID,     // what we were given is malformed
    ERROR_NOT_FOUND,   // what was asked for does not exist
    ERROR_CONFLICT,    // it exists already, or changed meanwhile
    ERROR_LIMIT,       // a bound of ours was reached
    ERROR_TIMEOUT,     // it took longer than its deadline
    ERROR_PROTOCOL,    // a peer said something that the protocol forbids
    ERROR_UNSUPPORTED, // this host or build cannot do it
    ERROR_CLOSED,      // the peer is gone
};

#define ERROR_TEXT_SIZE 512

struct error {
    enum error_kind kind;
    int sys_errno;              // 0 unless kind is ERROR_SYSTEM
    char text[ERROR_TEXT_SIZE]; // one line for a person, no trailing newline
};

// Sets `err` and returns false, so that a caller can `return error_set(...)`. Long texts are cut.
bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// The same for a failed system call: appends ": " and the text of `sys_errno`.
bool error_system(struct error *err, int sys_errno, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Puts "<context>: " before the text already there. Returns false.
bool error_prefix(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

// A stable lower-case word for `kind`, for logs and JSON. Never NULL.
const char *error_kind_name(enum error_kind kind);
