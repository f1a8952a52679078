// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/policies/sources.h"

#include "base/cleanup.h"
#include "sandboxd/store/store.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

// How faults name a document that was put over HTTP.
static const char put_suffix[] = " (put over HTTP)";

void live_sources_init(struct live_sources *sources)
{
    policy_sources_init(&sources->files);
    policy_sources_init(&sources->merged);
}

void live_sources_free(struct live_sources *sources)
{
    policy_sources_free(&sources->files);
    policy_sources_free(&sources->merged);
}

void live_sources_file_hash(const struct live_sources *sources, const char *name, char hash[FILE_HASH_SIZE])
{
    const struct policy_source *file = policy_sources_find(&sources->files, name);
    hash[0] = '\0';
    if (!file)
        return;
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(digest, (const unsigned char *)file->text, file->length);
    sodium_bin2hex(hash, FILE_HASH_SIZE, digest, sizeof digest);
}

static bool is_current(const struct live_sources *sources, const struct document_row *row)
{
    char hash[FILE_HASH_SIZE];
    live_sources_file_hash(sources, row->name, hash);
    return strcmp(hash, row->file_sha256) == 0;
}

bool live_sources_put(struct live_sources *sources, const char *name, struct bytes document,
                      struct error *err)
{
    char file[128];
    snprintf(file, sizeof file, "%s%s", name, put_suffix);
    return policy_sources_add(&sources->merged, file, name, document, err);
}

bool live_sources_was_put(const struct live_sources *sources, const char *name)
{
    const struct policy_source *source = policy_sources_find(&sources->merged, name);
    size_t suffix = sizeof put_suffix - 1;
    return source && strlen(source->file) > suffix &&
           strcmp(source->file + strlen(source->file) - suffix, put_suffix) == 0;
}

static bool take_document(void *sources_, const struct document_row *row, struct error *err)
{
    struct live_sources *sources = sources_;
    return !is_current(sources, row) || live_sources_put(sources, row->name, row->document, err);
}

static bool read_documents(struct database *db, void *sources, struct error *err)
{
    return documents_read(db, take_document, sources, err);
}

static bool copy_all(const struct policy_sources *from, struct policy_sources *to, struct error *err)
{
    for (size_t i = 0; i < from->count; i++) {
        const struct policy_source *source = &from->items[i];
        if (!policy_sources_add(to, source->file, source->name, bytes_of(source->text, source->length), err))
            return false;
    }
    return true;
}

bool live_sources_read(struct live_sources *sources, const char *folder, struct store *store,
                       struct error *err)
{
    live_sources_init(sources);
    if (policy_sources_add_folder(&sources->files, folder, err) &&
        copy_all(&sources->files, &sources->merged, err) && store_read(store, read_documents, sources, err))
        return true;
    live_sources_free(sources);
    return false;
}

bool live_sources_copy(const struct live_sources *from, struct live_sources *ret_copy, struct error *err)
{
    live_sources_init(ret_copy);
    if (copy_all(&from->files, &ret_copy->files, err) && copy_all(&from->merged, &ret_copy->merged, err))
        return true;
    live_sources_free(ret_copy);
    return false;
}

struct outdated {
    const struct live_sources *sources;
    struct database *db;
    unsigned count;
    char names[64][POLICY_NAME_MAX + 1]; // more go the next time
};

static bool note_outdated(void *outdated_, const struct document_row *row, struct error *err)
{
    struct outdated *outdated = outdated_;
    (void)err;
    if (outdated->count < 64 && !is_current(outdated->sources, row))
        snprintf(outdated->names[outdated->count++], POLICY_NAME_MAX + 1, "%s", row->name);
    return true;
}

bool live_sources_drop_outdated(const struct live_sources *sources, struct database *db, struct error *err)
{
    struct outdated outdated = {.sources = sources, .db = db};
    bool good = documents_read(db, note_outdated, &outdated, err);
    for (unsigned i = 0; good && i < outdated.count; i++)
        good = document_drop(db, outdated.names[i], err);
    return good;
}
