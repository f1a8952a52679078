// SPDX-License-Identifier: Apache-2.0
#include "policies/policy_set.h"

#include "policies/resolve.h"

#include <stdlib.h>

struct policy_set {
    size_t count;
    struct policy *items[];
};

static int compare_policies(const void *left, const void *right)
{
    const struct policy *const *a = left, *const *b = right;
    return strcmp((*a)->name, (*b)->name);
}

static void check_names(struct policy_document *documents, size_t count, struct diagnostics *diagnostics)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (!documents[i].name[0] || strcmp(documents[i].name, documents[j].name) != 0)
                continue;
            struct place at = documents[i].value[MEMBER_NAME].at;
            diagnostics_add(diagnostics, documents[i].file, at.line, at.column, "/name",
                            "\"%s\" is also the name of the policy in %s", documents[i].name,
                            documents[j].file);
            documents[i].good = false;
            break;
        }
    }
}

static struct policy_set *resolve_all(struct policy_document *documents, size_t count,
                                      struct diagnostics *diagnostics)
{
    struct policy_set *set = calloc(1, sizeof *set + count * sizeof set->items[0]);
    if (!set) {
        diagnostics_exhaust(diagnostics, "");
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        struct policy *policy = policy_resolve(documents, count, i, diagnostics);
        if (policy)
            set->items[set->count++] = policy;
    }
    qsort(set->items, set->count, sizeof set->items[0], compare_policies);
    return set;
}

struct policy_set *policy_set_make(const struct policy_sources *sources, struct diagnostics *diagnostics,
                                   struct error *err)
{
    struct policy_document *documents = calloc(sources->count + 1, sizeof *documents);
    if (!documents) {
        error_set(err, ERROR_MEMORY, "out of memory");
        return NULL;
    }
    for (size_t i = 0; i < sources->count; i++) {
        const struct policy_source *source = &sources->items[i];
        policy_document_read(source->file, bytes_of(source->text, source->length), source->name, diagnostics,
                             &documents[i]);
    }
    check_names(documents, sources->count, diagnostics);
    policy_check_chains(documents, sources->count, diagnostics);
    struct policy_set *set = resolve_all(documents, sources->count, diagnostics);
    for (size_t i = 0; i < sources->count; i++)
        policy_document_free(&documents[i]);
    free(documents);
    diagnostics_sort(diagnostics);
    if (diagnostics_any(diagnostics)) {
        policy_set_free(set);
        error_set(err, ERROR_INVALID, "%zu %s in the policies", diagnostics->count,
                  diagnostics->count == 1 ? "fault" : "faults");
        return NULL;
    }
    return set;
}

struct policy_set *policy_set_load(const char *folder, struct diagnostics *diagnostics, struct error *err)
{
    struct policy_sources sources;
    policy_sources_init(&sources);
    struct policy_set *set = NULL;
    if (policy_sources_add_folder(&sources, folder, err)) {
        if (sources.count == 0)
            error_set(err, ERROR_NOT_FOUND, "policy folder %s: there is no policy (NAME.json) in it", folder);
        else
            set = policy_set_make(&sources, diagnostics, err);
    }
    policy_sources_free(&sources);
    return set;
}

void policy_set_free(struct policy_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->count; i++)
        policy_unref(set->items[i]);
    free(set);
}

size_t policy_set_count(const struct policy_set *set)
{
    return set->count;
}

struct policy *policy_set_at(const struct policy_set *set, size_t index)
{
    return set->items[index];
}

struct policy *const *policy_set_items(const struct policy_set *set)
{
    return set->items;
}

struct policy *policy_set_find(const struct policy_set *set, const char *name)
{
    for (size_t i = 0; i < set->count; i++)
        if (strcmp(set->items[i]->name, name) == 0)
            return set->items[i];
    return NULL;
}
