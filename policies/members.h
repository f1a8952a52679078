// SPDX-License-Identifier: Apache-2.0
// The one table of everything that a policy document may hold: where, of what type, within which bounds, and
// what it is for. The reader checks by it, the JSON Schema and docs/policies.md are held to it, and origins
// are kept by it.
#pragma once

#include "base/bytes.h"
#include "runtime/protocol/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum member_type {
    TYPE_SECTION, // an object with members of its own
    TYPE_COMMENT, // any text; has no effect
    TYPE_NAME,    // of a policy
    TYPE_LIMIT,   // a number, or a text with a unit
    TYPE_COUNT,   // a whole number
    TYPE_BOOLEAN,
    TYPE_MODE,          // of seccomp
    TYPE_LUA_NAMES,     // a list of libraries and functions
    TYPE_SYSCALL_NAMES, // a list of system calls
    TYPE_LAYER_NAMES,   // a list of isolation layers
};

enum policy_member {
    MEMBER_SCHEMA,
    MEMBER_NAME,
    MEMBER_DESCRIPTION,
    MEMBER_EXTENDS,
    MEMBER_LIMITS,
    MEMBER_LIMITS_DESCRIPTION,
    MEMBER_LIMIT_FIRST, // one row for each enum run_limit, in its order
    MEMBER_CEILINGS = MEMBER_LIMIT_FIRST + RUN_LIMIT_COUNT,
    MEMBER_CEILINGS_DESCRIPTION,
    MEMBER_CEILING_FIRST, // likewise
    MEMBER_LUA = MEMBER_CEILING_FIRST + RUN_LIMIT_COUNT,
    MEMBER_LUA_DESCRIPTION,
    MEMBER_LUA_ALLOW,
    MEMBER_LUA_DENY,
    MEMBER_LUA_DETERMINISTIC,
    MEMBER_SECCOMP,
    MEMBER_SECCOMP_DESCRIPTION,
    MEMBER_SECCOMP_MODE,
    MEMBER_SECCOMP_ALLOW,
    MEMBER_ISOLATION,
    MEMBER_ISOLATION_DESCRIPTION,
    MEMBER_ISOLATION_REQUIRE,
    MEMBER_SCHEDULING,
    MEMBER_SCHEDULING_DESCRIPTION,
    MEMBER_IDLE_WORKERS,
    MEMBER_MAX_CONCURRENCY,
    POLICY_MEMBER_COUNT,
};

enum { POLICY_TEXT_MAX = 4096, IDLE_WORKERS_MAX = 256, CONCURRENCY_MAX = 4096 };

struct policy_member_info {
    const char *pointer; // "/limits/cpu_ms"
    enum member_type type;
    bool needed;         // a document that extends nothing must have it
    uint64_t minimum;    // TYPE_COUNT; for TYPE_LIMIT see run_limit_table
    uint64_t maximum;    // TYPE_COUNT; for texts in bytes
    const char *purpose; // a sentence or two for an administrator
};

extern const struct policy_member_info policy_member_table[POLICY_MEMBER_COUNT];

// The limit that a TYPE_LIMIT row is of.
enum run_limit policy_member_limit(enum policy_member member);
// The last part of the pointer: "cpu_ms".
const char *policy_member_name(enum policy_member member);
// True if `member` is directly inside `section` (POLICY_MEMBER_COUNT: the document itself).
bool policy_member_inside(enum policy_member member, enum policy_member section);
// The member of that name directly inside `section`; false if there is none.
bool policy_member_find(enum policy_member section, struct bytes name, enum policy_member *ret_member);

// True for "[a-z][a-z0-9_-]{0,63}", the names of policies.
bool policy_name_valid(struct bytes name);
