// SPDX-License-Identifier: Apache-2.0
// How fast the JSON scanner goes: checks the file named as argument over and over for about half a second,
// and prints MB/s.
#include "base/clock.h"
#include "base/json_cursor.h"

#include <stdio.h>
#include <stdlib.h>

enum { TEXT_MAX = 8 << 20 };

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: scan FILE\n");
        return 2;
    }
    FILE *file = fopen(argv[1], "rb");
    char *data = malloc(TEXT_MAX);
    if (file == NULL || data == NULL) {
        perror(argv[1]);
        return 1;
    }
    struct bytes text = {.data = data, .length = fread(data, 1, TEXT_MAX, file)};
    fclose(file);
    uint64_t began = clock_monotonic_ns(), elapsed = 0, rounds = 0;
    while (elapsed < 500 * 1000 * 1000ULL) {
        struct json_fault fault;
        if (!json_check(text, 64, &fault)) {
            fprintf(stderr, "%s:%u:%u: %s\n", argv[1], fault.line, fault.column, fault.what);
            return 1;
        }
        rounds++;
        elapsed = clock_monotonic_ns() - began;
    }
    printf("%.1f\n", (double)(rounds * text.length) * 1000 / (double)elapsed);
    free(data);
    return 0;
}
