// SPDX-License-Identifier: Apache-2.0
#include "policies/members.h"

#include "base/require.h"
#include "runtime/protocol/zygote_messages.h"

#include <string.h>

#define SECTION(member_, pointer_, purpose_) \
    [member_] = {.pointer = (pointer_), .type = TYPE_SECTION, .purpose = (purpose_)}, \
    [member_##_DESCRIPTION] = {.pointer = pointer_ "/description", \
                               .type = TYPE_COMMENT, \
                               .maximum = POLICY_TEXT_MAX, \
                               .purpose = "A comment; it has no effect."}

#define LIMIT(limit_, name_, purpose_, ceiling_) \
    [MEMBER_LIMIT_FIRST + (limit_)] = {.pointer = "/limits/" name_, \
                                       .type = TYPE_LIMIT, \
                                       .needed = true, \
                                       .purpose = (purpose_)}, \
                          [MEMBER_CEILING_FIRST + (limit_)] = { \
                              .pointer = "/ceilings/" name_, .type = TYPE_LIMIT, .purpose = (ceiling_)}

const struct policy_member_info policy_member_table[POLICY_MEMBER_COUNT] = {
    [MEMBER_SCHEMA] = {.pointer = "/$schema",
                       .type = TYPE_COMMENT,
                       .maximum = POLICY_TEXT_MAX,
                       .purpose =
                           "Where an editor finds the JSON Schema of this document; it has no effect."},
    [MEMBER_NAME] = {.pointer = "/name",
                     .type = TYPE_NAME,
                     .needed = true,
                     .maximum = POLICY_NAME_MAX,
                     .purpose = "The policy's name, which is also the file's: NAME.json."},
    [MEMBER_DESCRIPTION] = {.pointer = "/description",
                            .type = TYPE_COMMENT,
                            .maximum = POLICY_TEXT_MAX,
                            .purpose = "What the policy is for, in a sentence. It is not inherited."},
    [MEMBER_EXTENDS] = {.pointer = "/extends",
                        .type = TYPE_NAME,
                        .maximum = POLICY_NAME_MAX,
                        .purpose =
                            "The policy that this one starts from: everything that is not written here is "
                            "as there. Without it, every limit and rule must be written."},
    SECTION(MEMBER_LIMITS, "/limits", "What a run may use unless it asks for something else."),
    LIMIT(LIMIT_WALL_MS, "wall_ms", "Time from the start of the run to its end.",
          "The most wall-clock time that a request may ask for."),
    LIMIT(LIMIT_CPU_MS, "cpu_ms", "CPU time of the worker, user and system.",
          "The most CPU time that a request may ask for."),
    LIMIT(LIMIT_MEMORY_BYTES, "memory_bytes",
          "Memory of the plugin's values and code; what the worker needs for itself is not counted.",
          "The most memory that a request may ask for."),
    LIMIT(LIMIT_INSTRUCTIONS, "instructions",
          "Lua instructions; 0 is no limit, and then they are not counted. Counting makes a plugin use up to "
          "twice the CPU time.",
          "The most instructions that a request may ask for; 0 lets it ask for no limit."),
    LIMIT(LIMIT_OUTPUT_BYTES, "output_bytes", "Size of the result as JSON.",
          "The most output that a request may ask for."),
    LIMIT(LIMIT_LOG_BYTES, "log_bytes",
          "Size of all log lines together, each its text and 48 bytes; what goes beyond is dropped, and the "
          "result says so.",
          "The most log bytes that a request may ask for."),
    LIMIT(LIMIT_CODE_BYTES, "code_bytes", "Size of the plugin's source, all modules together.",
          "The largest source that a request may ask for."),
    LIMIT(LIMIT_CONTEXT_BYTES, "context_bytes", "Size of the context as JSON.",
          "The largest context that a request may ask for."),
    LIMIT(LIMIT_JSON_DEPTH, "json_depth", "Nesting of context and output.",
          "The deepest nesting that a request may ask for."),
    SECTION(MEMBER_CEILINGS, "/ceilings",
            "How far a request may raise a limit. Without a ceiling it can only lower it."),
    SECTION(MEMBER_LUA, "/lua", "What a plugin sees of Lua."),
    [MEMBER_LUA_ALLOW] = {.pointer = "/lua/allow",
                          .type = TYPE_LUA_NAMES,
                          .needed = true,
                          .purpose =
                              "Libraries (\"string\") and functions (\"os.time\", \"load\") to give, added "
                              "to those inherited."},
    [MEMBER_LUA_DENY] = {.pointer = "/lua/deny",
                         .type = TYPE_LUA_NAMES,
                         .purpose =
                             "Libraries and functions to take away from what is inherited or allowed here."},
    [MEMBER_LUA_DETERMINISTIC] =
        {.pointer = "/lua/deterministic",
         .type = TYPE_BOOLEAN,
         .purpose =
             "Whether the same code, context, seed and policy must give the same bytes: the clock stands "
             "still, and random numbers start from the request's seed."},
    SECTION(MEMBER_SECCOMP, "/seccomp", "Which system calls a worker may make."),
    [MEMBER_SECCOMP_MODE] = {.pointer = "/seccomp/mode",
                             .type = TYPE_MODE,
                             .needed = true,
                             .purpose =
                                 "What a denied call does: \"enforce\" ends the run and names the call; "
                                 "\"audit\" refuses the call, counts it and goes on."},
    [MEMBER_SECCOMP_ALLOW] = {.pointer = "/seccomp/allow",
                              .type = TYPE_SYSCALL_NAMES,
                              .purpose = "System calls to allow besides the few built in, added to those "
                                         "inherited. Some can never be allowed."},
    SECTION(MEMBER_ISOLATION, "/isolation", "Which layers of isolation there have to be."),
    [MEMBER_ISOLATION_REQUIRE] =
        {.pointer = "/isolation/require",
         .type = TYPE_LAYER_NAMES,
         .needed = true,
         .purpose = "Layers without which nothing runs under this policy, added to those inherited."},
    SECTION(MEMBER_SCHEDULING, "/scheduling", "How workers are kept and shared."),
    [MEMBER_IDLE_WORKERS] = {.pointer = "/scheduling/idle_workers",
                             .type = TYPE_COUNT,
                             .needed = true,
                             .minimum = 0,
                             .maximum = IDLE_WORKERS_MAX,
                             .purpose =
                                 "Workers kept ready ahead of need. With 0 every run waits for its worker."},
    [MEMBER_MAX_CONCURRENCY] = {.pointer = "/scheduling/max_concurrency",
                                .type = TYPE_COUNT,
                                .needed = true,
                                .minimum = 1,
                                .maximum = CONCURRENCY_MAX,
                                .purpose = "Runs under this policy at once; more wait in the queue."},
};

enum run_limit policy_member_limit(enum policy_member member)
{
    require(policy_member_table[member].type == TYPE_LIMIT);
    return (enum run_limit)(member < MEMBER_CEILINGS ? member - MEMBER_LIMIT_FIRST
                                                     : member - MEMBER_CEILING_FIRST);
}

const char *policy_member_name(enum policy_member member)
{
    return strrchr(policy_member_table[member].pointer, '/') + 1;
}

bool policy_member_inside(enum policy_member member, enum policy_member section)
{
    const char *pointer = policy_member_table[member].pointer;
    const char *outer = section == POLICY_MEMBER_COUNT ? "" : policy_member_table[section].pointer;
    size_t length = strlen(outer);
    return strncmp(pointer, outer, length) == 0 && pointer[length] == '/' &&
           strchr(pointer + length + 1, '/') == NULL;
}

bool policy_member_find(enum policy_member section, struct bytes name, enum policy_member *ret_member)
{
    for (unsigned i = 0; i < POLICY_MEMBER_COUNT; i++) {
        enum policy_member member = (enum policy_member)i;
        if (policy_member_inside(member, section) && bytes_equal_text(name, policy_member_name(member))) {
            *ret_member = member;
            return true;
        }
    }
    return false;
}

bool policy_name_valid(struct bytes name)
{
    if (name.length == 0 || name.length > POLICY_NAME_MAX || name.data[0] < 'a' || name.data[0] > 'z')
        return false;
    for (size_t i = 0; i < name.length; i++) {
        char letter = name.data[i];
        bool good = (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_' ||
                    letter == '-';
        if (!good)
            return false;
    }
    return true;
}
