// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/bundle.h"

#include "base/cleanup.h"
#include "policies/document_tree.h"
#include "sandboxctl/manifest_file.h"
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

// A module's file lies inside the plugin's folder.
static bool path_stays_inside(const char *path)
{
    if (path[0] == '/' || path[0] == '\0')
        return false;
    for (const char *part = path; part != NULL; part = strchr(part, '/')) {
        part += part[0] == '/';
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0'))
            return false;
    }
    return true;
}

static bool add_listed(struct bundle *bundle, const char *manifest, const char *name, const json_t *file,
                       bool entry, struct error *err)
{
    const char *relative = json_string_value(file);
    if (relative == NULL || !path_stays_inside(relative))
        return error_set(err, ERROR_INVALID, "%s: /modules/%s: expected a file inside the plugin's folder",
                         manifest, name);
    if (bundle->module_count == MODULES_MAX)
        return error_set(err, ERROR_LIMIT, "%s: more than %d modules", manifest, MODULES_MAX);
    char *path;
    if (!join(&path, bundle->folder, relative, err))
        return false;
    return add_module(bundle, entry ? file_name(relative) : name, path, relative, err);
}

static bool add_modules(struct bundle *bundle, const char *manifest, struct error *err)
{
    const json_t *entry_member = json_object_get(bundle->manifest, "entry");
    const char *entry = entry_member != NULL ? json_string_value(entry_member) : "main";
    json_t *modules = json_object_get(bundle->manifest, "modules");
    if (entry == NULL)
        return error_set(err, ERROR_INVALID, "%s: /entry: expected the name of a module", manifest);
    if (!json_is_object(modules))
        return error_set(err, ERROR_INVALID,
                         "%s: /modules: expected an object such as {\"main\": \"main.lua\"}", manifest);
    const json_t *main_file = json_object_get(modules, entry);
    if (main_file == NULL)
        return error_set(err, ERROR_INVALID, "%s: /entry: there is no module \"%s\" in /modules", manifest,
                         entry);
    if (!add_listed(bundle, manifest, entry, main_file, true, err))
        return false;
    const char *name;
    json_t *file;
    json_object_foreach(modules, name, file)
    {
        if (strcmp(name, entry) != 0 && !add_listed(bundle, manifest, name, file, false, err))
            return false;
    }
    return true;
}

static bool load_manifest(struct bundle *bundle, const char *manifest, struct error *err)
{
    json_error_t fault;
    struct error unread;
    size_t length;
    if (!set_folder(bundle, manifest, err))
        return false;
    autofree char *text =
        read_file_beneath(bundle->folder, file_name(manifest), DOCUMENT_BYTES_MAX, &length, &unread);
    if (text == NULL && unread.sys_errno == ENOENT)
        return error_set(err, ERROR_NOT_FOUND, "%s: there is no plugin here; `sandboxctl new NAME` makes one",
                         manifest);
    if (text == NULL)
        return error_set(err, unread.kind, "%s", unread.text);
    bundle->manifest = json_loadb(text, length, JSON_REJECT_DUPLICATES, &fault);
    if (bundle->manifest == NULL)
        return error_set(err, ERROR_INVALID, "%s:%d:%d: %s", manifest, fault.line, fault.column, fault.text);
    if (!json_is_object(bundle->manifest))
        return error_set(err, ERROR_INVALID, "%s: expected an object", manifest);
    return add_modules(bundle, manifest, err);
}

static bool load(struct bundle *bundle, const char *path, struct error *err)
{
    struct stat status;
    if (strcmp(path, "-") == 0)
        return load_file(bundle, path, err);
    if (stat(path, &status) != 0)
        return error_system(err, errno, "%s", path);
    if (S_ISDIR(status.st_mode)) {
        autofree char *manifest = NULL;
        return join(&manifest, path, "plugin.json", err) && load_manifest(bundle, manifest, err);
    }
    if (strcmp(file_name(path), "plugin.json") == 0)
        return load_manifest(bundle, path, err);
    return load_file(bundle, path, err);
}

bool bundle_load(struct bundle *ret_bundle, const char *path, struct error *err)
{
    struct bundle bundle = {0};
    if (!load(&bundle, path, err)) {
        bundle_free(&bundle);
        return false;
    }
    *ret_bundle = bundle;
    return true;
}

const struct bundle_module *bundle_find_module(const struct bundle *bundle, struct bytes name)
{
    for (size_t i = 0; i < bundle->module_count; i++)
        if (bytes_equal_text(name, bundle->modules[i].name))
            return &bundle->modules[i];
    return NULL;
}

bool bundle_declare(struct bundle *bundle, const char *path, struct error *err)
{
    struct diagnostics faults;
    char text[DIAGNOSTIC_TEXT_SIZE];
    autofree char *file = bundle->manifest != NULL ? manifest_file_of(path) : NULL;
    if (file == NULL)
        return true;
    diagnostics_init(&faults);
    bool good = manifest_file_read(file, &bundle->declared, &faults, err);
    if (good && diagnostics_any(&faults)) {
        diagnostic_format(&faults.items[0], text);
        good = error_set(err, ERROR_INVALID, "%.400s (`sandboxctl validate` tells all)", text);
    }
    diagnostics_free(&faults);
    return good;
}

void bundle_free(struct bundle *bundle)
{
    for (size_t i = 0; i < bundle->module_count; i++) {
        free(bundle->modules[i].name);
        free(bundle->modules[i].path);
        free(bundle->modules[i].code);
    }
    json_decref(bundle->manifest);
    manifest_free(&bundle->declared);
    free(bundle->folder);
    *bundle = (struct bundle){0};
}
