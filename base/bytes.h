// SPDX-License-Identifier: Apache-2.0
// Borrowed bytes: a pointer and a length, owned by somebody else, not NUL-terminated.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct bytes {
    const char *data;
    size_t length;
};

static inline struct bytes bytes_of(const void *data, size_t length)
{
    return (struct bytes){.data = data, .length = length};
}

static inline struct bytes bytes_of_text(const char *text)
{
    return bytes_of(text, strlen(text));
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

static inline bool bytes_equal_text(struct bytes a, const char *text)
{
    return bytes_equal(a, bytes_of_text(text));
}
