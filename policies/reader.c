// SPDX-License-Identifier: Apache-2.0
#include "policies/reader.h"

#include "base/cleanup.h"
#include "base/closest.h"
#include "policies/quote.h"
#include "policies/units.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void reader_fault(struct reader *reader, struct place at, const char *pointer, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    diagnostics_add(reader->diagnostics, reader->file, at.line, at.column, pointer ? pointer : "", "%s",
                    text);
    reader->document->good = false;
}

static void wrong_type(struct reader *reader, enum policy_member member, const struct node *node,
                       const char *expected)
{
    bool is_long = node->kind == NODE_FLOAT && !memchr(node->text.data, '.', node->text.length) &&
                   !memchr(node->text.data, 'e', node->text.length) &&
                   !memchr(node->text.data, 'E', node->text.length);
    if (is_long) {
        char quoted[QUOTE_SIZE];
        reader_fault(reader, node->at, policy_member_table[member].pointer, "%s is too large: expected %s",
                     quote(node->text, quoted), expected);
        return;
    }
    reader_fault(reader, node->at, policy_member_table[member].pointer, "expected %s, not %s", expected,
                 node_kind_name(node->kind));
}

static void take_comment(struct reader *reader, enum policy_member member, const struct node *node)
{
    const struct policy_member_info *info = &policy_member_table[member];
    if (node->kind != NODE_STRING) {
        wrong_type(reader, member, node, "a string");
    } else if (node->text.length > info->maximum) {
        reader_fault(reader, node->at, info->pointer, "%zu bytes is too long: at most %" PRIu64,
                     node->text.length, info->maximum);
    } else if (memchr(node->text.data, '\0', node->text.length)) {
        reader_fault(reader, node->at, info->pointer, "must not hold \\u0000");
    } else if (member == MEMBER_DESCRIPTION) {
        reader->document->description = strndup(node->text.data, node->text.length);
        if (!reader->document->description) {
            diagnostics_exhaust(reader->diagnostics, reader->file);
            reader->document->good = false;
        }
    }
}

static void take_name(struct reader *reader, enum policy_member member, const struct node *node)
{
    struct policy_document *document = reader->document;
    const char *pointer = policy_member_table[member].pointer;
    char quoted[QUOTE_SIZE];
    if (node->kind != NODE_STRING) {
        wrong_type(reader, member, node, "the name of a policy, as a string");
        return;
    }
    if (!policy_name_valid(node->text)) {
        reader_fault(reader, node->at, pointer,
                     "%s is no name of a policy: expected a lower-case letter, then up to 63 lower-case "
                     "letters, digits, '_' or '-'",
                     quote(node->text, quoted));
        return;
    }
    char *to = member == MEMBER_NAME ? document->name : document->extends;
    memcpy(to, node->text.data, node->text.length);
    to[node->text.length] = '\0';
}

static const struct {
    const char *name;
    enum seccomp_mode mode;
} modes[] = {{"enforce", SECCOMP_MODE_ENFORCE_CALLS}, {"audit", SECCOMP_MODE_AUDIT_CALLS}};

static bool read_mode(struct reader *reader, enum policy_member member, const struct node *node,
                      uint64_t *ret_number)
{
    if (node->kind != NODE_STRING) {
        wrong_type(reader, member, node, "\"enforce\" or \"audit\"");
        return false;
    }
    struct closest closest = closest_make(node->text.data, node->text.length);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        closest_offer(&closest, modes[i].name);
        if (bytes_equal_text(node->text, modes[i].name)) {
            *ret_number = modes[i].mode;
            return true;
        }
    }
    char quoted[QUOTE_SIZE];
    const char *meant = closest_text(&closest);
    reader_fault(reader, node->at, policy_member_table[member].pointer,
                 "%s is no mode: expected \"enforce\" or \"audit\"%s%s%s", quote(node->text, quoted),
                 meant ? "; did you mean \"" : "", meant ? meant : "", meant ? "\"?" : "");
    return false;
}

static bool limit_in_bounds(struct reader *reader, enum policy_member member, const struct node *node,
                            uint64_t value)
{
    const struct run_limit_info *limit = &run_limit_table[policy_member_limit(member)];
    if ((value >= limit->minimum && value <= limit->maximum) || (value == 0 && limit->zero_is_unlimited))
        return true;
    char written[UNITS_TEXT_SIZE], least[UNITS_TEXT_SIZE], most[UNITS_TEXT_SIZE];
    units_format(value, limit->unit, written);
    units_format(limit->minimum, limit->unit, least);
    units_format(limit->maximum, limit->unit, most);
    reader_fault(reader, node->at, policy_member_table[member].pointer, "%s is too %s: expected %s to %s%s",
                 written, value < limit->minimum ? "small" : "large", least, most,
                 limit->zero_is_unlimited ? ", or 0 for no limit" : "");
    return false;
}

static bool read_limit(struct reader *reader, enum policy_member member, const struct node *node,
                       uint64_t *ret_number)
{
    const char *pointer = policy_member_table[member].pointer;
    enum limit_unit unit = run_limit_table[policy_member_limit(member)].unit;
    const char *expected = unit == UNIT_COUNT ? "a whole number"
                           : unit == UNIT_MS  ? "a whole number of milliseconds or a string such as \"10s\""
                                              : "a whole number of bytes or a string such as \"256MiB\"";
    char quoted[QUOTE_SIZE];
    uint64_t value;
    struct error err;
    if (node->kind == NODE_STRING) {
        if (!units_parse(node->text, unit, &value, &err)) {
            reader_fault(reader, node->at, pointer, "%s: %s", quote(node->text, quoted), err.text);
            return false;
        }
    } else if (node->kind != NODE_INTEGER) {
        wrong_type(reader, member, node, expected);
        return false;
    } else if (node->integer < 0) {
        reader_fault(reader, node->at, pointer, "%" PRId64 " is negative: expected %s", node->integer,
                     expected);
        return false;
    } else {
        value = (uint64_t)node->integer;
    }
    if (!limit_in_bounds(reader, member, node, value))
        return false;
    *ret_number = value;
    return true;
}

static bool read_count(struct reader *reader, enum policy_member member, const struct node *node,
                       uint64_t *ret_number)
{
    const struct policy_member_info *info = &policy_member_table[member];
    if (node->kind != NODE_INTEGER) {
        wrong_type(reader, member, node, "a whole number");
        return false;
    }
    if (node->integer < 0 || (uint64_t)node->integer < info->minimum ||
        (uint64_t)node->integer > info->maximum) {
        reader_fault(reader, node->at, info->pointer,
                     "%" PRId64 " is out of range: expected %" PRIu64 " to %" PRIu64, node->integer,
                     info->minimum, info->maximum);
        return false;
    }
    *ret_number = (uint64_t)node->integer;
    return true;
}

static bool read_boolean(struct reader *reader, enum policy_member member, const struct node *node,
                         uint64_t *ret_number)
{
    if (node->kind != NODE_BOOLEAN) {
        wrong_type(reader, member, node, "true or false");
        return false;
    }
    *ret_number = node->boolean;
    return true;
}

static void take_scalar(struct reader *reader, enum policy_member member, const struct node *node,
                        bool (*read)(struct reader *, enum policy_member, const struct node *, uint64_t *))
{
    uint64_t number;
    if (read(reader, member, node, &number))
        reader->document->value[member].number = number;
}

static void take_section(struct reader *reader, enum policy_member section, const struct node *node);

static void take_member(struct reader *reader, enum policy_member member, const struct node *node)
{
    // Marked as written even when at fault, so that it is not called missing too.
    reader->document->value[member] = (struct member_value){.set = true, .at = node->at};
    switch (policy_member_table[member].type) {
    case TYPE_SECTION:
        take_section(reader, member, node);
        break;
    case TYPE_COMMENT:
        take_comment(reader, member, node);
        break;
    case TYPE_NAME:
        take_name(reader, member, node);
        break;
    case TYPE_LIMIT:
        take_scalar(reader, member, node, read_limit);
        break;
    case TYPE_COUNT:
        take_scalar(reader, member, node, read_count);
        break;
    case TYPE_BOOLEAN:
        take_scalar(reader, member, node, read_boolean);
        break;
    case TYPE_MODE:
        take_scalar(reader, member, node, read_mode);
        break;
    case TYPE_LUA_NAMES:
    case TYPE_SYSCALL_NAMES:
    case TYPE_LAYER_NAMES:
        reader_take_list(reader, member, node);
        break;
    }
}

// A name that is right, but somewhere else: "cpu_ms" outside of "limits".
static const char *section_of(struct bytes name)
{
    for (unsigned i = 0; i < POLICY_MEMBER_COUNT; i++) {
        enum policy_member section = (enum policy_member)i;
        enum policy_member found;
        if (policy_member_table[section].type == TYPE_SECTION && policy_member_find(section, name, &found))
            return policy_member_name(section);
    }
    return NULL;
}

static void unknown_member(struct reader *reader, enum policy_member section, const struct node *node)
{
    const char *outer = section == POLICY_MEMBER_COUNT ? "" : policy_member_table[section].pointer;
    autofree char *pointer = pointer_member(outer, node->name);
    struct closest closest = closest_make(node->name.data, node->name.length);
    char known[512] = "", quoted[QUOTE_SIZE], hint[160] = "";
    size_t used = 0;
    for (unsigned i = 0; i < POLICY_MEMBER_COUNT; i++) {
        enum policy_member member = (enum policy_member)i;
        if (!policy_member_inside(member, section))
            continue;
        closest_offer(&closest, policy_member_name(member));
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "",
                                 policy_member_name(member));
    }
    enum policy_member elsewhere;
    if (closest_text(&closest))
        snprintf(hint, sizeof hint, "; did you mean \"%s\"?", closest_text(&closest));
    else if (section_of(node->name))
        snprintf(hint, sizeof hint, "; it belongs in \"%s\"", section_of(node->name));
    else if (policy_member_find(POLICY_MEMBER_COUNT, node->name, &elsewhere))
        snprintf(hint, sizeof hint, "; it belongs at the top of the document");
    reader_fault(reader, node->name_at, pointer, "unknown member %s: expected one of %s%s",
                 quote(node->name, quoted), known, hint);
}

static void take_section(struct reader *reader, enum policy_member section, const struct node *node)
{
    if (node->kind != NODE_OBJECT) {
        reader_fault(reader, node->at,
                     section == POLICY_MEMBER_COUNT ? "" : policy_member_table[section].pointer,
                     "expected an object, not %s", node_kind_name(node->kind));
        return;
    }
    for (const struct node *inner = node->first; inner; inner = inner->next) {
        enum policy_member member;
        if (policy_member_find(section, inner->name, &member))
            take_member(reader, member, inner);
        else
            unknown_member(reader, section, inner);
    }
}

static struct place place_of_section(const struct policy_document *document, enum policy_member member)
{
    for (unsigned i = 0; i < POLICY_MEMBER_COUNT; i++)
        if (policy_member_inside(member, (enum policy_member)i) && document->value[i].set)
            return document->value[i].at;
    return document->begins_at;
}

static void check_complete(struct reader *reader)
{
    struct policy_document *document = reader->document;
    const struct member_value *name = &document->value[MEMBER_NAME];
    if (!name->set)
        reader_fault(reader, document->begins_at, "/name", "missing: every policy has a name");
    if (document->value[MEMBER_EXTENDS].set)
        return;
    for (unsigned i = 0; i < POLICY_MEMBER_COUNT; i++) {
        enum policy_member member = (enum policy_member)i;
        if (policy_member_table[member].needed && !document->value[member].set && member != MEMBER_NAME)
            reader_fault(reader, place_of_section(document, member), policy_member_table[member].pointer,
                         "missing: a policy that extends nothing must say everything; or add \"extends\": "
                         "\"base\"");
    }
}

static void check_name(struct reader *reader, const char *expected)
{
    struct policy_document *document = reader->document;
    const struct member_value *name = &document->value[MEMBER_NAME];
    document->name_known = document->name[0] != '\0';
    if (expected && document->name_known && strcmp(document->name, expected) != 0)
        reader_fault(reader, name->at, "/name", "\"%s\" must be \"%s\", as the document is named",
                     document->name, expected);
}

bool policy_document_read(const char *file, struct bytes text, const char *name,
                          struct diagnostics *diagnostics, struct policy_document *ret_document)
{
    *ret_document = (struct policy_document){.file = strdup(file), .good = true};
    struct reader reader = {.file = file, .diagnostics = diagnostics, .document = ret_document};
    struct document_tree tree = {0};
    size_t faults = diagnostics->told;
    if (!ret_document->file || !document_tree_parse(file, text, diagnostics, &tree)) {
        ret_document->good = false;
        if (!diagnostics_any(diagnostics))
            diagnostics_exhaust(diagnostics, file);
        return false;
    }
    ret_document->begins_at = tree.root->at;
    take_section(&reader, POLICY_MEMBER_COUNT, tree.root);
    if (tree.root->kind == NODE_OBJECT) {
        check_complete(&reader);
        check_name(&reader, name);
    }
    document_tree_free(&tree);
    // A name that stood twice is a fault that the tree found.
    if (diagnostics->told != faults)
        ret_document->good = false;
    return ret_document->good;
}

void policy_document_free(struct policy_document *document)
{
    free(document->file);
    free(document->description);
    *document = (struct policy_document){0};
}
