// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/manifest_file.h"

#include "base/cleanup.h"
#include "policies/document_tree.h"
#include "sandboxctl/whole_file.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char file_name[] = "plugin.json";

char *manifest_file_of(const char *plugin)
{
    struct stat status;
    char *path = NULL;
    size_t length = strlen(plugin);
    if (stat(plugin, &status) == 0 && S_ISDIR(status.st_mode)) {
        const char *between = length > 0 && plugin[length - 1] == '/' ? "" : "/";
        return asprintf(&path, "%s%s%s", plugin, between, file_name) < 0 ? NULL : path;
    }
    const char *slash = strrchr(plugin, '/');
    return strcmp(slash != NULL ? slash + 1 : plugin, file_name) == 0 ? strdup(plugin) : NULL;
}

bool manifest_file_read(const char *path, struct manifest *ret_manifest, struct diagnostics *faults,
                        struct error *err)
{
    size_t length;
    struct document_tree tree;
    *ret_manifest = (struct manifest){0};
    const char *slash = strrchr(path, '/');
    autofree char *folder = slash != NULL ? strndup(path, (size_t)(slash + 1 - path)) : strdup(".");
    if (folder == NULL)
        return error_set(err, ERROR_MEMORY, "out of memory");
    autofree char *text =
        read_file_beneath(folder, slash != NULL ? slash + 1 : path, DOCUMENT_BYTES_MAX, &length, err);
    if (text == NULL)
        return false;
    if (document_tree_parse(path, bytes_of(text, length), faults, &tree)) {
        manifest_read(tree.root, path, "", ret_manifest, faults);
        document_tree_free(&tree);
    }
    return true;
}
