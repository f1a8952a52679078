// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/policy_local.h"

#include "base/cleanup.h"
#include "policies/describe.h"
#include "policies/diff.h"
#include "runtime/engine/locations.h"
#include "sandboxctl/json_show.h"
#include "sandboxctl/policy_source.h"
#include "sandboxctl/policy_tables.h"
#include "sandboxctl/refusal.h"
#include "sandboxctl/text_style.h"
#include "sandboxctl/whole_file.h"

#include <limits.h>
#include <string.h>

enum { SCHEMA_BYTES_MAX = 1024 * 1024 };

const struct option_spec policy_check_options[] = {{0}};

// Faults of one document: printed, or added to `faults` if that is not NULL. False if it could not be
// checked.
static bool check_file(const char *path, json_t *faults, bool *ret_good, struct error *err)
{
    struct policy_sources sources;
    struct diagnostics diagnostics;
    policy_sources_init(&sources);
    diagnostics_init(&diagnostics);
    bool read = policy_source_collect(&sources, path, err);
    struct policy_set *set = read ? policy_set_make(&sources, &diagnostics, err) : NULL;
    *ret_good = set != NULL;
    bool told = set != NULL || diagnostics_any(&diagnostics);
    if (faults == NULL) {
        diagnostics_print(&diagnostics, stdout);
    } else {
        json_t *described = diagnostics_describe(&diagnostics);
        if (json_array_extend(faults, described) != 0)
            told = error_set(err, ERROR_MEMORY, "out of memory");
        json_decref(described);
    }
    policy_set_free(set);
    policy_sources_free(&sources);
    diagnostics_free(&diagnostics);
    return told;
}

static void show_json(json_t *document)
{
    if (document == NULL || !json_show(stdout, document, JSON_COMPACT))
        fail(STATUS_FAILURE, "out of memory");
    json_decref(document);
}

enum exit_status policy_check_command(const struct invocation *invocation)
{
    json_t *faults = invocation->json ? json_array() : NULL;
    enum exit_status status = STATUS_SUCCESS;
    for (size_t i = 0; i < invocation->argument_count; i++) {
        bool good = false;
        struct error err;
        if (!check_file(invocation->arguments[i], faults, &good, &err)) {
            json_decref(faults);
            return refuse(invocation, &err);
        }
        if (!good)
            status = STATUS_PLUGIN_FAILED;
        else if (!invocation->json)
            printf("%s: good\n", invocation->arguments[i]);
    }
    if (invocation->json)
        show_json(json_pack("{s:b, s:O}", "valid", status == STATUS_SUCCESS, "errors", faults));
    json_decref(faults);
    return status;
}

enum exit_status policy_show_command(const struct invocation *invocation)
{
    struct error err;
    struct policy *policy = policy_source_load(invocation->arguments[0], &err);
    if (policy == NULL)
        return refuse(invocation, &err);
    json_t *described = policy_describe(policy);
    if (invocation->json || described == NULL) {
        show_json(described);
    } else {
        policy_table(invocation, described);
        json_decref(described);
    }
    policy_unref(policy);
    return STATUS_SUCCESS;
}

static void show_changes(const struct invocation *invocation, const struct policy_changes *changes)
{
    static const enum style styles[] = {
        [CHANGE_TIGHTER] = STYLE_WARN, [CHANGE_LOOSER] = STYLE_BOLD, [CHANGE_OTHER] = STYLE_PLAIN};
    if (invocation->json) {
        show_json(policy_describe_changes(changes));
        return;
    }
    for (size_t i = 0; i < changes->count; i++) {
        printf("%s%-8s%s ", style_begin(invocation->colour, styles[changes->items[i].effect]),
               change_effect_name(changes->items[i].effect), style_end(invocation->colour));
        put_foreign(stdout, changes->items[i].words, 0);
        putchar('\n');
    }
    if (changes->count == 0)
        puts("no difference");
}

enum exit_status policy_diff_command(const struct invocation *invocation)
{
    struct error err;
    struct policy *before = policy_source_load(invocation->arguments[0], &err);
    struct policy *after = before != NULL ? policy_source_load(invocation->arguments[1], &err) : NULL;
    struct policy_changes changes;
    enum exit_status status = STATUS_SUCCESS;
    if (after == NULL || !policy_diff(before, after, &changes, &err)) {
        status = refuse(invocation, &err);
    } else {
        show_changes(invocation, &changes);
        policy_changes_free(&changes);
    }
    policy_unref(before);
    policy_unref(after);
    return status;
}

enum exit_status policy_schema_command(const struct invocation *invocation)
{
    (void)invocation;
    struct error err;
    char folder[PATH_MAX];
    char path[PATH_MAX + 32];
    size_t length;
    if (!location_of_policies(folder, &err))
        return fail(STATUS_FAILURE, "%s", err.text);
    snprintf(path, sizeof path, "%s/policy.schema.json", folder);
    autofree char *text = read_whole_file(path, SCHEMA_BYTES_MAX, &length, &err);
    if (text == NULL)
        return fail(STATUS_FAILURE, "%s", err.text);
    fwrite(text, 1, length, stdout);
    return STATUS_SUCCESS;
}
