// SPDX-License-Identifier: Apache-2.0
#include "policies/resolve.h"

#include "policies/canonical.h"
#include "policies/origins.h"
#include "policies/units.h"

#include <stdio.h>
#include <stdlib.h>

struct chain {
    const struct policy_document *documents[EXTENDS_CHAIN_MAX]; // the eldest first
    uint8_t count;
};

static const struct policy_document *find(const struct policy_document *documents, size_t count,
                                          const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(documents[i].name, name) == 0)
            return &documents[i];
    return NULL;
}

// False if the chain is not whole: a document in it is not good.
static bool follow(const struct policy_document *documents, size_t count,
                   const struct policy_document *youngest, struct chain *ret_chain)
{
    const struct policy_document *up[EXTENDS_CHAIN_MAX];
    uint8_t length = 0;
    for (const struct policy_document *at = youngest; at;
         at = at->extends[0] ? find(documents, count, at->extends) : NULL) {
        if (!at->good || length == EXTENDS_CHAIN_MAX)
            return false;
        up[length++] = at;
        if (at->extends[0] && !find(documents, count, at->extends))
            return false;
    }
    ret_chain->count = length;
    for (uint8_t i = 0; i < length; i++)
        ret_chain->documents[i] = up[length - 1 - i];
    return true;
}

struct merge {
    struct policy *policy;
    struct policy_origins *origins;
    bool ceiling_set[RUN_LIMIT_COUNT];
    const struct policy_document *document; // being merged in
    uint8_t index;                          // its index in the chain
    struct diagnostics *diagnostics;
    bool good;
};

static void fault(struct merge *merge, enum policy_member member, const char *text)
{
    struct place at = merge->document->value[member].at;
    diagnostics_add(merge->diagnostics, merge->document->file, at.line, at.column,
                    policy_member_table[member].pointer, "%s", text);
    merge->good = false;
}

static void merge_numbers(struct merge *merge)
{
    struct policy *policy = merge->policy;
    const struct member_value *value = merge->document->value;
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++) {
        if (value[MEMBER_LIMIT_FIRST + i].set)
            policy->limits.value[i] = value[MEMBER_LIMIT_FIRST + i].number;
        if (value[MEMBER_CEILING_FIRST + i].set) {
            policy->ceilings.value[i] = value[MEMBER_CEILING_FIRST + i].number;
            merge->ceiling_set[i] = true;
        }
    }
    if (value[MEMBER_LUA_DETERMINISTIC].set)
        policy->deterministic = value[MEMBER_LUA_DETERMINISTIC].number != 0;
    if (value[MEMBER_SECCOMP_MODE].set)
        policy->seccomp_mode = (enum seccomp_mode)value[MEMBER_SECCOMP_MODE].number;
    if (value[MEMBER_IDLE_WORKERS].set)
        policy->idle_workers = (uint32_t)value[MEMBER_IDLE_WORKERS].number;
    if (value[MEMBER_MAX_CONCURRENCY].set)
        policy->max_concurrency = (uint32_t)value[MEMBER_MAX_CONCURRENCY].number;
    for (unsigned i = 0; i < POLICY_MEMBER_COUNT; i++)
        if (value[i].set)
            merge->origins->member[i] = merge->index;
}

static void merge_lua(struct merge *merge)
{
    for (unsigned i = 0; i < LUA_NAME_COUNT; i++) {
        bool before = merge->policy->lua_allowed[i];
        bool after = (before || merge->document->lua_allow[i]) && !merge->document->lua_deny[i];
        if (after != before || (merge->document->lua_deny[i] && merge->origins->lua[i] == ORIGIN_NOWHERE))
            merge->origins->lua[i] = merge->index;
        merge->policy->lua_allowed[i] = after;
    }
}

static void merge_syscalls(struct merge *merge)
{
    struct policy *policy = merge->policy;
    for (uint32_t i = 0; i < merge->document->syscall_count; i++) {
        uint16_t number = merge->document->syscalls[i];
        uint32_t at = 0;
        while (at < policy->allowed_syscall_count && policy->allowed_syscalls[at] < number)
            at++;
        if (at < policy->allowed_syscall_count && policy->allowed_syscalls[at] == number)
            continue;
        if (policy->allowed_syscall_count == ALLOWED_SYSCALLS_MAX) {
            fault(merge, MEMBER_SECCOMP_ALLOW, "too many with those inherited: a policy allows at most 64");
            return;
        }
        size_t after = policy->allowed_syscall_count - at;
        memmove(&policy->allowed_syscalls[at + 1], &policy->allowed_syscalls[at],
                after * sizeof policy->allowed_syscalls[0]);
        memmove(&merge->origins->syscall[at + 1], &merge->origins->syscall[at], after);
        policy->allowed_syscalls[at] = number;
        merge->origins->syscall[at] = merge->index;
        policy->allowed_syscall_count++;
    }
}

static void merge_layers(struct merge *merge)
{
    uint32_t added = merge->document->layers & ~merge->policy->required_layers;
    for (unsigned i = 0; i < ISOLATION_LAYER_COUNT; i++)
        if (added & (1U << i))
            merge->origins->layer[i] = merge->index;
    merge->policy->required_layers |= added;
}

// 0 is no limit where it may be written at all.
static bool above(enum run_limit limit, uint64_t value, uint64_t ceiling)
{
    if (!run_limit_table[limit].zero_is_unlimited || (value && ceiling))
        return value > ceiling;
    return value == 0 && ceiling != 0;
}

// A limit above its ceiling is the fault of the document that wrote the later of the two; where both are
// inherited, their own document has been told already.
static void check_ceilings(struct merge *merge)
{
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++) {
        uint64_t limit = merge->policy->limits.value[i];
        if (!merge->ceiling_set[i]) {
            merge->policy->ceilings.value[i] = limit;
            continue;
        }
        uint64_t ceiling = merge->policy->ceilings.value[i];
        const struct member_value *value = merge->document->value;
        bool own_ceiling = value[MEMBER_CEILING_FIRST + i].set;
        if (!above(i, limit, ceiling))
            continue;
        merge->good = false;
        if (!own_ceiling && !value[MEMBER_LIMIT_FIRST + i].set)
            continue;
        const struct run_limit_info *info = &run_limit_table[i];
        char limit_text[UNITS_TEXT_SIZE], ceiling_text[UNITS_TEXT_SIZE], text[512];
        units_format(limit, info->unit, limit_text);
        units_format(ceiling, info->unit, ceiling_text);
        const char *from =
            policy_origin(merge->policy, own_ceiling ? MEMBER_LIMIT_FIRST + i : MEMBER_CEILING_FIRST + i);
        if (own_ceiling)
            snprintf(text, sizeof text,
                     "a ceiling of %s is below the limit of %s%s%s: raise it, or lower limits.%s",
                     ceiling_text, limit == 0 ? "0 (none)" : limit_text,
                     value[MEMBER_LIMIT_FIRST + i].set ? "" : " inherited from ",
                     value[MEMBER_LIMIT_FIRST + i].set ? "" : from, info->name);
        else
            snprintf(text, sizeof text,
                     "%s is above the ceiling of %s inherited from %s: lower it, or set ceilings.%s",
                     limit == 0 ? "0 (no limit)" : limit_text, ceiling_text, from, info->name);
        fault(merge, own_ceiling ? MEMBER_CEILING_FIRST + i : MEMBER_LIMIT_FIRST + i, text);
    }
}

// What is never the same twice has no place where the same bytes are promised. As above, the document that
// wrote one of the two is told.
static void check_deterministic(struct merge *merge)
{
    if (!merge->policy->deterministic || !merge->policy->lua_allowed[LUA_NAME_RANDOM_BYTES])
        return;
    merge->good = false;
    const struct member_value *value = merge->document->value;
    enum policy_member member =
        value[MEMBER_LUA_DETERMINISTIC].set ? MEMBER_LUA_DETERMINISTIC : MEMBER_LUA_ALLOW;
    if (value[member].set)
        fault(merge, member,
              "a deterministic policy cannot have random.bytes, which is never the same twice: put it into "
              "lua.deny, or set lua.deterministic to false");
}

static struct policy *new_policy(const struct policy_document *document)
{
    struct policy *policy = calloc(1, sizeof *policy);
    struct policy_origins *origins = calloc(1, sizeof *origins);
    char *description = document->description ? strdup(document->description) : NULL;
    if (!policy || !origins || (document->description && !description)) {
        free(policy);
        free(origins);
        free(description);
        return NULL;
    }
    memset(origins->member, ORIGIN_NOWHERE, sizeof origins->member);
    memset(origins->lua, ORIGIN_NOWHERE, sizeof origins->lua);
    memset(origins->syscall, ORIGIN_NOWHERE, sizeof origins->syscall);
    memset(origins->layer, ORIGIN_NOWHERE, sizeof origins->layer);
    atomic_init(&policy->references, 1);
    policy->origins = origins;
    policy->description = description;
    strcpy(policy->name, document->name);
    return policy;
}

struct policy *policy_resolve(const struct policy_document *documents, size_t count, size_t index,
                              struct diagnostics *diagnostics)
{
    struct chain chain;
    if (!follow(documents, count, &documents[index], &chain))
        return NULL;
    struct policy *policy = new_policy(&documents[index]);
    if (!policy) {
        diagnostics_exhaust(diagnostics, documents[index].file);
        return NULL;
    }
    struct merge merge = {
        .policy = policy, .origins = policy->origins, .diagnostics = diagnostics, .good = true};
    policy->origins->document_count = chain.count;
    for (uint8_t i = 0; i < chain.count; i++) {
        merge.document = chain.documents[i];
        merge.index = i;
        strcpy(policy->origins->documents[i], merge.document->name);
        merge_numbers(&merge);
        merge_lua(&merge);
        merge_syscalls(&merge);
        merge_layers(&merge);
    }
    check_ceilings(&merge);
    check_deterministic(&merge);
    if (merge.good && !policy_make_canonical(policy, NULL)) {
        diagnostics_exhaust(diagnostics, documents[index].file); // nothing else keeps it from that
        merge.good = false;
    }
    if (merge.good)
        return policy;
    policy_unref(policy);
    return NULL;
}
