// SPDX-License-Identifier: Apache-2.0
// The frame of a test file over the zygote double: each test gets an engine of its own, and afterwards no
// descriptor and no child may be left. Include once, in the file with main.
#pragma once

#include "tests/support/cmocka_all.h"
#include "tests/support/engine_fixture.h"

#include <stdio.h>

// Where the double is: argv[1].
static const char *zygote_path;

#define ENGINE_TESTS_MAIN(...) \
    int main(int argc, char **argv) \
    { \
        if (argc != 2) { \
            fprintf(stderr, "usage: %s ZYGOTE\n", argv[0]); \
            return 2; \
        } \
        zygote_path = argv[1]; \
        const struct CMUnitTest tests[] = {__VA_ARGS__}; \
        return cmocka_run_group_tests(tests, NULL, NULL); \
    }
