// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/lua/corpus.h"

#include "base/cleanup.h"
#include "base/require.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { ANCESTORS_MAX = 6 };

struct corpus corpus_make(const bool allowed[LUA_NAME_COUNT])
{
    struct corpus corpus = {.mutator = calloc(1, sizeof *corpus.mutator)};
    require(corpus.mutator != NULL);
    corpus.mutator->allowed = allowed;
    return corpus;
}

void corpus_free(struct corpus *corpus)
{
    for (unsigned i = 0; i < corpus->count; i++)
        free(corpus->texts[i]);
    free(corpus->texts);
    free(corpus->lengths);
    free(corpus->mutator);
}

static bool add_file(struct corpus *corpus, const char *path, struct error *err)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return error_system(err, errno, "cannot read %s", path);
    autofree char *text = malloc(PROGRAM_BYTES_MAX + 1);
    require(text != NULL);
    size_t length = fread(text, 1, PROGRAM_BYTES_MAX, file);
    fclose(file);
    corpus->texts = reallocarray(corpus->texts, corpus->count + 1, sizeof *corpus->texts);
    corpus->lengths = reallocarray(corpus->lengths, corpus->count + 1, sizeof *corpus->lengths);
    require(corpus->texts != NULL && corpus->lengths != NULL);
    corpus->lengths[corpus->count] = length;
    corpus->texts[corpus->count++] = take_ptr(text);
    return true;
}

static bool add_folder(struct corpus *corpus, const char *path, struct error *err)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    if (count < 0)
        return error_system(err, errno, "cannot list %s", path);
    bool good = true;
    for (int i = 0; i < count; i++) {
        char inner[4096];
        snprintf(inner, sizeof inner, "%s/%s", path, entries[i]->d_name);
        if (good && entries[i]->d_name[0] != '.')
            good = corpus_add(corpus, inner, err);
        free(entries[i]);
    }
    free(entries);
    return good;
}

// Other files may lie beside the Lua ones; what libFuzzer keeps has no suffix.
static bool is_program(const char *path)
{
    const char *name = strrchr(path, '/');
    const char *suffix = strrchr(name != NULL ? name : path, '.');
    return suffix == NULL || strcmp(suffix, ".lua") == 0;
}

bool corpus_add(struct corpus *corpus, const char *path, struct error *err)
{
    struct stat status;
    if (stat(path, &status) < 0)
        return error_system(err, errno, "cannot find %s", path);
    if (S_ISDIR(status.st_mode))
        return add_folder(corpus, path, err);
    return !is_program(path) || add_file(corpus, path, err);
}

static struct bytes pick_text(const struct corpus *corpus, struct choices *choices)
{
    if (corpus->count == 0)
        return bytes_of("", 0);
    unsigned index = choose(choices, corpus->count);
    return bytes_of(corpus->texts[index], corpus->lengths[index]);
}

// Half are written anew; the others are changed copies of a file or of an earlier program.
static void put_program(struct corpus *corpus, uint64_t seed, uint64_t number, unsigned ancestors,
                        struct buffer *out)
{
    struct choices choices = choices_of(seed, number);
    unsigned kind = choose(&choices, 8);
    struct buffer parent = buffer_make(PROGRAM_BYTES_MAX * 2);
    struct bytes text = bytes_of("", 0);
    if (kind < 3) {
        text = pick_text(corpus, &choices);
    } else if (kind == 3 && number > 0 && ancestors > 0) {
        put_program(corpus, seed, choose(&choices, (unsigned)number), ancestors - 1, &parent);
        text = bytes_of(parent.data, parent.length);
    }
    if (text.length > 0)
        mutator_mutate(corpus->mutator, &choices, text, pick_text(corpus, &choices), out);
    else
        mutator_make(corpus->mutator, &choices, out);
    buffer_free(&parent);
}

void corpus_program(struct corpus *corpus, uint64_t seed, uint64_t number, struct buffer *out)
{
    put_program(corpus, seed, number, ANCESTORS_MAX, out);
}
