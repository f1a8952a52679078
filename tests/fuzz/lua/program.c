// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/lua/program.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char settings_mark[] = "-- fuzz:";
static const char module_mark[] = "\n-- module: ";

static const char *const contexts[PROGRAM_CONTEXTS] = {
    "null",
    "{}",
    "{\"a\":2,\"b\":3}",
    "[1,2.5,-0.0,1e308,9007199254740993,null,true,\"x\"]",
    "{\"a\":{\"b\":{\"c\":[{},[],\"\"]}},\"__index\":{\"x\":1},\"\":null}",
    "\"\\u0000\\ud83d\\ude00\\n\"",
    "[[[[[[[[1]]]]]]]]",
    "{\"a\":[3,1,2],\"name\":\"plugin\",\"message\":\"m\",\"n\":-1}",
};

// The values that limits take; the likelier ones stand more than once.
static const struct {
    enum run_limit limit;
    uint64_t values[8];
} choices_of_limits[] = {
    {LIMIT_WALL_MS, {2000, 2000, 2000, 2000, 2000, 1000, 100, 20}},
    {LIMIT_CPU_MS, {20, 20, 20, 10, 10, 5, 5, 50}},
    {LIMIT_MEMORY_BYTES, {1 << 20, 1 << 20, 2 << 20, 4 << 20, 4 << 20, 16 << 20, 3000000, 64 << 20}},
    {LIMIT_INSTRUCTIONS, {20000, 20000, 20000, 5000, 1000, 100000, 300000, 0}},
    {LIMIT_OUTPUT_BYTES, {65536, 65536, 65536, 4096, 1000, 100, 3, 1}},
    {LIMIT_LOG_BYTES, {65536, 65536, 4096, 1000, 100, 49, 48, 0}},
    {LIMIT_JSON_DEPTH, {64, 64, 64, 32, 16, 4, 2, 1}},
};

enum { LIMIT_ROWS = sizeof choices_of_limits / sizeof *choices_of_limits };

static void choose_limit(struct choices *choices, unsigned row, struct run_limits *limits)
{
    limits->value[choices_of_limits[row].limit] = choices_of_limits[row].values[choose(choices, 8)];
}

static void ordinary(struct program_settings *settings)
{
    *settings = (struct program_settings){.seed = 1};
    for (unsigned i = 0; i < LIMIT_ROWS; i++)
        settings->limits.value[choices_of_limits[i].limit] = choices_of_limits[i].values[0];
    settings->limits.value[LIMIT_CODE_BYTES] = PROGRAM_BYTES_MAX;
    settings->limits.value[LIMIT_CONTEXT_BYTES] = 4096;
}

void program_settings_choose(struct choices *choices, struct program_settings *ret_settings)
{
    ordinary(ret_settings);
    ret_settings->policy = choose(choices, PROGRAM_POLICIES);
    ret_settings->seed = choose(choices, 1000);
    ret_settings->context = choose(choices, PROGRAM_CONTEXTS);
    ret_settings->profile = one_in(choices, 16);
    ret_settings->coverage = one_in(choices, 16);
    ret_settings->cancel = one_in(choices, 64);
    for (unsigned i = 0; i < LIMIT_ROWS; i++)
        if (one_in(choices, 2))
            choose_limit(choices, i, &ret_settings->limits);
}

void program_settings_mutate(struct choices *choices, struct program_settings *settings)
{
    struct program_settings fresh;
    program_settings_choose(choices, &fresh);
    switch (choose(choices, 4)) {
    case 0:
        settings->context = fresh.context;
        break;
    case 1:
        settings->policy = fresh.policy;
        settings->profile = fresh.profile;
        settings->coverage = fresh.coverage;
        break;
    default:
        choose_limit(choices, choose(choices, LIMIT_ROWS), &settings->limits);
        break;
    }
}

void program_settings_write(const struct program_settings *settings, struct buffer *out)
{
    buffer_printf(out, "%s policy=%u seed=%" PRIu64 " context=%u profile=%d coverage=%d cancel=%d",
                  settings_mark, settings->policy, settings->seed, settings->context, settings->profile,
                  settings->coverage, settings->cancel);
    for (unsigned i = 0; i < LIMIT_ROWS; i++) {
        enum run_limit limit = choices_of_limits[i].limit;
        buffer_printf(out, " %s=%" PRIu64, run_limit_table[limit].name, settings->limits.value[limit]);
    }
    buffer_append_byte(out, '\n');
}

static void read_setting(struct program_settings *settings, struct bytes name, uint64_t value)
{
    enum run_limit limit;
    if (bytes_equal_text(name, "policy"))
        settings->policy = (unsigned)(value % PROGRAM_POLICIES);
    else if (bytes_equal_text(name, "seed"))
        settings->seed = value;
    else if (bytes_equal_text(name, "context"))
        settings->context = (unsigned)(value % PROGRAM_CONTEXTS);
    else if (bytes_equal_text(name, "profile"))
        settings->profile = value != 0;
    else if (bytes_equal_text(name, "coverage"))
        settings->coverage = value != 0;
    else if (bytes_equal_text(name, "cancel"))
        settings->cancel = value != 0;
    else if (run_limit_by_name(name.data, name.length, &limit))
        settings->limits.value[limit] = value;
}

struct bytes program_settings_read(struct bytes text, struct program_settings *ret_settings)
{
    ordinary(ret_settings);
    size_t mark = strlen(settings_mark);
    if (text.length < mark || memcmp(text.data, settings_mark, mark) != 0)
        return text;
    const char *newline = memchr(text.data, '\n', text.length);
    size_t end = newline != NULL ? (size_t)(newline - text.data) : text.length;
    for (size_t at = mark; at < end;) {
        size_t name = at, digits;
        while (at < end && text.data[at] != '=')
            at++;
        while (name < at && text.data[name] == ' ')
            name++;
        uint64_t value = 0;
        for (digits = at + 1; digits < end && text.data[digits] >= '0' && text.data[digits] <= '9'; digits++)
            value = value * 10 + (uint64_t)(text.data[digits] - '0');
        read_setting(ret_settings, bytes_of(text.data + name, at - name), value);
        at = digits;
    }
    if (!run_limits_valid(&ret_settings->limits))
        ordinary(ret_settings);
    size_t used = newline != NULL ? end + 1 : end;
    return bytes_of(text.data + used, text.length - used);
}

unsigned program_split(struct bytes text, struct job_module modules[PROGRAM_MODULES_MAX])
{
    unsigned count = 1;
    modules[0] = (struct job_module){.name = bytes_of_text("main.lua"), .code = text};
    while (count < PROGRAM_MODULES_MAX) {
        struct bytes *code = &modules[count - 1].code;
        const char *mark = memmem(code->data, code->length, module_mark, strlen(module_mark));
        if (mark == NULL)
            break;
        const char *name = mark + strlen(module_mark), *end = code->data + code->length;
        const char *newline = memchr(name, '\n', (size_t)(end - name));
        size_t length = newline != NULL ? (size_t)(newline - name) : 0;
        if (length == 0 || length > MODULE_NAME_MAX)
            break;
        code->length = (size_t)(mark + 1 - code->data);
        modules[count].name = bytes_of(name, length);
        modules[count++].code = bytes_of(newline + 1, (size_t)(end - newline - 1));
    }
    return count;
}

void program_join(const struct job_module *modules, unsigned count, struct buffer *out)
{
    for (unsigned i = 0; i < count; i++) {
        if (i > 0) {
            buffer_append_text(out, module_mark + (out->length > 0 && out->data[out->length - 1] == '\n'));
            buffer_append(out, modules[i].name.data, modules[i].name.length);
            buffer_append_byte(out, '\n');
        }
        buffer_append(out, modules[i].code.data, modules[i].code.length);
    }
}

struct bytes program_context(unsigned index)
{
    return bytes_of_text(contexts[index]);
}
