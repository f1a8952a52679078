// SPDX-License-Identifier: Apache-2.0
#include "policies/policy_set.h"

#include "base/cleanup.h"
#include "policies/document_tree.h"
#include "policies/members.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

void policy_sources_init(struct policy_sources *sources)
{
    *sources = (struct policy_sources){0};
}

static void free_source(struct policy_source *source)
{
    free(source->file);
    free(source->name);
    free(source->text);
    *source = (struct policy_source){0};
}

void policy_sources_free(struct policy_sources *sources)
{
    for (size_t i = 0; i < sources->count; i++)
        free_source(&sources->items[i]);
    free(sources->items);
    policy_sources_init(sources);
}

static struct policy_source *find(const struct policy_sources *sources, const char *name)
{
    for (size_t i = 0; i < sources->count; i++)
        if (sources->items[i].name && strcmp(sources->items[i].name, name) == 0)
            return &sources->items[i];
    return NULL;
}

const struct policy_source *policy_sources_find(const struct policy_sources *sources, const char *name)
{
    return find(sources, name);
}

static bool make_room(struct policy_sources *sources)
{
    if (sources->count < sources->capacity)
        return true;
    size_t capacity = sources->capacity ? sources->capacity * 2 : 8;
    struct policy_source *items = reallocarray(sources->items, capacity, sizeof *items);
    if (!items)
        return false;
    sources->items = items;
    sources->capacity = capacity;
    return true;
}

bool policy_sources_add(struct policy_sources *sources, const char *file, const char *name, struct bytes text,
                        struct error *err)
{
    struct policy_source source = {.file = strdup(file),
                                   .name = name ? strdup(name) : NULL,
                                   .text = malloc(text.length + 1),
                                   .length = text.length};
    if (!source.file || (name && !source.name) || !source.text || !make_room(sources)) {
        free_source(&source);
        return error_set(err, ERROR_MEMORY, "out of memory");
    }
    if (text.length > 0)
        memcpy(source.text, text.data, text.length);
    source.text[text.length] = '\0';
    struct policy_source *earlier = name ? find(sources, name) : NULL;
    if (earlier)
        free_source(earlier);
    else
        earlier = &sources->items[sources->count++];
    *earlier = source;
    return true;
}

bool policy_sources_remove(struct policy_sources *sources, const char *name)
{
    struct policy_source *source = find(sources, name);
    if (!source)
        return false;
    free_source(source);
    size_t after = sources->count - (size_t)(source - sources->items) - 1;
    memmove(source, source + 1, after * sizeof *source);
    sources->count--;
    return true;
}

// At most one byte more than a document may have, which its reader then refuses with a fault of its own.
static bool read_file(int folder, const char *path, char **ret_text, size_t *ret_length, struct error *err)
{
    autoclose int fd = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0)
        return error_system(err, errno, "%s", path);
    if (!S_ISREG(status.st_mode))
        return error_set(err, ERROR_INVALID, "%s: not a file", path);
    autofree char *text = malloc(DOCUMENT_BYTES_MAX + 1);
    if (!text)
        return error_set(err, ERROR_MEMORY, "out of memory");
    size_t length = 0;
    while (length <= DOCUMENT_BYTES_MAX) {
        ssize_t got = read(fd, text + length, DOCUMENT_BYTES_MAX + 1 - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_system(err, errno, "%s", path);
        if (got == 0)
            break;
        length += (size_t)got;
    }
    *ret_text = take_ptr(text);
    *ret_length = length;
    return true;
}

bool policy_sources_add_file(struct policy_sources *sources, const char *path, struct error *err)
{
    autofree char *text = NULL;
    size_t length;
    return read_file(AT_FDCWD, path, &text, &length, err) &&
           policy_sources_add(sources, path, NULL, bytes_of(text, length), err);
}

// Names that editors and package managers leave beside a file ("x.json~", ".x.json.swp") do not end so.
static bool is_policy_file(const char *name)
{
    size_t length = strlen(name);
    static const char suffix[] = ".json", schema[] = ".schema.json";
    if (name[0] == '.' || length <= sizeof suffix - 1 ||
        strcmp(name + length - (sizeof suffix - 1), suffix) != 0)
        return false;
    return length < sizeof schema - 1 || strcmp(name + length - (sizeof schema - 1), schema) != 0;
}

static bool add_from_folder(struct policy_sources *sources, const char *folder, int folder_fd,
                            const char *entry, struct error *err)
{
    autofree char *text = NULL;
    autofree char *path = NULL;
    autofree char *name = strndup(entry, strlen(entry) - strlen(".json"));
    size_t length;
    if (!name || asprintf(&path, "%s/%s", folder, entry) < 0) {
        path = NULL;
        return error_set(err, ERROR_MEMORY, "out of memory");
    }
    if (!read_file(folder_fd, entry, &text, &length, err))
        return error_prefix(err, "%s", folder);
    return policy_sources_add(sources, path, name, bytes_of(text, length), err);
}

static int is_policy_entry(const struct dirent *entry)
{
    return is_policy_file(entry->d_name);
}

bool policy_sources_add_folder(struct policy_sources *sources, const char *folder, struct error *err)
{
    autoclose int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct dirent **entries = NULL;
    // Sorted: in whatever order a file system lists them, the same folder has the same faults.
    int count = fd < 0 ? -1 : scandir(folder, &entries, is_policy_entry, alphasort);
    if (count < 0)
        return error_system(err, errno, "policy folder %s", folder);
    bool good = true;
    for (int i = 0; i < count; i++) {
        good = good && add_from_folder(sources, folder, fd, entries[i]->d_name, err);
        free(entries[i]);
    }
    free(entries);
    return good;
}
