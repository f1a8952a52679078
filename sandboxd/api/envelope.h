// SPDX-License-Identifier: Apache-2.0
// Reading a request's JSON body member by member, without a tree: known members go to their takers, unknown
// and repeated ones are faults with a JSON pointer, and big values stay where they are. Any thread.
#pragma once

#include "base/bytes.h"
#include "base/json_cursor.h"
#include "policies/diagnostics.h"

#include <stdbool.h>

struct envelope {
    struct json_cursor cursor;
    struct diagnostics *faults;
};

// One kind of object: names of its members and what takes the value of each. A taker consumes exactly one
// value; false means that the text is no JSON (`cursor.fault`), not that the value is wrong.
struct envelope_object {
    const char *const *names;
    unsigned count; // at most 32
    bool (*take)(struct envelope *envelope, unsigned index, const char *pointer, void *out);
};

// Reads `body` as one such object. False: no JSON, and `ret_fault` says where. Other faults are in `faults`.
bool envelope_read(struct bytes body, const struct envelope_object *object, void *out,
                   struct diagnostics *faults, struct json_fault *ret_fault);

// For takers: the value is next. With another type a fault is added, the value is passed over, and the
// output stays as it was.
bool envelope_take_object(struct envelope *envelope, const struct envelope_object *object,
                          const char *pointer, void *out);
// Text, unescaped: borrowed from the body where it could be, else `ret_owned` holds it (the caller frees).
bool envelope_take_text(struct envelope *envelope, const char *pointer, struct bytes *ret_text,
                        char **ret_owned);
// Text of at most `size` - 1 bytes without control characters, with a NUL.
bool envelope_take_short_text(struct envelope *envelope, const char *pointer, char *out, size_t size);
bool envelope_take_boolean(struct envelope *envelope, const char *pointer, bool *ret_value);
// A whole number from 0 to 2^63 - 1.
bool envelope_take_unsigned(struct envelope *envelope, const char *pointer, uint64_t *ret_value);
// Any value, as it stands in the body.
bool envelope_take_raw(struct envelope *envelope, struct bytes *ret_text);

// The first byte of the value that is next: '{', '[', '"', 't', 'f', 'n', '-' or a digit; 0 at the end.
char envelope_peek(const struct envelope *envelope);
void envelope_fault(struct envelope *envelope, const char *pointer, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// How deep arrays and objects are nested in `text`, which is valid JSON: 0 for a number.
unsigned json_nesting(struct bytes text);
