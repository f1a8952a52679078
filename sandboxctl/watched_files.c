// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/watched_files.h"

#include "base/cleanup.h"
#include "sandboxctl/policy_source.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>

static struct stat look(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? status : (struct stat){0};
}

// Takes `path` over, also on failure; NULL is one.
static bool add(struct watched_files *files, char *path, struct error *err)
{
    struct watched_file *items = NULL;
    if (path != NULL)
        items = reallocarray(files->items, files->count + 1, sizeof *items);
    if (items == NULL) {
        free(path);
        return error_set(err, ERROR_MEMORY, "out of memory");
    }
    files->items = items;
    items[files->count++] = (struct watched_file){.path = path, .seen = look(path)};
    return true;
}

// The plugin's manifest, or its only file. As bundle_read takes it; the caller frees it.
static char *first_file(const char *plugin)
{
    char *path = NULL;
    const struct stat status = look(plugin);
    if (!S_ISDIR(status.st_mode))
        return strdup(plugin);
    return asprintf(&path, "%s/plugin.json", plugin) < 0 ? NULL : path;
}

// As far as the manifest can be read: while it cannot, a change of it is what is waited for.
static bool add_modules(struct watched_files *files, const char *manifest, struct error *err)
{
    const char *name, *slash = strrchr(manifest, '/');
    if (strcmp(slash != NULL ? slash + 1 : manifest, "plugin.json") != 0)
        return true;
    int folder_length = slash != NULL ? (int)(slash - manifest) + 1 : 0;
    json_t *file, *document = json_load_file(manifest, 0, NULL);
    bool good = true;
    json_object_foreach(json_object_get(document, "modules"), name, file)
    {
        char *path = NULL;
        if (good && json_is_string(file)) {
            if (asprintf(&path, "%.*s%s", folder_length, manifest, json_string_value(file)) < 0)
                path = NULL;
            good = add(files, path, err);
        }
    }
    json_decref(document);
    return good;
}

static bool add_policy(struct watched_files *files, const char *policy, struct error *err)
{
    struct policy_sources sources;
    if (policy == NULL || !policy_source_is_path(policy))
        return true;
    bool good = add(files, strdup(policy), err);
    policy_sources_init(&sources);
    // A document that cannot be read has no parents yet; the run tells of it.
    if (good && policy_source_collect(&sources, policy, NULL))
        for (size_t i = 0; good && i < sources.count; i++)
            good = add(files, strdup(sources.items[i].file), err);
    policy_sources_free(&sources);
    return good;
}

bool watched_files_collect(struct watched_files *ret_files, const char *plugin, const char *context,
                           const char *policy, struct error *err)
{
    *ret_files = (struct watched_files){0};
    bool good =
        add(ret_files, first_file(plugin), err) && add_modules(ret_files, ret_files->items[0].path, err);
    if (good && context != NULL && context[0] == '@')
        good = add(ret_files, strdup(context + 1), err);
    return good && add_policy(ret_files, policy, err);
}

// Cuts the last part off: "a/b" gives "a", "a" gives ".", "/a" gives "/".
static void to_parent(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash != NULL)
        slash[slash == path ? 1 : 0] = '\0';
    else
        strcpy(path, ".");
}

// Folders are watched, not files: an editor's rename replaces the file that a watch would hold.
static bool place(const char *file, int notifier, struct error *err)
{
    const uint32_t changes = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE |
                             IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
    autofree char *folder = strlen(file) > 0 ? strdup(file) : strdup(".");
    if (folder == NULL)
        return error_set(err, ERROR_MEMORY, "out of memory");
    do {
        to_parent(folder);
        if (inotify_add_watch(notifier, folder, changes) >= 0)
            return true;
    } while ((errno == ENOENT || errno == ENOTDIR) && strcmp(folder, ".") != 0 && strcmp(folder, "/") != 0);
    return error_system(err, errno, "cannot watch %s", folder);
}

bool watched_files_place(const struct watched_files *files, int notifier, struct error *err)
{
    // Twice: a folder may have come between the failure to watch it and the watch on the one above it.
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < files->count; i++)
            if (!place(files->items[i].path, notifier, err))
                return false;
    return true;
}

static bool differs(const struct stat *one, const struct stat *other)
{
    return one->st_dev != other->st_dev || one->st_ino != other->st_ino || one->st_size != other->st_size ||
           one->st_mtim.tv_sec != other->st_mtim.tv_sec || one->st_mtim.tv_nsec != other->st_mtim.tv_nsec;
}

bool watched_files_changed(const struct watched_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        const struct stat now = look(files->items[i].path);
        if (differs(&now, &files->items[i].seen))
            return true;
    }
    return false;
}

void watched_files_free(struct watched_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->items[i].path);
    free(files->items);
    *files = (struct watched_files){0};
}
