// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/new.h"

#include "base/cleanup.h"
#include "sandboxctl/editor_files.h"
#include "sandboxctl/policy_source.h"
#include "sandboxctl/scaffold.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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
    FILE *stubs = create(folder, "types/sandbox.lua", err);
    if (stubs == NULL)
        return false;
    editor_put_stubs(stubs, policy);
    if (!finish(stubs, "types/sandbox.lua", err))
        return false;
    FILE *luacheckrc = create(folder, ".luacheckrc", err);
    if (luacheckrc == NULL)
        return false;
    editor_put_luacheckrc(luacheckrc, policy);
    return finish(luacheckrc, ".luacheckrc", err);
}

static bool make_folders(const char *folder, struct error *err)
{
    static const char *const inner[] = {"", "/tests", "/types"};
    for (size_t i = 0; i < sizeof inner / sizeof *inner; i++) {
        autofree char *path = NULL;
        if (asprintf(&path, "%s%s", folder, inner[i]) < 0) {
            path = NULL;
            return error_set(err, ERROR_MEMORY, "out of memory");
        }
        if (mkdir(path, 0777) != 0)
            return error_system(err, errno, "%s", path);
    }
    return true;
}

enum exit_status new_command(const struct invocation *invocation)
{
    const char *folder = invocation->arguments[0];
    if (!name_valid(base_name(folder)))
        return fail(STATUS_USAGE,
                    "'%s': a plugin's name has 1 to 64 of a-z, 0-9, - and _, and begins with a letter",
                    base_name(folder));
    struct error err;
    const char *named = invocation_option(invocation, "policy");
    struct policy *policy = policy_source_load(named != NULL ? named : "default", &err);
    if (policy == NULL)
        return fail(STATUS_FAILURE, "%s", err.text);
    bool made = make_folders(folder, &err) && write_files(folder, policy, &err);
    policy_unref(policy);
    if (!made)
        return fail(STATUS_FAILURE, "%s", err.text);
    if (invocation->json)
        printf("{\"created\":\"%s\"}\n", base_name(folder));
    else
        printf("Made %s. Next:\n  sandboxctl test %s\n  sandboxctl run %s --context '{\"name\": \"Ada\"}'\n",
               folder, folder, folder);
    return STATUS_SUCCESS;
}
