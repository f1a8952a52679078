// SPDX-License-Identifier: Apache-2.0
#include "base/buffer.h"

#include "base/cleanup.h"
#include "base/require.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_CAPACITY = 256 };

struct buffer buffer_make(size_t maximum)
{
    // Far above any memory, and low enough that sums of lengths never overflow.
    const size_t unbounded = SIZE_MAX / 4;
    return (struct buffer){.maximum = maximum < unbounded ? maximum : unbounded};
}

struct buffer buffer_over(char *memory, size_t size)
{
    require(size > 0 && size < SIZE_MAX / 4);
    // With all that the maximum can need there from the start, buffer_reserve finds nothing to grow.
    return (struct buffer){.data = memory, .capacity = size, .maximum = size - 1};
}

void buffer_free(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = buffer_make(buffer->maximum);
}

void buffer_clear(struct buffer *buffer)
{
    buffer->length = 0;
    buffer->failed = false;
    buffer->exhausted = false;
    if (buffer->data != NULL)
        buffer->data[0] = '\0';
}

char *buffer_reserve(struct buffer *buffer, size_t length)
{
    if (buffer->failed)
        return NULL;
    if (length > buffer->maximum - buffer->length) {
        buffer->failed = true;
        return NULL;
    }
    size_t needed = buffer->length + length + 1;
    if (needed > buffer->capacity) {
        size_t capacity = buffer->capacity > 0 ? buffer->capacity : FIRST_CAPACITY;
        while (capacity < needed)
            capacity *= 2;
        if (capacity > buffer->maximum + 1)
            capacity = buffer->maximum + 1;
        char *data = realloc(buffer->data, capacity);
        if (data == NULL) {
            buffer->failed = true;
            buffer->exhausted = true;
            return NULL;
        }
        buffer->data = data;
        buffer->capacity = capacity;
    }
    return buffer->data + buffer->length;
}

void buffer_append(struct buffer *buffer, const void *data, size_t length)
{
    char *room = buffer_reserve(buffer, length);
    if (room == NULL)
        return;
    if (length > 0)
        memcpy(room, data, length);
    buffer->length += length;
    buffer->data[buffer->length] = '\0';
}

void buffer_append_text(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}

void buffer_append_byte(struct buffer *buffer, char byte)
{
    buffer_append(buffer, &byte, 1);
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    autofree char *text = NULL;
    int length = vasprintf(&text, format, args);
    va_end(args);
    if (length < 0) {
        text = NULL;
        buffer->failed = true;
        buffer->exhausted = true;
        return;
    }
    buffer_append(buffer, text, (size_t)length);
}

char *buffer_take(struct buffer *buffer, size_t *ret_length)
{
    if (buffer->failed)
        return NULL;
    if (buffer->data == NULL)
        buffer_append(buffer, "", 0);
    if (buffer->failed)
        return NULL;
    if (ret_length != NULL)
        *ret_length = buffer->length;
    char *data = take_ptr(buffer->data);
    *buffer = buffer_make(buffer->maximum);
    return data;
}
