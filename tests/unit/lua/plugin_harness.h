// SPDX-License-Identifier: Apache-2.0
// Runs one plugin in a forked child, with the real image and limits but no confinement, and reads what it
// wrote.
#pragma once

#include "runtime/lua/plugin_run.h"
#include "runtime/protocol/profile.h"

enum { HARNESS_LOGS_MAX = 64, HARNESS_MODULES_MAX = 4 };

struct plugin_case {
    const char *code;
    size_t code_length;  // 0: strlen
    const char *context; // NULL: "null"
    const char *deny;    // names to leave out of the environment, separated by spaces
    struct {
        const char *name, *code;
    } modules[HARNESS_MODULES_MAX]; // besides the entry, which is called "main.lua"
    bool deterministic;
    bool count, profile, coverage;
    size_t heap_shift; // bytes of memory to use up first, so that addresses differ from other runs'
    size_t room;       // of address space above what the process has when the run begins; 0: no bound
    enum job_kind kind;
    uint64_t seed;
    uint64_t wall_ms, cpu_ms, memory_bytes, instructions, output_bytes, log_bytes, json_depth; // 0: generous
};

struct plugin_end {
    int wait_status;
    bool has_result;
    struct worker_result result; // points into `bytes`
    uint32_t log_count;
    struct log_line logs[HARNESS_LOGS_MAX];
    struct profile *profile; // NULL: none came
    struct bytes coverage;   // body of the frame; empty if none came
    char *bytes;             // all that came, for plugin_end_free
};

// Fails the test at hand if frames are malformed, or if anything follows the result.
void plugin_run(const struct plugin_case *plugin, struct plugin_end *ret_end);
void plugin_end_free(struct plugin_end *end);

// Runs `plugin` and holds it to an outcome, exit code 0; the output must be `output` unless that is NULL.
void expect_end(const struct plugin_case *plugin, enum outcome outcome, const char *output);
#define expect_output(code_, output_) \
    expect_end(&(struct plugin_case){.code = (code_)}, OUTCOME_OK, (output_))
// The same, and error.where has this line: the first frame with a line.
void expect_line(const struct plugin_case *plugin, enum outcome outcome, uint32_t line);
// Like expect_end; the message must contain `text`.
void expect_message(const struct plugin_case *plugin, enum outcome outcome, const char *text);
