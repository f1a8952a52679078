// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/new.h"

#include "base/cleanup.h"
#include "sandboxctl/editor_files.h"
#include "sandboxctl/policy_source.h"
#include "sandboxctl/refusal.h"
#include "sandboxctl/scaffold.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const struct option_spec new_options[] = {
    {"policy", 'p', "NAME|FILE", "the policy that editor files are made for (default: default)", "policy"},
    {0},
};

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static bool name_valid(const char *name)
{
    size_t length = strlen(name);
    return length >= 1 && length <= 64 && name[0] >= 'a' && name[0] <= 'z' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == length;
}

static FILE *create(const char *folder, const char *path, struct error *err)
{
    autofree char *whole = NULL;
    if (asprintf(&whole, "%s/%s", folder, path) < 0) {
        whole = NULL;
        error_set(err, ERROR_MEMORY, "out of memory");
        return NULL;
    }
    FILE *out = fopen(whole, "wxe"); // never over a file that is there
    if (out == NULL)
        error_system(err, errno, "%s", whole);
    return out;
}

static bool finish(FILE *out, const char *path, struct error *err)
{
    bool written = fflush(out) == 0;
    written = fclose(out) == 0 && written;
    return written || error_system(err, errno, "%s", path);
}

static void put_named(FILE *out, const char *text, const char *name)
{
    const char *mark;
    while ((mark = strstr(text, "@NAME@")) != NULL) {
        fwrite(text, 1, (size_t)(mark - text), out);
        fputs(name, out);
        text = mark + strlen("@NAME@");
    }
    fputs(text, out);
}

// Made from the policy, for editors and linters.
static const struct {
    const char *path;
    void (*put)(FILE *out, const struct policy *policy);
} editor_files[] = {
    {"types/sandbox.lua", editor_put_stubs},
    {".luacheckrc", editor_put_luacheckrc},
    {".luarc.json", editor_put_luarc},
};

enum { EDITOR_FILES = sizeof editor_files / sizeof *editor_files };

static bool write_files(const char *folder, const struct policy *policy, struct error *err)
{
    for (const struct scaffold_file *file = scaffold_files; file->path != NULL; file++) {
        FILE *out = create(folder, file->path, err);
        if (out == NULL)
            return false;
        put_named(out, file->text, base_name(folder));
        if (!finish(out, file->path, err))
            return false;
    }
    for (size_t i = 0; i < EDITOR_FILES; i++) {
        FILE *out = create(folder, editor_files[i].path, err);
        if (out == NULL)
            return false;
        editor_files[i].put(out, policy);
        if (!finish(out, editor_files[i].path, err))
            return false;
    }
    return true;
}

static const char *const inner_folders[] = {"tests", "types"};

enum { INNER_FOLDERS = sizeof inner_folders / sizeof *inner_folders };

static bool make_folder(const char *folder, const char *name, struct error *err)
{
    autofree char *path = NULL;
    if (asprintf(&path, "%s/%s", folder, name) < 0) {
        path = NULL;
        return error_set(err, ERROR_MEMORY, "out of memory");
    }
    return mkdir(path, 0777) == 0 || error_system(err, errno, "%s", path);
}

static bool fill(const char *folder, const struct policy *policy, struct error *err)
{
    for (size_t i = 0; i < INNER_FOLDERS; i++)
        if (!make_folder(folder, inner_folders[i], err))
            return false;
    return write_files(folder, policy, err);
}

static void take_away(const char *folder, const char *name)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path)
        remove(path);
}

// All of it or nothing: half a plugin would stand in the way of the next attempt.
static bool make_plugin(const char *folder, const struct policy *policy, struct error *err)
{
    if (mkdir(folder, 0777) != 0)
        return error_system(err, errno, "%s", folder);
    if (fill(folder, policy, err))
        return true;
    for (const struct scaffold_file *file = scaffold_files; file->path != NULL; file++)
        take_away(folder, file->path);
    for (size_t i = 0; i < EDITOR_FILES; i++)
        take_away(folder, editor_files[i].path);
    for (size_t i = 0; i < INNER_FOLDERS; i++)
        take_away(folder, inner_folders[i]);
    rmdir(folder);
    return false;
}

enum exit_status new_command(const struct invocation *invocation)
{
    struct error err;
    autofree char *folder = strdup(invocation->arguments[0]);
    if (folder == NULL)
        return fail(STATUS_FAILURE, "out of memory");
    for (size_t length = strlen(folder); length > 1 && folder[length - 1] == '/'; length--)
        folder[length - 1] = '\0';
    if (!name_valid(base_name(folder)))
        return fail(STATUS_USAGE,
                    "'%s': a plugin's name has 1 to 64 of a-z, 0-9, - and _, and begins with a letter",
                    base_name(folder));
    const char *named = invocation_option(invocation, "policy");
    struct policy *policy = policy_source_load(named != NULL ? named : "default", &err);
    if (policy == NULL)
        return refuse(invocation, &err);
    bool made = make_plugin(folder, policy, &err);
    policy_unref(policy);
    if (!made)
        return refuse(invocation, &err);
    if (invocation->json)
        printf("{\"created\":\"%s\"}\n", base_name(folder));
    else
        printf("Made %s. Next:\n  sandboxctl test %s\n  sandboxctl run %s --context '{\"name\": \"Ada\"}'\n",
               folder, folder, folder);
    return STATUS_SUCCESS;
}
