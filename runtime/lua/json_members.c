// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/json_members.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 };

void json_members_free(struct json_members *members)
{
    free(members->rows);
    free(members->scratch);
    *members = (struct json_members){0};
}

bool json_members_add(struct json_members *members, struct json_member member)
{
    if (members->count == members->capacity) {
        size_t capacity = members->capacity > 0 ? members->capacity * 2 : FIRST_CAPACITY;
        struct json_member *rows = realloc(members->rows, capacity * sizeof *rows);
        if (rows == NULL)
            return false;
        members->rows = rows;
        members->capacity = capacity;
    }
    members->rows[members->count++] = member;
    return true;
}

// The next byte of a name as it was before escaping; only the short escapes and \u00XX are ever written.
static uint8_t next_byte(const char **at)
{
    static const uint8_t short_escapes[128] = {
        ['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t'};
    if (**at != '\\')
        return (uint8_t) * (*at)++;
    char letter = (*at)[1];
    if (letter == 'u') {
        char low = (*at)[5];
        int digit = low <= '9' ? low - '0' : low - 'a' + 10;
        uint8_t byte = (uint8_t)(((*at)[4] - '0') * 16 + digit);
        *at += 6;
        return byte;
    }
    *at += 2;
    return short_escapes[(uint8_t)letter] != 0 ? short_escapes[(uint8_t)letter] : (uint8_t)letter;
}

// Order of two names by their bytes, as they were before escaping.
static int compare(const char *text, const struct json_member *a, const struct json_member *b)
{
    const char *a_at = text + a->begin + 1;
    const char *b_at = text + b->begin + 1;
    size_t a_length = a->name_end - a->begin - 2;
    size_t b_length = b->name_end - b->begin - 2;
    size_t common = a_length < b_length ? a_length : b_length;
    if (memchr(a_at, '\\', a_length) == NULL && memchr(b_at, '\\', b_length) == NULL) {
        int order = memcmp(a_at, b_at, common);
        return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
    }
    const char *a_end = a_at + a_length;
    const char *b_end = b_at + b_length;
    while (a_at < a_end && b_at < b_end) {
        uint8_t a_byte = next_byte(&a_at);
        uint8_t b_byte = next_byte(&b_at);
        if (a_byte != b_byte)
            return a_byte < b_byte ? -1 : 1;
    }
    return (a_at < a_end) - (b_at < b_end);
}

static void sift_down(struct json_member *rows, size_t root, size_t count, const char *text)
{
    struct json_member moved = rows[root];
    size_t child;
    while ((child = 2 * root + 1) < count) {
        if (child + 1 < count && compare(text, &rows[child], &rows[child + 1]) < 0)
            child++;
        if (compare(text, &moved, &rows[child]) >= 0)
            break;
        rows[root] = rows[child];
        root = child;
    }
    rows[root] = moved;
}

// Heapsort: no recursion, no memory, no bad case. Not qsort: glibc's asks the kernel how much memory the
// machine has, which a confined worker may not.
static void sort_rows(struct json_member *rows, size_t count, const char *text)
{
    for (size_t root = count / 2; root > 0; root--)
        sift_down(rows, root - 1, count, text);
    for (size_t end = count; end > 1; end--) {
        struct json_member largest = rows[0];
        rows[0] = rows[end - 1];
        rows[end - 1] = largest;
        sift_down(rows, 0, end - 1, text);
    }
}

static bool is_sorted(const struct json_member *rows, size_t count, const char *text)
{
    for (size_t i = 1; i < count; i++)
        if (compare(text, &rows[i - 1], &rows[i]) > 0)
            return false;
    return true;
}

bool json_members_sort(struct json_members *members, size_t first, char *text)
{
    size_t count = members->count - first;
    members->count = first;
    if (count < 2) // there may be no array of rows at all
        return true;
    struct json_member *rows = members->rows + first;
    if (is_sorted(rows, count, text))
        return true;
    size_t begin = rows[0].begin;
    size_t size = rows[count - 1].end - begin;
    if (size > members->scratch_size) {
        char *scratch = realloc(members->scratch, size);
        if (scratch == NULL)
            return false;
        members->scratch = scratch;
        members->scratch_size = size;
    }
    sort_rows(rows, count, text);
    memcpy(members->scratch, text + begin, size);
    char *to = text + begin;
    for (size_t i = 0; i < count; i++) {
        size_t length = rows[i].end - rows[i].begin;
        if (i > 0)
            *to++ = ',';
        memcpy(to, members->scratch + (rows[i].begin - begin), length);
        to += length;
    }
    return true;
}
