// SPDX-License-Identifier: Apache-2.0
// A strict JSON pull parser (RFC 8259 and RFC 7493: UTF-8 only, no duplicate names checked here, no lone
// surrogates, no leading zeros, no trailing bytes) that allocates nothing and copies nothing. The daemon
// checks contexts and outputs with it, the worker builds Lua values from it. Async-signal-safe; any process.
//
// The caller pulls tokens until JSON_END or JSON_FAULT. Nesting is kept in a bit array inside the cursor,
// so depth is bounded by JSON_DEPTH_MAX and by `depth_maximum`.
#pragma once

#include "base/bytes.h"
#include "base/json_string.h"
#include "base/utf8.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JSON_DEPTH_MAX = 1024 };

enum json_token {
    JSON_OBJECT_BEGIN,
    JSON_OBJECT_END,
    JSON_ARRAY_BEGIN,
    JSON_ARRAY_END,
    JSON_NAME, // a member's name; its value follows
    JSON_STRING,
    JSON_INTEGER, // no fraction, no exponent, fits int64
    JSON_FLOAT,   // any other number; may overflow to infinity only as a fault
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL,
    JSON_END,   // exactly one value was read, and only white space after it
    JSON_FAULT, // `fault` tells what and where
};

struct json_fault {
    const char *what; // static text: "expected ',' or '}'"
    size_t offset;    // of the byte at fault, from the start of the text
    unsigned line;    // from 1
    unsigned column;  // from 1, in bytes
};

struct json_cursor {
    const char *text;
    size_t length;
    size_t offset;  // of the next byte to read
    unsigned depth; // open arrays and objects
    unsigned depth_maximum;
    unsigned state;                          // private: what may come next
    uint64_t is_object[JSON_DEPTH_MAX / 64]; // private: one bit per open level
    // Of the token last returned:
    struct bytes
        span;         // JSON_NAME, JSON_STRING: between the quotes, escapes not resolved; numbers: their text
    bool has_escapes; // JSON_NAME, JSON_STRING
    int64_t integer;  // JSON_INTEGER
    struct json_fault fault;
};

// Begins at the start of `text`, which must outlive the cursor. 1 <= depth_maximum <= JSON_DEPTH_MAX.
void json_cursor_init(struct json_cursor *cursor, struct bytes text, unsigned depth_maximum);
enum json_token json_next(struct json_cursor *cursor);
// A fault of the caller's own (static text) at the place that the cursor has reached. Returns JSON_FAULT.
enum json_token json_refuse(struct json_cursor *cursor, const char *what);

// After JSON_NAME, or where a value may begin: passes one whole value and gives its exact text, white space
// around it left out. False at a fault (then `cursor->fault` is set).
bool json_skip_value(struct json_cursor *cursor, struct bytes *ret_text);

// Checks that `text` is exactly one strict JSON value. False: `ret_fault` is set.
bool json_check(struct bytes text, unsigned depth_maximum, struct json_fault *ret_fault);
