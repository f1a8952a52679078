// SPDX-License-Identifier: Apache-2.0
#include "policies/schema.h"

#include "base/cleanup.h"
#include "policies/forbidden_syscalls.h"
#include "policies/members.h"
#include "runtime/protocol/isolation.h"
#include "runtime/protocol/lua_names.h"
#include "runtime/protocol/zygote_messages.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char name_pattern[] = "^[a-z][a-z0-9_-]{0,63}$";

static const char *unit_pattern(enum limit_unit unit)
{
    return unit == UNIT_MS ? "^[0-9]+ ?(ms|s|min|h)$" : "^[0-9]+ ?(B|KiB|MiB|GiB|TiB)$";
}

// jansson's "o" takes a value over, and a NULL one makes the whole pack fail: one check at the end is enough.
static json_t *limit_schema(enum policy_member member)
{
    const struct run_limit_info *limit = &run_limit_table[policy_member_limit(member)];
    json_int_t minimum = limit->zero_is_unlimited ? 0 : (json_int_t)limit->minimum;
    json_int_t maximum = (json_int_t)limit->maximum;
    if (limit->unit == UNIT_COUNT)
        return json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum", minimum, "maximum", maximum);
    return json_pack("{s:[{s:s, s:I, s:I}, {s:s, s:s}]}", "anyOf", "type", "integer", "minimum", minimum,
                     "maximum", maximum, "type", "string", "pattern", unit_pattern(limit->unit));
}

static json_t *list_of(json_t *items)
{
    return json_pack("{s:s, s:b, s:o}", "type", "array", "uniqueItems", 1, "items", items);
}

static bool append_text(json_t *array, const char *text)
{
    return json_array_append_new(array, json_string(text)) == 0;
}

// Libraries first, then every name in them.
static json_t *lua_names_schema(void)
{
    json_t *names = json_array();
    bool good = names != NULL;
    for (unsigned i = 0; good && i < LUA_NAME_COUNT; i++)
        if (i == 0 || strcmp(lua_name_table[i].library, lua_name_table[i - 1].library) != 0)
            good = append_text(names, lua_name_table[i].library);
    for (unsigned i = 0; good && i < LUA_NAME_COUNT; i++) {
        char text[64];
        lua_name_text((enum lua_name)i, text, sizeof text);
        good = append_text(names, text);
    }
    if (!good) {
        json_decref(names);
        return NULL;
    }
    return list_of(json_pack("{s:o}", "enum", names));
}

static json_t *syscall_names_schema(void)
{
    json_t *never = json_array();
    bool good = never != NULL;
    for (size_t i = 0; good && i < forbidden_syscall_count; i++)
        good = append_text(never, forbidden_syscall_table[i].name);
    if (!good) {
        json_decref(never);
        return NULL;
    }
    json_t *list = list_of(
        json_pack("{s:s, s:s, s:{s:o}}", "type", "string", "pattern", "^[a-z0-9_]+$", "not", "enum", never));
    if (list && json_object_set_new(list, "maxItems", json_integer(ALLOWED_SYSCALLS_MAX)) != 0) {
        json_decref(list);
        return NULL;
    }
    return list;
}

static json_t *layer_names_schema(void)
{
    json_t *names = json_array();
    bool good = names != NULL;
    for (unsigned i = 0; good && i < ISOLATION_LAYER_COUNT; i++)
        good = append_text(names, isolation_layer_name((enum isolation_layer)i));
    if (!good) {
        json_decref(names);
        return NULL;
    }
    return list_of(json_pack("{s:o}", "enum", names));
}

static json_t *section_schema(enum policy_member section);

static json_t *value_schema(enum policy_member member)
{
    const struct policy_member_info *info = &policy_member_table[member];
    switch (info->type) {
    case TYPE_SECTION:
        return section_schema(member);
    case TYPE_COMMENT:
        return json_pack("{s:s, s:I}", "type", "string", "maxLength", (json_int_t)info->maximum);
    case TYPE_NAME:
        return json_pack("{s:s, s:s}", "type", "string", "pattern", name_pattern);
    case TYPE_LIMIT:
        return limit_schema(member);
    case TYPE_COUNT:
        return json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum", (json_int_t)info->minimum,
                         "maximum", (json_int_t)info->maximum);
    case TYPE_BOOLEAN:
        return json_pack("{s:s}", "type", "boolean");
    case TYPE_MODE:
        return json_pack("{s:[s, s]}", "enum", "enforce", "audit");
    case TYPE_LUA_NAMES:
        return lua_names_schema();
    case TYPE_SYSCALL_NAMES:
        return syscall_names_schema();
    case TYPE_LAYER_NAMES:
        return layer_names_schema();
    }
    return NULL;
}

// With its purpose before everything else.
static json_t *member_schema(enum policy_member member)
{
    json_t *schema = json_pack("{s:s}", "description", policy_member_table[member].purpose);
    json_t *value = value_schema(member);
    if (!schema || !value || json_object_update(schema, value) != 0) {
        json_decref(value);
        json_decref(schema);
        return NULL;
    }
    json_decref(value);
    return schema;
}

static json_t *section_schema(enum policy_member section)
{
    json_t *properties = json_object();
    bool good = properties != NULL;
    for (unsigned i = 0; good && i < POLICY_MEMBER_COUNT; i++)
        if (policy_member_inside((enum policy_member)i, section))
            good = json_object_set_new(properties, policy_member_name((enum policy_member)i),
                                       member_schema((enum policy_member)i)) == 0;
    if (!good) {
        json_decref(properties);
        return NULL;
    }
    return json_pack("{s:s, s:b, s:o}", "type", "object", "additionalProperties", 0, "properties",
                     properties);
}

// What a section must have in a document that extends nothing: {"required": [...]}; NULL if it needs nothing.
static json_t *needs_of(enum policy_member section)
{
    json_t *names = json_array();
    for (unsigned i = 0; names && i < POLICY_MEMBER_COUNT; i++)
        if (policy_member_table[i].needed && policy_member_inside((enum policy_member)i, section))
            append_text(names, policy_member_name((enum policy_member)i));
    if (json_array_size(names) == 0) {
        json_decref(names);
        return NULL;
    }
    return json_pack("{s:o}", "required", names);
}

static json_t *complete_schema(void)
{
    json_t *sections = json_array(), *properties = json_object();
    for (unsigned i = 0; i < POLICY_MEMBER_COUNT; i++) {
        if (policy_member_table[i].type != TYPE_SECTION)
            continue;
        json_t *needs = needs_of((enum policy_member)i);
        if (!needs)
            continue;
        append_text(sections, policy_member_name((enum policy_member)i));
        json_object_set_new(properties, policy_member_name((enum policy_member)i), needs);
    }
    return json_pack("{s:o, s:o}", "required", sections, "properties", properties);
}

char *policy_schema_text(void)
{
    json_t *schema = json_pack("{s:s, s:s, s:s}", "$schema", "https://json-schema.org/draft/2020-12/schema",
                               "title", "Policy of sandboxd", "description",
                               "Limits, Lua environment, system calls, isolation and scheduling of plugins");
    json_t *body = section_schema(POLICY_MEMBER_COUNT);
    json_t *rest = json_pack("{s:[s], s:{s:{s:[s]}}, s:o}", "required", "name", "if", "not", "required",
                             "extends", "then", complete_schema());
    char *text = NULL;
    if (schema && body && rest && json_object_update(schema, body) == 0 &&
        json_object_update(schema, rest) == 0) {
        autofree char *dumped = json_dumps(schema, JSON_INDENT(2));
        if (dumped && asprintf(&text, "%s\n", dumped) < 0)
            text = NULL;
    }
    json_decref(rest);
    json_decref(body);
    json_decref(schema);
    return text;
}
