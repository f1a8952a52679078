// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/policy_source.h"

#include "base/cleanup.h"
#include "base/closest.h"
#include "policies/origins.h"
#include "runtime/engine/locations.h"
#include "sandboxctl/text_style.h"
#include "sandboxctl/whole_file.h"

#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DOCUMENT_BYTES_MAX = 1024 * 1024 };

bool policy_source_is_path(const char *named)
{
    size_t length = strlen(named);
    return strchr(named, '/') != NULL || (length > 5 && strcmp(named + length - 5, ".json") == 0);
}

void diagnostics_print(const struct diagnostics *diagnostics, FILE *to)
{
    for (size_t i = 0; i < diagnostics->count; i++) {
        char text[DIAGNOSTIC_TEXT_SIZE];
        diagnostic_format(&diagnostics->items[i], text);
        put_foreign_lines(to, bytes_of_text(text));
        fputc('\n', to);
    }
    if (diagnostics->incomplete)
        fputs("and more\n", to);
}

// The text of member `name` of the document at `path`; NULL if there is none or the file is no JSON object:
// the policy reader tells of that better.
static char *document_text(const char *path, const char *name)
{
    json_t *document = json_load_file(path, 0, NULL);
    const char *text = json_string_value(json_object_get(document, name));
    char *copy = text != NULL ? strdup(text) : NULL;
    json_decref(document);
    return copy;
}

// A document stands for its own name, whatever its file is called, and takes the place of a stock one.
static bool add_document(struct policy_sources *sources, const char *path, struct error *err)
{
    size_t length;
    autofree char *text = read_whole_file(path, DOCUMENT_BYTES_MAX, &length, err);
    autofree char *name = document_text(path, "name");
    return text != NULL && policy_sources_add(sources, path, name, bytes_of(text, length), err);
}

// Follows `extends` through the documents beside `path`; where there is none of a name, a stock one is meant.
static bool add_parents(struct policy_sources *sources, const char *path, struct error *err)
{
    const char *slash = strrchr(path, '/');
    int folder_length = slash != NULL ? (int)(slash - path) + 1 : 0;
    autofree char *parent = document_text(path, "extends");
    for (unsigned i = 0; parent != NULL && i < EXTENDS_CHAIN_MAX; i++) {
        char beside[PATH_MAX];
        if (strchr(parent, '/') != NULL ||
            snprintf(beside, sizeof beside, "%.*s%s.json", folder_length, path, parent) >=
                (int)sizeof beside ||
            access(beside, R_OK) != 0)
            return true;
        if (!add_document(sources, beside, err))
            return false;
        free(parent);
        parent = document_text(beside, "extends");
    }
    return true;
}

bool policy_source_collect(struct policy_sources *sources, const char *path, struct error *err)
{
    char stock[PATH_MAX];
    if (!location_of_policies(stock, err) || !policy_sources_add_folder(sources, stock, err))
        return false;
    return path == NULL || (add_parents(sources, path, err) && add_document(sources, path, err));
}

// The stock document of that name and those that it extends, and no others: a run starts with this. False if
// one of them cannot be had.
static bool add_stock_chain(struct policy_sources *sources, const char *stock, const char *named)
{
    autofree char *name = strdup(named);
    while (name != NULL && policy_sources_find(sources, name) == NULL) {
        char path[PATH_MAX];
        size_t length;
        if (strchr(name, '/') != NULL ||
            snprintf(path, sizeof path, "%s/%s.json", stock, name) >= (int)sizeof path)
            return false;
        autofree char *text = read_whole_file(path, DOCUMENT_BYTES_MAX, &length, NULL);
        if (text == NULL || !policy_sources_add(sources, path, name, bytes_of(text, length), NULL))
            return false;
        free(name);
        name = document_text(path, "extends");
    }
    return true;
}

// Where that is not enough all are read, so that it can be told which one was meant.
static bool collect_stock(struct policy_sources *sources, const char *named, struct error *err)
{
    char stock[PATH_MAX];
    if (!location_of_policies(stock, err))
        return false;
    if (add_stock_chain(sources, stock, named))
        return true;
    policy_sources_free(sources);
    return policy_source_collect(sources, NULL, err);
}

static struct policy *take_policy(const struct policy_set *set, const char *named, struct error *err)
{
    autofree char *own = policy_source_is_path(named) ? document_text(named, "name") : strdup(named);
    struct policy *policy = own != NULL ? policy_set_find(set, own) : NULL;
    if (policy != NULL)
        return policy_ref(policy);
    struct closest best = closest_make(named, strlen(named));
    for (size_t i = 0; i < policy_set_count(set); i++)
        closest_offer(&best, policy_set_at(set, i)->name);
    if (closest_text(&best) != NULL)
        error_set(err, ERROR_NOT_FOUND, "there is no policy '%s'; did you mean '%s'?", named,
                  closest_text(&best));
    else
        error_set(err, ERROR_NOT_FOUND, "there is no policy '%s'", named);
    return NULL;
}

struct policy *policy_source_load(const char *named, struct error *err)
{
    struct policy_sources sources;
    struct diagnostics diagnostics;
    struct policy *policy = NULL;
    policy_sources_init(&sources);
    diagnostics_init(&diagnostics);
    if (policy_source_is_path(named) ? policy_source_collect(&sources, named, err)
                                     : collect_stock(&sources, named, err)) {
        struct policy_set *set = policy_set_make(&sources, &diagnostics, err);
        diagnostics_print(&diagnostics, stderr);
        if (set != NULL)
            policy = take_policy(set, named, err);
        else if (diagnostics_any(&diagnostics))
            error_set(err, ERROR_INVALID, "policy %s: %zu fault%s", named, diagnostics.count,
                      diagnostics.count == 1 ? "" : "s");
        policy_set_free(set);
    }
    policy_sources_free(&sources);
    diagnostics_free(&diagnostics);
    return policy;
}
