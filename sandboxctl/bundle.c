// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/bundle.h"

#include "base/cleanup.h"
#include "policies/document_tree.h"
#include "sandboxctl/whole_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_BYTES_MAX = 64 * 1024 * 1024 };

static bool join(char **ret_path, const char *folder, const char *name, struct error *err)
{
    const char *between = folder[strlen(folder) - 1] == '/' ? "" : "/";
    if (asprintf(ret_path, "%s%s%s", folder, between, name) < 0) {
        *ret_path = NULL;
        return error_set(err, ERROR_MEMORY, "out of memory");
    }
    return true;
}

// Takes `path` over, also on failure. `beneath`: where the file lies in the plugin's folder, which it must
// not leave; NULL if the user named it.
static bool add_module(struct bundle *bundle, const char *name, char *path, const char *beneath,
                       struct error *err)
{
    struct bundle_module *module = &bundle->modules[bundle->module_count];
    *module = (struct bundle_module){.name = strdup(name), .path = path};
    bundle->module_count++; // what it owns so far is freed with the bundle
    if (module->name == NULL || path == NULL)
        return error_set(err, ERROR_MEMORY, "out of memory");
    if (strlen(name) > MODULE_NAME_MAX)
        return error_set(err, ERROR_INVALID, "%s: the name is longer than %d bytes", path, MODULE_NAME_MAX);
    module->code = beneath != NULL
                       ? read_file_beneath(bundle->folder, beneath, FILE_BYTES_MAX, &module->length, err)
                       : read_whole_file(path, FILE_BYTES_MAX, &module->length, err);
    return module->code != NULL;
}

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static bool set_folder(struct bundle *bundle, const char *path, struct error *err)
{
    const char *slash = strrchr(path, '/');
    bundle->folder = slash == NULL ? strdup(".") : strndup(path, slash == path ? 1 : (size_t)(slash - path));
    return bundle->folder != NULL || error_set(err, ERROR_MEMORY, "out of memory");
}

static bool load_file(struct bundle *bundle, const char *path, struct error *err)
{
    if (strcmp(path, "-") == 0) {
        bundle->folder = strdup(".");
        return add_module(bundle, "main.lua", strdup(path), NULL, err);
    }
    return set_folder(bundle, path, err) && add_module(bundle, file_name(path), strdup(path), NULL, err);
}

static void remove_modules(struct bundle *bundle)
{
    for (size_t i = 0; i < bundle->module_count; i++) {
        free(bundle->modules[i].name);
        free(bundle->modules[i].path);
        free(bundle->modules[i].code);
    }
    bundle->module_count = 0;
}

// Where the manifest names the module; the document itself if it does not.
static const struct node *module_place(const struct node *root, const char *name)
{
    for (const struct node *member = root->first; member != NULL; member = member->next) {
        if (!bytes_equal_text(member->name, "modules"))
            continue;
        for (const struct node *each = member->first; each != NULL; each = each->next)
            if (bytes_equal_text(each->name, name))
                return each;
    }
    return root;
}

static bool add_listed(struct bundle *bundle, const struct manifest_module *module, bool entry,
                       const struct node *root, struct diagnostics *faults)
{
    char *path;
    struct error err;
    if (join(&path, bundle->folder, module->file, &err) &&
        add_module(bundle, entry ? file_name(module->file) : module->name, path, module->file, &err))
        return true;
    const struct node *place = module_place(root, module->name);
    autofree char *pointer = pointer_member("/modules", bytes_of_text(module->name));
    diagnostics_add(faults, bundle->manifest, place->at.line, place->at.column, pointer, "%s", err.text);
    return false;
}

// The entry first, then the others as they are listed.
static void add_modules(struct bundle *bundle, const struct node *root, struct diagnostics *faults)
{
    const struct manifest *declared = &bundle->declared;
    const char *entry = declared->entry != NULL ? declared->entry : "main";
    bool read = true, found = false;
    for (unsigned pass = 0; pass < 2; pass++) {
        for (unsigned i = 0; i < declared->module_count && (found || pass == 0); i++) {
            bool is_entry = strcmp(declared->modules[i].name, entry) == 0;
            found = found || is_entry;
            if (is_entry == (pass == 0))
                read = add_listed(bundle, &declared->modules[i], is_entry, root, faults) && read;
        }
    }
    if (!read)
        remove_modules(bundle);
    else if (!found && !diagnostics_any(faults))
        diagnostics_add(faults, bundle->manifest, root->at.line, root->at.column, "/modules",
                        "it is missing: expected an object such as {\"main\": \"main.lua\"}");
}

static bool load_manifest(struct bundle *bundle, struct diagnostics *faults, struct error *err)
{
    struct error unread;
    struct document_tree tree;
    size_t length;
    if (!set_folder(bundle, bundle->manifest, err))
        return false;
    bundle->manifest_text =
        read_file_beneath(bundle->folder, file_name(bundle->manifest), DOCUMENT_BYTES_MAX, &length, &unread);
    if (bundle->manifest_text == NULL && unread.sys_errno == ENOENT)
        return error_set(err, ERROR_NOT_FOUND, "%s: there is no plugin here; `sandboxctl new NAME` makes one",
                         bundle->manifest);
    if (bundle->manifest_text == NULL)
        return error_set(err, unread.kind, "%s", unread.text);
    if (!document_tree_parse(bundle->manifest, bytes_of(bundle->manifest_text, length), faults, &tree))
        return true;
    if (manifest_read(tree.root, bundle->manifest, "", &bundle->declared, faults))
        manifest_check_texts(&bundle->declared, bundle->manifest, "", faults);
    add_modules(bundle, tree.root, faults);
    document_tree_free(&tree);
    return true;
}

static bool load(struct bundle *bundle, const char *path, struct diagnostics *faults, struct error *err)
{
    struct stat status;
    if (strcmp(path, "-") == 0)
        return load_file(bundle, path, err);
    if (stat(path, &status) != 0)
        return error_system(err, errno, "%s", path);
    if (S_ISDIR(status.st_mode))
        return join(&bundle->manifest, path, "plugin.json", err) && load_manifest(bundle, faults, err);
    if (strcmp(file_name(path), "plugin.json") != 0)
        return load_file(bundle, path, err);
    bundle->manifest = strdup(path);
    if (bundle->manifest == NULL)
        return error_set(err, ERROR_MEMORY, "out of memory");
    return load_manifest(bundle, faults, err);
}

bool bundle_read(struct bundle *ret_bundle, const char *path, struct diagnostics *faults, struct error *err)
{
    struct bundle bundle = {0};
    if (!load(&bundle, path, faults, err)) {
        bundle_free(&bundle);
        return false;
    }
    *ret_bundle = bundle;
    return true;
}

bool bundle_load(struct bundle *ret_bundle, const char *path, struct error *err)
{
    struct diagnostics faults;
    struct bundle bundle;
    char text[DIAGNOSTIC_TEXT_SIZE];
    diagnostics_init(&faults);
    bool good = bundle_read(&bundle, path, &faults, err);
    if (good && diagnostics_any(&faults)) {
        snprintf(text, sizeof text, "%s: out of memory", path);
        if (faults.count > 0)
            diagnostic_format(&faults.items[0], text);
        good = error_set(err, ERROR_INVALID, "%.400s (`sandboxctl validate` tells all)", text);
        bundle_free(&bundle);
    }
    diagnostics_free(&faults);
    if (good)
        *ret_bundle = bundle;
    return good;
}

const struct bundle_module *bundle_find_module(const struct bundle *bundle, struct bytes name)
{
    for (size_t i = 0; i < bundle->module_count; i++)
        if (bytes_equal_text(name, bundle->modules[i].name))
            return &bundle->modules[i];
    return NULL;
}

void bundle_free(struct bundle *bundle)
{
    remove_modules(bundle);
    manifest_free(&bundle->declared);
    free(bundle->manifest);
    free(bundle->manifest_text);
    free(bundle->folder);
    *bundle = (struct bundle){0};
}
