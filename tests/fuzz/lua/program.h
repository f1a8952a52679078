// SPDX-License-Identifier: Apache-2.0
// One program to run: its modules and the settings to run it with, kept as one text:
//
//     -- fuzz: policy=0 seed=7 instructions=20000 memory_bytes=1048576 ...
//     return require("first")
//     -- module: first
//     return 1
//
// A file without the first line is run with ordinary settings, so any Lua file is a program.
#pragma once

#include "base/buffer.h"
#include "base/bytes.h"
#include "runtime/protocol/job_messages.h"
#include "tests/fuzz/lua/choices.h"

#include <stdbool.h>
#include <stdint.h>

enum { PROGRAM_MODULES_MAX = 4, PROGRAM_BYTES_MAX = 64 << 10, PROGRAM_CONTEXTS = 8, PROGRAM_POLICIES = 8 };

struct program_settings {
    unsigned policy; // below PROGRAM_POLICIES; who runs it knows which that is
    uint64_t seed;
    unsigned context; // below PROGRAM_CONTEXTS
    bool profile, coverage, cancel;
    struct run_limits limits;
};

void program_settings_choose(struct choices *choices, struct program_settings *ret_settings);
// Changes one of them.
void program_settings_mutate(struct choices *choices, struct program_settings *settings);
// Appends the first line.
void program_settings_write(const struct program_settings *settings, struct buffer *out);
// Reads the first line, if it is one, and gives what follows it.
struct bytes program_settings_read(struct bytes text, struct program_settings *ret_settings);

// Splits what follows the first line. The entry is "main.lua". Returns the number of modules.
unsigned program_split(struct bytes text, struct job_module modules[PROGRAM_MODULES_MAX]);
void program_join(const struct job_module *modules, unsigned count, struct buffer *out);

struct bytes program_context(unsigned index);
