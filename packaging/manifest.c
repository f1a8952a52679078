// SPDX-License-Identifier: Apache-2.0
#include "packaging/manifest.h"

#include "base/cleanup.h"
#include "base/closest.h"
#include "base/hidden_text.h"
#include "policies/quote.h"
#include "policies/units.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct manifest_reader {
    const char *file;
    struct diagnostics *diagnostics;
    struct manifest *manifest;
};

static void fault(struct manifest_reader *reader, const struct node *at, const char *pointer,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));
static void fault(struct manifest_reader *reader, const struct node *at, const char *pointer,
                  const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    diagnostics_add(reader->diagnostics, reader->file, at->at.line, at->at.column, pointer, "%s", text);
}

bool plugin_name_part_valid(struct bytes name, size_t maximum)
{
    if (name.length == 0 || name.length > maximum || name.data[0] < 'a' || name.data[0] > 'z')
        return false;
    for (size_t i = 1; i < name.length; i++) {
        char letter = name.data[i];
        if (!((letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '-' ||
              letter == '_'))
            return false;
    }
    return true;
}

bool plugin_full_name_split(struct bytes full, struct bytes *ret_namespace, struct bytes *ret_name)
{
    const char *slash = full.length > 0 ? memchr(full.data, '/', full.length) : NULL;
    if (!slash)
        return false;
    struct bytes space = bytes_of(full.data, (size_t)(slash - full.data));
    struct bytes name = bytes_of(slash + 1, full.length - space.length - 1);
    if (!plugin_name_part_valid(space, NAMESPACE_MAX) || !plugin_name_part_valid(name, PLUGIN_NAME_MAX))
        return false;
    *ret_namespace = space;
    *ret_name = name;
    return true;
}

// As a string of its own; the caller frees it.
static char *text_of(struct bytes text)
{
    char *copy = malloc(text.length + 1);
    if (!copy)
        return NULL;
    if (text.length > 0)
        memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    return copy;
}

// A text of at most MANIFEST_TEXT_MAX bytes without NULs. NULL: the fault is told.
static char *copy_text(struct manifest_reader *reader, const struct node *value, const char *pointer)
{
    if (value->kind != NODE_STRING || value->text.length > MANIFEST_TEXT_MAX ||
        (value->text.length > 0 && memchr(value->text.data, 0, value->text.length))) {
        fault(reader, value, pointer, "expected a text of at most %d bytes", MANIFEST_TEXT_MAX);
        return NULL;
    }
    char *copy = text_of(value->text);
    if (!copy)
        diagnostics_exhaust(reader->diagnostics, reader->file);
    return copy;
}

static void take_text(struct manifest_reader *reader, const struct node *value, const char *pointer,
                      size_t offset)
{
    *(char **)((char *)reader->manifest + offset) = copy_text(reader, value, pointer);
}

static void take_name(struct manifest_reader *reader, const struct node *value, const char *pointer,
                      size_t offset)
{
    struct bytes space, name, text = value->kind == NODE_STRING ? value->text : bytes_of_text("");
    if (!plugin_name_part_valid(text, PLUGIN_NAME_MAX) && !plugin_full_name_split(text, &space, &name))
        fault(reader, value, pointer,
              "expected a name such as \"slugify\" or \"acme/slugify\": lower-case letters, digits, '_' and "
              "'-', a letter first, at most %d bytes before the '/' and %d after it",
              NAMESPACE_MAX, PLUGIN_NAME_MAX);
    else
        take_text(reader, value, pointer, offset);
}

static void take_version(struct manifest_reader *reader, const struct node *value, const char *pointer,
                         size_t offset)
{
    struct semver version;
    struct error err;
    struct bytes text = value->kind == NODE_STRING ? value->text : bytes_of_text("");
    if (!semver_parse(text, &version, &err))
        fault(reader, value, pointer, "%s", err.text);
    else
        take_text(reader, value, pointer, offset);
}

// As `require` and error messages show it.
static bool module_name_valid(struct bytes name)
{
    if (name.length == 0 || name.length > MODULE_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.length; i++)
        if ((unsigned char)name.data[i] < ' ' || name.data[i] == 127)
            return false;
    return true;
}

static void take_entry(struct manifest_reader *reader, const struct node *value, const char *pointer,
                       size_t offset)
{
    if (value->kind != NODE_STRING || !module_name_valid(value->text))
        fault(reader, value, pointer, "expected the name of a module");
    else
        take_text(reader, value, pointer, offset);
}

static bool path_stays_inside(struct bytes path)
{
    if (path.length == 0 || path.data[0] == '/')
        return false;
    for (size_t begin = 0, end; begin <= path.length; begin = end + 1) {
        for (end = begin; end < path.length && path.data[end] != '/';)
            end++;
        if (end - begin == 2 && memcmp(path.data + begin, "..", 2) == 0)
            return false;
    }
    return true;
}

static void take_module(struct manifest_reader *reader, const struct node *value, const char *pointer)
{
    struct manifest *manifest = reader->manifest;
    if (!module_name_valid(value->name)) {
        fault(reader, value, pointer, "expected a module's name of 1 to %d bytes", MODULE_NAME_MAX);
    } else if (value->kind != NODE_STRING || !path_stays_inside(value->text) ||
               value->text.length > MODULE_NAME_MAX || !module_name_valid(value->text)) {
        fault(reader, value, pointer, "expected a file inside the plugin's folder, such as \"main.lua\"");
    } else if (manifest->module_count == MODULES_MAX) {
        fault(reader, value, pointer, "more than %d modules", MODULES_MAX);
    } else {
        struct manifest_module *module = &manifest->modules[manifest->module_count++];
        module->name = text_of(value->name);
        module->file = text_of(value->text);
        if (!module->name || !module->file)
            diagnostics_exhaust(reader->diagnostics, reader->file);
    }
}

static void take_modules(struct manifest_reader *reader, const struct node *value, const char *pointer,
                         size_t offset)
{
    (void)offset;
    if (value->kind != NODE_OBJECT || !value->first)
        fault(reader, value, pointer, "expected an object such as {\"main\": \"main.lua\"}");
    for (const struct node *each = value->kind == NODE_OBJECT ? value->first : NULL; each;
         each = each->next) {
        autofree char *inner = pointer_member(pointer, each->name);
        take_module(reader, each, inner ? inner : pointer);
    }
}

static void take_limit(struct manifest_reader *reader, const struct node *value, const char *pointer)
{
    enum run_limit limit;
    struct error err = {.text = "expected a number, or a text with a unit"};
    if (!run_limit_by_name(value->name.data, value->name.length, &limit)) {
        struct closest closest = closest_make(value->name.data, value->name.length);
        for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++)
            closest_offer(&closest, run_limit_table[i].name);
        const char *meant = closest_text(&closest);
        fault(reader, value, pointer, "there is no such limit%s%s%s", meant ? "; did you mean \"" : "",
              meant ? meant : "", meant ? "\"?" : "");
        return;
    }
    const struct run_limit_info *info = &run_limit_table[limit];
    uint64_t asked = 0;
    bool number = value->kind == NODE_INTEGER && value->integer >= 0;
    if (number)
        asked = (uint64_t)value->integer;
    if (!number && (value->kind != NODE_STRING || !units_parse(value->text, info->unit, &asked, &err))) {
        fault(reader, value, pointer, "%s", err.text);
    } else if (asked < info->minimum || asked > info->maximum) {
        char low[UNITS_TEXT_SIZE], high[UNITS_TEXT_SIZE];
        units_format(info->minimum, info->unit, low);
        units_format(info->maximum, info->unit, high);
        fault(reader, value, pointer, "expected %s to %s", low, high);
    } else {
        reader->manifest->limit_given[limit] = true;
        reader->manifest->limit[limit] = asked;
    }
}

static void take_limits(struct manifest_reader *reader, const struct node *value, const char *pointer,
                        size_t offset)
{
    (void)offset;
    if (value->kind != NODE_OBJECT)
        fault(reader, value, pointer, "expected an object such as {\"cpu_ms\": 200}");
    for (const struct node *each = value->kind == NODE_OBJECT ? value->first : NULL; each;
         each = each->next) {
        autofree char *inner = pointer_member(pointer, each->name);
        take_limit(reader, each, inner ? inner : pointer);
    }
}

static void take_schema(struct manifest_reader *reader, const struct node *value, const char *pointer,
                        size_t offset)
{
    *(struct json_schema **)((char *)reader->manifest + offset) =
        json_schema_read(value, reader->file, pointer, reader->diagnostics);
}

static const struct {
    const char *name;
    void (*take)(struct manifest_reader *reader, const struct node *value, const char *pointer,
                 size_t offset); // NULL: for people
    size_t offset;
} members[] = {
    {"$schema", NULL, 0},
    {"name", take_name, offsetof(struct manifest, name)},
    {"version", take_version, offsetof(struct manifest, version)},
    {"description", take_text, offsetof(struct manifest, description)},
    {"author", take_text, offsetof(struct manifest, author)},
    {"license", take_text, offsetof(struct manifest, license)},
    {"entry", take_entry, offsetof(struct manifest, entry)},
    {"modules", take_modules, 0},
    {"limits", take_limits, 0},
    {"input", take_schema, offsetof(struct manifest, input)},
    {"output", take_schema, offsetof(struct manifest, output)},
};
enum { MEMBER_COUNT = sizeof members / sizeof *members };

static void take_member(struct manifest_reader *reader, const struct node *value, const char *pointer)
{
    struct closest closest = closest_make(value->name.data, value->name.length);
    for (size_t i = 0; i < MEMBER_COUNT; i++) {
        if (bytes_equal_text(value->name, members[i].name)) {
            if (members[i].take)
                members[i].take(reader, value, pointer, members[i].offset);
            return;
        }
        closest_offer(&closest, members[i].name);
    }
    const char *meant = closest_text(&closest);
    fault(reader, value, pointer, "unknown member%s%s%s", meant ? "; did you mean \"" : "",
          meant ? meant : "", meant ? "\"?" : "");
}

static void check_entry(struct manifest_reader *reader, const struct node *node, const char *pointer)
{
    struct manifest *manifest = reader->manifest;
    char quoted[QUOTE_SIZE];
    if (!manifest->entry)
        manifest->entry = strdup("main");
    bool found = manifest->module_count == 0;
    for (unsigned i = 0; manifest->entry && i < manifest->module_count; i++)
        found = found || strcmp(manifest->modules[i].name, manifest->entry) == 0;
    if (!manifest->entry)
        diagnostics_exhaust(reader->diagnostics, reader->file);
    else if (!found)
        fault(reader, node, pointer, "the entry %s is not among the modules",
              quote(bytes_of_text(manifest->entry), quoted));
}

bool manifest_read(const struct node *node, const char *file, const char *pointer,
                   struct manifest *ret_manifest, struct diagnostics *diagnostics)
{
    struct manifest_reader reader = {.file = file, .diagnostics = diagnostics, .manifest = ret_manifest};
    *ret_manifest = (struct manifest){0};
    size_t before = diagnostics->told;
    if (node->kind != NODE_OBJECT) {
        fault(&reader, node, pointer, "expected an object, not %s", node_kind_name(node->kind));
        return false;
    }
    for (const struct node *each = node->first; each; each = each->next) {
        autofree char *inner = pointer_member(pointer, each->name);
        take_member(&reader, each, inner ? inner : pointer);
    }
    if (diagnostics->told == before)
        check_entry(&reader, node, pointer);
    return diagnostics->told == before;
}

void manifest_check_texts(const struct manifest *manifest, const char *file, const char *pointer,
                          struct diagnostics *diagnostics)
{
    const struct {
        const char *name, *text;
    } texts[] = {
        {"description", manifest->description}, {"author", manifest->author}, {"license", manifest->license}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        uint32_t hidden;
        if (!texts[i].text || !hidden_find(bytes_of_text(texts[i].text), true, &hidden))
            continue;
        autofree char *inner = pointer_member(pointer, bytes_of_text(texts[i].name));
        diagnostics_add(diagnostics, file, 0, 0, inner, HIDDEN_TEXT_FAULT, hidden);
    }
}

void manifest_free(struct manifest *manifest)
{
    for (unsigned i = 0; i < manifest->module_count; i++) {
        free(manifest->modules[i].name);
        free(manifest->modules[i].file);
    }
    free(manifest->name);
    free(manifest->version);
    free(manifest->description);
    free(manifest->author);
    free(manifest->license);
    free(manifest->entry);
    json_schema_free(manifest->input);
    json_schema_free(manifest->output);
    *manifest = (struct manifest){0};
}

void manifest_lower_limits(const struct manifest *manifest, struct run_limits *limits,
                           enum limit_origin set_by[RUN_LIMIT_COUNT])
{
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++) {
        bool unlimited = limits->value[i] == 0 && run_limit_table[i].zero_is_unlimited;
        if (!manifest->limit_given[i] || (!unlimited && manifest->limit[i] >= limits->value[i]))
            continue;
        limits->value[i] = manifest->limit[i];
        set_by[i] = ORIGIN_PLUGIN;
    }
}

bool manifest_output_fits(const struct manifest *manifest, struct bytes output,
                          char message[SCHEMA_MESSAGE_SIZE])
{
    struct diagnostics faults;
    if (!manifest->output)
        return true;
    diagnostics_init(&faults);
    bool fits = json_schema_check(manifest->output, output, "$", &faults);
    if (!fits)
        snprintf(message, SCHEMA_MESSAGE_SIZE, "%s: %s, by the plugin's output schema",
                 faults.count > 0 ? faults.items[0].pointer : "$",
                 faults.count > 0 ? faults.items[0].message : "it does not fit");
    diagnostics_free(&faults);
    return fits;
}
