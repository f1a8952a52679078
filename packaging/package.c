// SPDX-License-Identifier: Apache-2.0
#include "packaging/package.h"

#include "base/buffer.h"
#include "base/json_cursor.h"
#include "base/json_write.h"
#include "packaging/sorted_json.h"
#include "policies/quote.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static const char file[] = DIAGNOSTIC_REQUEST;

// Adds without a place: a body that a program made has no lines worth naming.
static void fault(struct diagnostics *faults, const char *pointer, const char *message)
{
    diagnostics_add(faults, file, 0, 0, pointer, "%s", message);
}

static char *text_of(const struct json_cursor *cursor, size_t *ret_length)
{
    struct bytes span = cursor->span;
    char *text = malloc(span.length + 1);
    if (!text)
        return NULL;
    *ret_length = cursor->has_escapes ? json_unescape(span, text) : span.length;
    if (!cursor->has_escapes)
        memcpy(text, span.data, span.length);
    text[*ret_length] = '\0';
    return text;
}

static bool is_there(const struct package *package, const char *name)
{
    for (unsigned i = 0; i < package->module_count; i++)
        if (strcmp(package->modules[i].name, name) == 0)
            return true;
    return false;
}

// The module whose name was just read.
static bool take_module(struct json_cursor *cursor, struct package *package, struct diagnostics *faults)
{
    struct package_module module = {0};
    size_t name_length = 0;
    module.name = text_of(cursor, &name_length);
    struct bytes skipped;
    if (!module.name) {
        diagnostics_exhaust(faults, file);
        return json_skip_value(cursor, &skipped);
    }
    const char *wrong = NULL;
    if (name_length == 0 || name_length > MODULE_NAME_MAX || strlen(module.name) != name_length)
        wrong = "expected a module's name of 1 to 128 bytes";
    else if (is_there(package, module.name))
        wrong = "it is there twice";
    else if (package->module_count == MODULES_MAX)
        wrong = "more than 64 modules";
    struct json_cursor value = *cursor;
    bool is_text = json_next(&value) == JSON_STRING;
    if (!wrong && !is_text)
        wrong = "expected the module's Lua text";
    char pointer[160];
    snprintf(pointer, sizeof pointer, "/modules/%.128s", name_length <= 128 ? module.name : "");
    if (wrong) {
        fault(faults, pointer, wrong);
        free(module.name);
        return json_skip_value(cursor, &skipped);
    }
    *cursor = value;
    module.code = text_of(cursor, &module.length);
    if (!module.code)
        diagnostics_exhaust(faults, file);
    package->modules[package->module_count++] = module;
    return true;
}

static bool take_modules(struct json_cursor *cursor, struct package *package, struct diagnostics *faults)
{
    struct json_cursor value = *cursor;
    struct bytes skipped;
    if (json_next(&value) != JSON_OBJECT_BEGIN) {
        fault(faults, "/modules", "expected an object such as {\"main\": \"return 1\"}");
        return json_skip_value(cursor, &skipped);
    }
    *cursor = value;
    for (;;) {
        enum json_token token = json_next(cursor);
        if (token == JSON_OBJECT_END)
            return true;
        if (token != JSON_NAME || !take_module(cursor, package, faults))
            return false;
    }
}

static void take_manifest(struct package *package, struct bytes text, struct diagnostics *faults)
{
    struct document_tree tree;
    size_t before = faults->told, listed = faults->count;
    if (!document_tree_parse(file, text, faults, &tree)) {
        if (faults->told == before)
            fault(faults, "/manifest", "it cannot be read");
        return;
    }
    manifest_read(tree.root, file, "/manifest", &package->manifest, faults);
    document_tree_free(&tree);
    // Lines within the manifest mean nothing to who sent the whole.
    for (size_t i = listed; i < faults->count; i++)
        faults->items[i].line = faults->items[i].column = 0;
    package->manifest_text = json_sorted(text);
    if (!package->manifest_text && faults->told == before)
        diagnostics_exhaust(faults, file);
}

static bool take_members(struct json_cursor *cursor, struct package *package, struct diagnostics *faults)
{
    bool seen[2] = {false, false};
    struct bytes manifest = {0};
    if (json_next(cursor) != JSON_OBJECT_BEGIN)
        return false;
    for (;;) {
        enum json_token token = json_next(cursor);
        if (token == JSON_OBJECT_END)
            break;
        if (token != JSON_NAME)
            return false;
        bool is_manifest = bytes_equal_text(cursor->span, "manifest");
        bool is_modules = bytes_equal_text(cursor->span, "modules");
        struct bytes skipped;
        char quoted[QUOTE_SIZE];
        if ((!is_manifest && !is_modules) || seen[is_modules]) {
            diagnostics_add(faults, file, 0, 0, "", "%s: expected \"manifest\" and \"modules\", each once",
                            quote(cursor->span, quoted));
            if (!json_skip_value(cursor, &skipped))
                return false;
            continue;
        }
        seen[is_modules] = true;
        if (is_manifest ? !json_skip_value(cursor, &manifest) : !take_modules(cursor, package, faults))
            return false;
    }
    if (seen[0])
        take_manifest(package, manifest, faults);
    else
        fault(faults, "/manifest", "it is missing: what plugin.json says");
    if (!seen[1])
        fault(faults, "/modules", "it is missing: the Lua text of each module");
    return json_next(cursor) == JSON_END;
}

static const struct manifest_module *listed(const struct manifest *manifest, const char *name)
{
    for (unsigned i = 0; i < manifest->module_count; i++)
        if (strcmp(manifest->modules[i].name, name) == 0)
            return &manifest->modules[i];
    return NULL;
}

// Modules that only one of the two names; and the entry goes first.
static void join(struct package *package, struct diagnostics *faults)
{
    const struct manifest *manifest = &package->manifest;
    unsigned entry = package->module_count;
    for (unsigned i = 0; i < package->module_count; i++) {
        const char *name = package->modules[i].name;
        if (manifest->module_count > 0 && !listed(manifest, name))
            diagnostics_add(faults, file, 0, 0, "/modules", "\"%.128s\" is not among the manifest's modules",
                            name);
        if (strcmp(name, manifest->entry) == 0)
            entry = i;
    }
    for (unsigned i = 0; i < manifest->module_count; i++)
        if (!is_there(package, manifest->modules[i].name))
            diagnostics_add(faults, file, 0, 0, "/modules", "\"%.128s\" of the manifest is missing",
                            manifest->modules[i].name);
    if (entry == package->module_count) {
        diagnostics_add(faults, file, 0, 0, "/modules", "the entry \"%.128s\" is missing", manifest->entry);
        return;
    }
    struct package_module first = package->modules[entry];
    package->modules[entry] = package->modules[0];
    package->modules[0] = first;
    const struct manifest_module *in_folder = listed(manifest, first.name);
    const char *slash = in_folder ? strrchr(in_folder->file, '/') : NULL;
    if (in_folder)
        snprintf(package->entry_file, sizeof package->entry_file, "%s", slash ? slash + 1 : in_folder->file);
    else
        snprintf(package->entry_file, sizeof package->entry_file, "%.124s.lua", first.name);
}

static int compare_modules(const void *left, const void *right)
{
    return strcmp((*(const struct package_module *const *)left)->name,
                  (*(const struct package_module *const *)right)->name);
}

static bool make_canonical(struct package *package)
{
    const struct package_module *sorted[MODULES_MAX];
    struct buffer out = buffer_make(SIZE_MAX);
    for (unsigned i = 0; i < package->module_count; i++)
        sorted[i] = &package->modules[i];
    qsort(sorted, package->module_count, sizeof *sorted, compare_modules);
    buffer_append_text(&out, "{\"manifest\":");
    buffer_append_text(&out, package->manifest_text);
    buffer_append_text(&out, ",\"modules\":{");
    for (unsigned i = 0; i < package->module_count; i++) {
        buffer_append_text(&out, i > 0 ? "," : "");
        json_put_text(&out, sorted[i]->name);
        buffer_append_byte(&out, ':');
        json_put_string(&out, bytes_of(sorted[i]->code, sorted[i]->length));
    }
    buffer_append_text(&out, "}}");
    package->canonical = buffer_take(&out, &package->canonical_length);
    if (!package->canonical)
        return false;
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(digest, (const unsigned char *)package->canonical, package->canonical_length);
    sodium_bin2hex(package->sha256, sizeof package->sha256, digest, sizeof digest);
    return true;
}

struct package *package_read(struct bytes text, struct diagnostics *faults)
{
    size_t before = faults->told;
    struct package *package = calloc(1, sizeof *package);
    if (!package) {
        diagnostics_exhaust(faults, file);
        return NULL;
    }
    atomic_init(&package->references, 1);
    struct json_cursor cursor;
    json_cursor_init(&cursor, text, JSON_DEPTH_MAX);
    if (!take_members(&cursor, package, faults) && faults->told == before)
        fault(faults, "", "expected an object with \"manifest\" and \"modules\"");
    if (faults->told == before)
        join(package, faults);
    if (faults->told == before && !make_canonical(package))
        diagnostics_exhaust(faults, file);
    if (faults->told == before)
        return package;
    package_unref(package);
    return NULL;
}

struct package *package_ref(struct package *package)
{
    atomic_fetch_add(&package->references, 1);
    return package;
}

void package_unref(struct package *package)
{
    if (!package || atomic_fetch_sub(&package->references, 1) != 1)
        return;
    for (unsigned i = 0; i < package->module_count; i++) {
        free(package->modules[i].name);
        free(package->modules[i].code);
    }
    manifest_free(&package->manifest);
    free(package->canonical);
    free(package->manifest_text);
    free(package);
}

void package_drop_canonical(struct package *package)
{
    free(package->canonical);
    package->canonical = NULL;
}

size_t package_code_bytes(const struct package *package)
{
    size_t total = 0;
    for (unsigned i = 0; i < package->module_count; i++)
        total += package->modules[i].length;
    return total;
}

size_t package_bytes(const struct package *package)
{
    // The manifest twice: its text, and what was read from it besides the schemas.
    return sizeof *package + package_code_bytes(package) + 2 * strlen(package->manifest_text) +
           json_schema_bytes(package->manifest.input) + json_schema_bytes(package->manifest.output);
}

unsigned package_modules(const struct package *package, struct job_module ret_modules[MODULES_MAX])
{
    for (unsigned i = 0; i < package->module_count; i++) {
        const struct package_module *module = &package->modules[i];
        ret_modules[i].name = bytes_of_text(i == 0 ? package->entry_file : module->name);
        ret_modules[i].code = bytes_of(module->code, module->length);
    }
    return package->module_count;
}
