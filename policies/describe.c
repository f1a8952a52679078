// SPDX-License-Identifier: Apache-2.0
#include "policies/describe.h"

#include "base/syscall_names.h"
#include "policies/json_text.h"
#include "policies/origins.h"

#include <stdio.h>

enum { FAULTS_SIZE_MAX = 16 << 20 };

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

// Sets object[key]; on failure drops the object, so that a chain of calls needs one check at its end.
static json_t *with(json_t *object, const char *key, json_t *value)
{
    if (!object) {
        json_decref(value);
        return NULL;
    }
    if (json_object_set_new(object, key, value) != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *lua_origins(const struct policy *policy)
{
    json_t *object = json_object();
    for (unsigned i = 0; i < LUA_NAME_COUNT; i++) {
        char name[64];
        lua_name_text((enum lua_name)i, name, sizeof name);
        if (policy->lua_allowed[i])
            object = with(object, name, text_or_null(policy_origin_at(policy, policy->origins->lua[i])));
    }
    return object;
}

// Names that some document allowed and this one or another took away again.
static json_t *lua_denials(const struct policy *policy)
{
    json_t *object = json_object();
    for (unsigned i = 0; i < LUA_NAME_COUNT; i++) {
        char name[64];
        lua_name_text((enum lua_name)i, name, sizeof name);
        if (!policy->lua_allowed[i] && policy->origins->lua[i] != ORIGIN_NOWHERE)
            object = with(object, name, text_or_null(policy_origin_at(policy, policy->origins->lua[i])));
    }
    return object;
}

static json_t *syscall_origins(const struct policy *policy)
{
    json_t *object = json_object();
    for (uint32_t i = 0; i < policy->allowed_syscall_count; i++)
        object = with(object, syscall_name(policy->allowed_syscalls[i]),
                      text_or_null(policy_origin_at(policy, policy->origins->syscall[i])));
    return object;
}

static json_t *layer_origins(const struct policy *policy)
{
    json_t *object = json_object();
    for (unsigned i = 0; i < ISOLATION_LAYER_COUNT; i++)
        if (policy->required_layers & (1U << i))
            object = with(object, isolation_layer_name((enum isolation_layer)i),
                          text_or_null(policy_origin_at(policy, policy->origins->layer[i])));
    return object;
}

json_t *policy_describe_origins(const struct policy *policy)
{
    json_t *object = json_object();
    for (unsigned i = 0; i < POLICY_MEMBER_COUNT && object; i++) {
        enum policy_member member = (enum policy_member)i;
        const char *pointer = policy_member_table[member].pointer;
        switch (policy_member_table[member].type) {
        case TYPE_SECTION:
        case TYPE_COMMENT:
        case TYPE_NAME:
            break;
        case TYPE_LUA_NAMES:
            object =
                with(object, pointer, member == MEMBER_LUA_ALLOW ? lua_origins(policy) : lua_denials(policy));
            break;
        case TYPE_SYSCALL_NAMES:
            object = with(object, pointer, syscall_origins(policy));
            break;
        case TYPE_LAYER_NAMES:
            object = with(object, pointer, layer_origins(policy));
            break;
        default:
            object = with(object, pointer, text_or_null(policy_origin(policy, member)));
        }
    }
    return object;
}

static json_t *chain_of(const struct policy *policy)
{
    json_t *array = json_array();
    // The last document is the policy itself.
    for (uint32_t i = policy->origins->document_count - 1; array && i > 0; i--) {
        if (json_array_append_new(array, json_string(policy->origins->documents[i - 1])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

json_t *policy_describe(const struct policy *policy)
{
    json_t *object = json_object();
    object = with(object, "name", json_string(policy->name));
    object = with(object, "description", text_or_null(policy->description));
    object = with(object, "version", json_string(policy->version));
    object = with(object, "extends", chain_of(policy));
    object =
        with(object, "document", json_read(bytes_of_text(policy->canonical), JSON_REJECT_DUPLICATES, NULL));
    return with(object, "origins", policy_describe_origins(policy));
}

json_t *policy_describe_changes(const struct policy_changes *changes)
{
    json_t *array = json_array();
    for (size_t i = 0; array && i < changes->count; i++) {
        const struct policy_change *change = &changes->items[i];
        json_t *object = json_object();
        object = with(object, "pointer", json_string(policy_member_table[change->member].pointer));
        object = with(object, "item", text_or_null(change->item));
        object = with(object, "before", text_or_null(change->before));
        object = with(object, "after", text_or_null(change->after));
        object = with(object, "effect", json_string(change_effect_name(change->effect)));
        object = with(object, "words", json_string(change->words));
        if (json_array_append_new(array, object) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

json_t *diagnostics_describe(const struct diagnostics *diagnostics)
{
    struct buffer text = buffer_make(FAULTS_SIZE_MAX);
    diagnostics_put(&text, diagnostics);
    json_t *array = buffer_ok(&text) ? json_read(bytes_of(text.data, text.length), 0, NULL) : NULL;
    buffer_free(&text);
    return array;
}
