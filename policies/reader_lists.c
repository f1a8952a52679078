// SPDX-License-Identifier: Apache-2.0
#include "policies/reader.h"

#include "base/cleanup.h"
#include "base/closest.h"
#include "base/syscall_names.h"
#include "policies/forbidden_syscalls.h"
#include "policies/quote.h"

#include <stdio.h>

struct item {
    enum policy_member member;
    const struct node *node;
    const char *pointer; // may be NULL when memory ran out
};

static void unknown_item(struct reader *reader, const struct item *item, const char *what,
                         const struct closest *closest)
{
    char quoted[QUOTE_SIZE];
    const char *meant = closest_text(closest);
    reader_fault(reader, item->node->at, item->pointer, "%s is %s%s%s%s", quote(item->node->text, quoted),
                 what, meant ? "; did you mean \"" : "", meant ? meant : "", meant ? "\"?" : "");
}

// Names of libraries and functions that plugins of other hosts know, and why there is nothing to allow. One
// that ends in '.' stands for all that begins so.
static const struct {
    const char *name, *reason;
} never_in_lua[] = {
    {"io", "a plugin has no files"},
    {"io.", "a plugin has no files"},
    {"debug.", "it sees and changes what limits and isolation rest on; 'debug.traceback' is there"},
    {"package.", "there are no foreign modules; 'require' finds those of the plugin's own bundle"},
    {"package", "there are no foreign modules; 'require' finds those of the plugin's own bundle"},
    {"dofile", "a plugin has no files"},
    {"loadfile", "a plugin has no files"},
    {"loadstring", "Lua 5.4 has none; 'load' compiles text where a policy allows it"},
    {"setfenv", "Lua 5.4 has none"},
    {"getfenv", "Lua 5.4 has none"},
    {"unpack", "Lua 5.4 calls it 'table.unpack'"},
    {"module", "Lua 5.4 has none"},
    {"string.dump", "bytecode in any form is refused"},
    {"os.execute", "a plugin starts no programs"},
    {"os.exit", "a plugin ends by returning"},
    {"os.getenv", "a plugin does not see the host's environment"},
    {"os.remove", "a plugin has no files"},
    {"os.rename", "a plugin has no files"},
    {"os.tmpname", "a plugin has no files"},
    {"os.setlocale", "the locale is always C"},
};

static void take_lua_name(struct reader *reader, const struct item *item, bool set[LUA_NAME_COUNT])
{
    struct bytes text = item->node->text;
    if (lua_names_select(text.data, text.length, set, true) > 0)
        return;
    char quoted[QUOTE_SIZE];
    for (size_t i = 0; i < sizeof never_in_lua / sizeof *never_in_lua; i++) {
        size_t length = strlen(never_in_lua[i].name);
        bool whole = never_in_lua[i].name[length - 1] != '.';
        if (text.length < length || (whole && text.length != length) ||
            memcmp(text.data, never_in_lua[i].name, length) != 0)
            continue;
        reader_fault(reader, item->node->at, item->pointer, "%s can't be allowed: %s", quote(text, quoted),
                     never_in_lua[i].reason);
        return;
    }
    struct closest closest = closest_make(text.data, text.length);
    char names[LUA_NAME_COUNT][64];
    for (unsigned i = 0; i < LUA_NAME_COUNT; i++) {
        lua_name_text((enum lua_name)i, names[i], sizeof names[i]);
        closest_offer(&closest, names[i]);
        closest_offer(&closest, lua_name_table[i].library);
    }
    unknown_item(reader, item, "no library or function of a plugin's Lua", &closest);
}

static void add_syscall(struct reader *reader, const struct item *item, uint16_t number)
{
    struct policy_document *document = reader->document;
    for (uint32_t i = 0; i < document->syscall_count; i++)
        if (document->syscalls[i] == number)
            return;
    if (document->syscall_count == ALLOWED_SYSCALLS_MAX)
        reader_fault(reader, item->node->at, item->pointer,
                     "too many: a policy allows at most %d system calls", ALLOWED_SYSCALLS_MAX);
    else
        document->syscalls[document->syscall_count++] = number;
}

static void take_syscall_name(struct reader *reader, const struct item *item)
{
    struct bytes text = item->node->text;
    char quoted[QUOTE_SIZE];
    const struct forbidden_syscall *forbidden = forbidden_syscall_find(text);
    uint16_t number;
    if (forbidden) {
        reader_fault(reader, item->node->at, item->pointer, "%s can't be allowed by any policy: it %s",
                     quote(text, quoted), forbidden->reason);
    } else if (syscall_by_name(text.data, text.length, &number)) {
        add_syscall(reader, item, number);
    } else {
        struct closest closest = closest_make(text.data, text.length);
        for (size_t i = 0; i < syscall_names_count(); i++)
            if (!forbidden_syscall_find(bytes_of_text(syscall_names_at(i))))
                closest_offer(&closest, syscall_names_at(i));
        unknown_item(reader, item, "no system call of this architecture", &closest);
    }
}

static void take_layer_name(struct reader *reader, const struct item *item)
{
    struct bytes text = item->node->text;
    enum isolation_layer layer;
    if (isolation_layer_by_name(text.data, text.length, &layer)) {
        reader->document->layers |= 1U << layer;
        return;
    }
    struct closest closest = closest_make(text.data, text.length);
    char what[640] = "no isolation layer: expected one of ";
    size_t used = strlen(what);
    for (unsigned i = 0; i < ISOLATION_LAYER_COUNT; i++) {
        const char *name = isolation_layer_name((enum isolation_layer)i);
        closest_offer(&closest, name);
        used += (size_t)snprintf(what + used, sizeof what - used, "%s%s", i ? ", " : "", name);
    }
    unknown_item(reader, item, what, &closest);
}

static void take_item(struct reader *reader, const struct item *item)
{
    switch (item->member) {
    case MEMBER_LUA_ALLOW:
        take_lua_name(reader, item, reader->document->lua_allow);
        break;
    case MEMBER_LUA_DENY:
        take_lua_name(reader, item, reader->document->lua_deny);
        break;
    case MEMBER_SECCOMP_ALLOW:
        take_syscall_name(reader, item);
        break;
    default:
        take_layer_name(reader, item);
        break;
    }
}

static bool stands_before(const struct node *list, const struct node *item)
{
    for (const struct node *earlier = list->first; earlier != item; earlier = earlier->next)
        if (earlier->kind == NODE_STRING && bytes_equal(earlier->text, item->text))
            return true;
    return false;
}

void reader_take_list(struct reader *reader, enum policy_member member, const struct node *node)
{
    const char *pointer = policy_member_table[member].pointer;
    if (node->kind != NODE_ARRAY) {
        reader_fault(reader, node->at, pointer, "expected an array of names, not %s%s",
                     node_kind_name(node->kind), node->kind == NODE_STRING ? "; write it in [ ]" : "");
        return;
    }
    size_t index = 0;
    for (const struct node *inner = node->first; inner; inner = inner->next, index++) {
        autofree char *inner_pointer = pointer_item(pointer, index);
        struct item item = {.member = member, .node = inner, .pointer = inner_pointer};
        char quoted[QUOTE_SIZE];
        if (inner->kind != NODE_STRING)
            reader_fault(reader, inner->at, inner_pointer, "expected a name, as a string, not %s",
                         node_kind_name(inner->kind));
        else if (stands_before(node, inner))
            reader_fault(reader, inner->at, inner_pointer, "%s stands here twice",
                         quote(inner->text, quoted));
        else
            take_item(reader, &item);
    }
}
