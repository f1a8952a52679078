// SPDX-License-Identifier: Apache-2.0
// Growable bytes with a hard maximum. A failure sticks: later appends do nothing, and buffer_ok tells at the
// end, so that a writer of many pieces checks once. Not thread-safe; any process.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct buffer {
    char *data; // NUL-terminated whenever not NULL; the NUL is not counted
    size_t length;
    size_t capacity;
    size_t maximum; // in bytes, the NUL not counted
    bool failed;    // out of memory, or the maximum was reached
    bool exhausted; // of the two, it was memory
};

// An empty buffer that never holds more than `maximum` bytes; SIZE_MAX for no bound but memory. Owns nothing
// yet.
struct buffer buffer_make(size_t maximum);
// A buffer over the caller's memory, `size` bytes with the closing NUL: it never allocates, so signal
// handlers may append to it (not buffer_printf). Must not be freed or taken.
struct buffer buffer_over(char *memory, size_t size);
// Frees what it holds; the buffer is empty again and usable.
void buffer_free(struct buffer *buffer);
void buffer_clear(struct buffer *buffer);

void buffer_append(struct buffer *buffer, const void *data, size_t length);
void buffer_append_text(struct buffer *buffer, const char *text);
void buffer_append_byte(struct buffer *buffer, char byte);
void buffer_printf(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Room for `length` more bytes at data + length, for reading straight into it; NULL on failure.
// Afterwards add what was used to `length`.
char *buffer_reserve(struct buffer *buffer, size_t length);

static inline bool buffer_ok(const struct buffer *buffer)
{
    return !buffer->failed;
}

// Moves the bytes out; the caller frees them. NULL if the buffer failed. An empty buffer gives "".
char *buffer_take(struct buffer *buffer, size_t *ret_length);
