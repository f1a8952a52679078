// SPDX-License-Identifier: Apache-2.0
#include "policies/diff.h"

#include "base/syscall_names.h"
#include "policies/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SIZE = 160 };

struct comparison {
    const struct policy *before; // may be NULL
    const struct policy *after;
    struct policy_changes changes;
    bool failed;
};

const char *change_effect_name(enum change_effect effect)
{
    static const char *const names[] = {
        [CHANGE_TIGHTER] = "tighter", [CHANGE_LOOSER] = "looser", [CHANGE_OTHER] = "other"};
    return names[effect];
}

const char *limit_in_words(enum run_limit limit)
{
    static const char *const words[RUN_LIMIT_COUNT] = {
        [LIMIT_WALL_MS] = "wall-clock time", [LIMIT_CPU_MS] = "CPU time",
        [LIMIT_MEMORY_BYTES] = "memory",     [LIMIT_INSTRUCTIONS] = "instructions",
        [LIMIT_OUTPUT_BYTES] = "output",     [LIMIT_LOG_BYTES] = "log",
        [LIMIT_CODE_BYTES] = "code",         [LIMIT_CONTEXT_BYTES] = "context",
        [LIMIT_JSON_DEPTH] = "JSON depth",
    };
    return words[limit];
}

void limit_value_in_words(enum run_limit limit, uint64_t value, char *text, size_t size)
{
    char figure[UNITS_TEXT_SIZE];
    if (value == 0 && run_limit_table[limit].zero_is_unlimited) {
        snprintf(text, size, "no limit");
        return;
    }
    units_format(value, run_limit_table[limit].unit, figure);
    snprintf(text, size, "%s", figure);
}

void policy_changes_free(struct policy_changes *changes)
{
    for (size_t i = 0; i < changes->count; i++) {
        free(changes->items[i].item);
        free(changes->items[i].before);
        free(changes->items[i].after);
        free(changes->items[i].words);
    }
    free(changes->items);
    *changes = (struct policy_changes){0};
}

static char *copy(struct comparison *comparison, const char *text)
{
    char *copied = text ? strdup(text) : NULL;
    comparison->failed |= text && !copied;
    return copied;
}

static void add(struct comparison *comparison, enum policy_member member, enum change_effect effect,
                const char *item, const char *before, const char *after, const char *words)
{
    struct policy_changes *changes = &comparison->changes;
    if (changes->count == changes->capacity) {
        size_t capacity = changes->capacity ? changes->capacity * 2 : 8;
        struct policy_change *items = reallocarray(changes->items, capacity, sizeof *items);
        if (!items) {
            comparison->failed = true;
            return;
        }
        changes->items = items;
        changes->capacity = capacity;
    }
    changes->items[changes->count++] = (struct policy_change){
        .member = member,
        .effect = comparison->before ? effect : CHANGE_OTHER,
        .item = copy(comparison, item),
        .before = copy(comparison, before),
        .after = copy(comparison, after),
        .words = copy(comparison, words),
    };
}

// One value: "memory 256 MiB → 64 MiB", or "memory 64 MiB" where there was nothing before.
static void add_value(struct comparison *comparison, enum policy_member member, enum change_effect effect,
                      const char *what, const char *before, const char *after)
{
    char words[3 * TEXT_SIZE + sizeof "  → "];
    if (comparison->before)
        snprintf(words, sizeof words, "%s %s → %s", what, before, after);
    else
        snprintf(words, sizeof words, "%s %s", what, after);
    add(comparison, member, effect, NULL, comparison->before ? before : NULL, after, words);
}

static void add_item(struct comparison *comparison, enum policy_member member, enum change_effect effect,
                     const char *item, bool after, const char *what)
{
    char words[TEXT_SIZE];
    snprintf(words, sizeof words, "%s %s", item, what);
    add(comparison, member, effect, item, after ? NULL : item, after ? item : NULL, words);
}

// A ceiling that nobody set follows its limit, whose change tells it already.
static bool follows_limit(const struct policy *policy, unsigned limit)
{
    return policy->ceilings.value[limit] == policy->limits.value[limit];
}

static void compare_limits(struct comparison *comparison, enum policy_member first, bool ceilings)
{
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++) {
        const struct policy *old = comparison->before, *new = comparison->after;
        uint64_t before = !old ? 0 : ceilings ? old->ceilings.value[i] : old->limits.value[i];
        uint64_t after = ceilings ? new->ceilings.value[i] : new->limits.value[i];
        if (old && before == after)
            continue;
        if (ceilings && follows_limit(new, i) && (!old || follows_limit(old, i)))
            continue;
        char before_text[TEXT_SIZE], after_text[TEXT_SIZE], what[TEXT_SIZE];
        limit_value_in_words(i, before, before_text, sizeof before_text);
        limit_value_in_words(i, after, after_text, sizeof after_text);
        snprintf(what, sizeof what, "%s%s", ceilings ? "ceiling of " : "", limit_in_words(i));
        // 0, where it is allowed, is more than any number.
        bool looser = before != 0 && (after == 0 || after > before);
        add_value(comparison, first + i, looser ? CHANGE_LOOSER : CHANGE_TIGHTER, what, before_text,
                  after_text);
    }
}

static void compare_lua(struct comparison *comparison)
{
    const struct policy *old = comparison->before, *new = comparison->after;
    for (unsigned i = 0; i < LUA_NAME_COUNT; i++) {
        bool before = old && old->lua_allowed[i], after = new->lua_allowed[i];
        char name[TEXT_SIZE / 2];
        if (before == after)
            continue;
        lua_name_text((enum lua_name)i, name, sizeof name);
        add_item(comparison, MEMBER_LUA_ALLOW, after ? CHANGE_LOOSER : CHANGE_TIGHTER, name, after,
                 after ? "is given to plugins" : "is taken away from plugins");
    }
    if (!old || old->deterministic != new->deterministic)
        add_value(comparison, MEMBER_LUA_DETERMINISTIC, CHANGE_OTHER, "deterministic",
                  old && old->deterministic ? "true" : "false", new->deterministic ? "true" : "false");
}

static const char *mode_text(const struct policy *policy)
{
    return policy && policy->seccomp_mode == SECCOMP_MODE_AUDIT_CALLS ? "audit" : "enforce";
}

static bool allows_syscall(const struct policy *policy, uint32_t number)
{
    for (uint32_t i = 0; policy && i < policy->allowed_syscall_count; i++)
        if (policy->allowed_syscalls[i] == number)
            return true;
    return false;
}

static void add_syscall(struct comparison *comparison, uint32_t number, bool after)
{
    char number_text[16];
    const char *name = syscall_name(number);
    snprintf(number_text, sizeof number_text, "%" PRIu32, number);
    add_item(comparison, MEMBER_SECCOMP_ALLOW, after ? CHANGE_LOOSER : CHANGE_TIGHTER,
             name ? name : number_text, after,
             after ? "becomes an allowed system call" : "is no longer an allowed system call");
}

static void compare_seccomp(struct comparison *comparison)
{
    const struct policy *old = comparison->before, *new = comparison->after;
    if (!old || old->seccomp_mode != new->seccomp_mode)
        add_value(comparison, MEMBER_SECCOMP_MODE,
                  new->seccomp_mode == SECCOMP_MODE_AUDIT_CALLS ? CHANGE_LOOSER : CHANGE_TIGHTER,
                  "seccomp mode", mode_text(old), mode_text(new));
    for (uint32_t i = 0; old && i < old->allowed_syscall_count; i++)
        if (!allows_syscall(new, old->allowed_syscalls[i]))
            add_syscall(comparison, old->allowed_syscalls[i], false);
    for (uint32_t i = 0; i < new->allowed_syscall_count; i++)
        if (!allows_syscall(old, new->allowed_syscalls[i]))
            add_syscall(comparison, new->allowed_syscalls[i], true);
}

static void compare_isolation(struct comparison *comparison)
{
    uint32_t before = comparison->before ? comparison->before->required_layers : 0;
    uint32_t after = comparison->after->required_layers;
    for (unsigned i = 0; i < ISOLATION_LAYER_COUNT; i++) {
        bool is = after & (1U << i);
        if ((before ^ after) & (1U << i))
            add_item(comparison, MEMBER_ISOLATION_REQUIRE, is ? CHANGE_TIGHTER : CHANGE_LOOSER,
                     isolation_layer_name((enum isolation_layer)i), is,
                     is ? "becomes a required isolation layer" : "is no longer a required isolation layer");
    }
}

static void compare_count(struct comparison *comparison, enum policy_member member, const char *what,
                          uint32_t before, uint32_t after)
{
    char before_text[16], after_text[16];
    if (comparison->before && before == after)
        return;
    snprintf(before_text, sizeof before_text, "%" PRIu32, before);
    snprintf(after_text, sizeof after_text, "%" PRIu32, after);
    add_value(comparison, member, CHANGE_OTHER, what, before_text, after_text);
}

static void compare_description(struct comparison *comparison)
{
    const char *before = comparison->before ? comparison->before->description : NULL;
    const char *after = comparison->after->description;
    if (strcmp(before ? before : "", after ? after : "") != 0)
        add(comparison, MEMBER_DESCRIPTION, CHANGE_OTHER, NULL, before, after, "the description is reworded");
}

bool policy_diff(const struct policy *before, const struct policy *after, struct policy_changes *ret_changes,
                 struct error *err)
{
    struct comparison comparison = {.before = before, .after = after};
    compare_description(&comparison);
    compare_limits(&comparison, MEMBER_LIMIT_FIRST, false);
    compare_limits(&comparison, MEMBER_CEILING_FIRST, true);
    compare_lua(&comparison);
    compare_seccomp(&comparison);
    compare_isolation(&comparison);
    compare_count(&comparison, MEMBER_IDLE_WORKERS, "idle workers", before ? before->idle_workers : 0,
                  after->idle_workers);
    compare_count(&comparison, MEMBER_MAX_CONCURRENCY, "runs at once", before ? before->max_concurrency : 0,
                  after->max_concurrency);
    if (comparison.failed) {
        policy_changes_free(&comparison.changes);
        return error_set(err, ERROR_MEMORY, "out of memory");
    }
    *ret_changes = comparison.changes;
    return true;
}
