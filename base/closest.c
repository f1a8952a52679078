// SPDX-License-Identifier: Apache-2.0
#include "base/closest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { LONGEST = 63 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

// Three rows of the usual table; see "optimal string alignment distance".
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][LONGEST + 1];
    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t change = above[j - 1] + !same(a[i - 1], b[j - 1]);
            row[j] = least(change, least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
                row[j] = least(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[a_length % 3][b_length];
}

struct closest closest_make(const char *typed, size_t length)
{
    return (struct closest){.typed = typed, .length = length};
}

void closest_offer(struct closest *closest, const char *name)
{
    size_t length = strlen(name);
    if (length > LONGEST || closest->length > LONGEST)
        return;
    size_t far = distance(closest->typed, closest->length, name, length);
    // A name left unfinished is as good as one slip.
    if (far > 1 && closest->length >= 3 && closest->length < length &&
        strncasecmp(closest->typed, name, closest->length) == 0)
        far = 1;
    if (closest->best == NULL || far < closest->distance) {
        closest->best = name;
        closest->distance = far;
    }
}

const char *closest_text(const struct closest *closest)
{
    size_t allowed = least(closest->length / 3 + (closest->length < 3), 3);
    return closest->best != NULL && closest->distance <= allowed ? closest->best : NULL;
}
