// SPDX-License-Identifier: Apache-2.0
#include "policies/canonical.h"

#include "base/syscall_names.h"
#include "policies/json_text.h"
#include "policies/members.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>

static int compare_names(const void *left, const void *right)
{
    return strcmp(left, right);
}

enum { ITEM_SIZE = 64 };

// A JSON array of the names, sorted. Takes no ownership.
static json_t *sorted_array(char (*names)[ITEM_SIZE], size_t count)
{
    qsort(names, count, sizeof *names, compare_names);
    json_t *array = json_array();
    for (size_t i = 0; array && i < count; i++) {
        if (json_array_append_new(array, json_string(names[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *limits_object(const struct run_limits *limits)
{
    json_t *object = json_object();
    for (unsigned i = 0; object && i < RUN_LIMIT_COUNT; i++) {
        if (json_object_set_new(object, run_limit_table[i].name,
                                json_integer((json_int_t)limits->value[i])) != 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

static json_t *lua_list(const struct policy *policy)
{
    char names[LUA_NAME_COUNT][ITEM_SIZE];
    size_t count = 0;
    for (unsigned i = 0; i < LUA_NAME_COUNT; i++)
        if (policy->lua_allowed[i])
            lua_name_text((enum lua_name)i, names[count++], ITEM_SIZE);
    return sorted_array(names, count);
}

static json_t *syscall_list(const struct policy *policy)
{
    char names[ALLOWED_SYSCALLS_MAX][ITEM_SIZE];
    size_t count = 0;
    for (uint32_t i = 0; i < policy->allowed_syscall_count; i++)
        snprintf(names[count++], ITEM_SIZE, "%s", syscall_name(policy->allowed_syscalls[i]));
    return sorted_array(names, count);
}

static json_t *layer_list(const struct policy *policy)
{
    char names[ISOLATION_LAYER_COUNT][ITEM_SIZE];
    size_t count = 0;
    for (unsigned i = 0; i < ISOLATION_LAYER_COUNT; i++)
        if (policy->required_layers & (1U << i))
            snprintf(names[count++], ITEM_SIZE, "%s", isolation_layer_name((enum isolation_layer)i));
    return sorted_array(names, count);
}

// json_pack's "o" takes each part over, and frees all of them when one is NULL.
static json_t *document_of(const struct policy *policy)
{
    return json_pack("{s:s, s:s*, s:o, s:o, s:{s:o, s:b}, s:{s:s, s:o}, s:{s:o}, s:{s:I, s:I}}", "name",
                     policy->name, "description", policy->description, "limits",
                     limits_object(&policy->limits), "ceilings", limits_object(&policy->ceilings), "lua",
                     "allow", lua_list(policy), "deterministic", (int)policy->deterministic, "seccomp",
                     "mode", policy->seccomp_mode == SECCOMP_MODE_AUDIT_CALLS ? "audit" : "enforce", "allow",
                     syscall_list(policy), "isolation", "require", layer_list(policy), "scheduling",
                     "idle_workers", (json_int_t)policy->idle_workers, "max_concurrency",
                     (json_int_t)policy->max_concurrency);
}

void policy_version_of(struct bytes text, char version[POLICY_VERSION_SIZE])
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(digest, (const unsigned char *)text.data, text.length);
    static const char prefix[] = "sha256:";
    memcpy(version, prefix, sizeof prefix - 1);
    sodium_bin2hex(version + sizeof prefix - 1, POLICY_VERSION_SIZE - (sizeof prefix - 1), digest,
                   sizeof digest);
}

bool policy_make_canonical(struct policy *policy, struct error *err)
{
    unsigned failures = json_memory_failures();
    json_t *document = document_of(policy);
    // A member that there was no memory for would make it another policy.
    char *canonical = document && json_memory_failures() == failures
                          ? json_text_of(document, JSON_SORT_KEYS | JSON_COMPACT)
                          : NULL;
    json_decref(document);
    if (!canonical)
        return error_set(err, ERROR_MEMORY, "out of memory");
    free(policy->canonical);
    policy->canonical = canonical;
    policy_version_of(bytes_of_text(canonical), policy->version);
    return true;
}
