// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/policy_remote.h"

#include "base/cleanup.h"
#include "sandboxctl/policy_tables.h"
#include "sandboxctl/refusal.h"
#include "sandboxctl/remote.h"
#include "sandboxctl/text_style.h"
#include "sandboxctl/whole_file.h"

#include <stdlib.h>
#include <string.h>

enum { DOCUMENT_BYTES_MAX = 1024 * 1024 };

const struct option_spec policy_apply_options[] = {
    REMOTE_OPTIONS,
    {"dry-run", 'n', NULL, "only show what would change, and for how many of the last runs", NULL},
    {0},
};

// One GET, shown as a table or as it came.
static enum exit_status show_path(const struct invocation *invocation, char *path,
                                  void (*table)(const struct invocation *invocation, const json_t *body))
{
    autofree char *owned = path;
    struct http_answer answer;
    const struct http_query query = {.method = "GET", .path = owned};
    enum exit_status status = remote_ask(invocation, &query, &answer);
    if (status != STATUS_SUCCESS)
        return status;
    if (invocation->json)
        remote_show(invocation, &answer);
    else
        table(invocation, answer.body);
    http_answer_free(&answer);
    return STATUS_SUCCESS;
}

// The answer to a change.
static void show_changed(const struct invocation *invocation, const struct http_answer *answer)
{
    if (invocation->json)
        remote_show(invocation, answer);
    else
        changes_table(invocation, json_object_get(answer->body, "changed"));
}

static void show_list(const json_t *items)
{
    size_t index;
    json_t *item;
    json_array_foreach(items, index, item)
    {
        const char *name = json_string_value(json_object_get(item, "name"));
        const char *version = json_string_value(json_object_get(item, "version"));
        const char *description = json_string_value(json_object_get(item, "description"));
        char start[20];
        snprintf(start, sizeof start, "%s", version != NULL ? version : "");
        put_foreign(stdout, name != NULL ? name : "?", 20);
        putchar(' ');
        put_foreign(stdout, start, 0);
        fputs("  ", stdout);
        put_foreign(stdout, description, 0);
        putchar('\n');
    }
}

enum exit_status policy_list_command(const struct invocation *invocation)
{
    struct http_answer answer;
    const struct http_query query = {.method = "GET", .path = "/v1/policies"};
    enum exit_status status = remote_ask(invocation, &query, &answer);
    if (status != STATUS_SUCCESS)
        return status;
    if (invocation->json)
        remote_show(invocation, &answer);
    else
        show_list(json_object_get(answer.body, "items"));
    http_answer_free(&answer);
    return STATUS_SUCCESS;
}

enum exit_status policy_get_command(const struct invocation *invocation)
{
    return show_path(invocation, remote_path("/v1/policies/", invocation->arguments[0], ""), policy_table);
}

enum exit_status policy_versions_command(const struct invocation *invocation)
{
    return show_path(invocation, remote_path("/v1/policies/", invocation->arguments[0], "/versions"),
                     versions_table);
}

enum exit_status policy_advice_command(const struct invocation *invocation)
{
    return show_path(invocation, remote_path("/v1/policies/", invocation->arguments[0], "/advice"),
                     advice_table);
}

enum exit_status policy_rollback_command(const struct invocation *invocation)
{
    autofree char *path = remote_path("/v1/policies/", invocation->arguments[0], "/rollback");
    autofree char *body = NULL;
    json_t *document = invocation->argument_count > 1
                           ? json_pack("{s:s}", "version", invocation->arguments[1])
                           : json_object();
    body = json_dumps(document, JSON_COMPACT);
    json_decref(document);
    if (body == NULL)
        return fail(STATUS_FAILURE, "out of memory");
    struct http_answer answer;
    const struct http_query query = {.method = "POST", .path = path, .body = body};
    enum exit_status status = remote_ask(invocation, &query, &answer);
    if (status != STATUS_SUCCESS)
        return status;
    show_changed(invocation, &answer);
    http_answer_free(&answer);
    return STATUS_SUCCESS;
}

// The ETag of what is live, for the caller to free; NULL where there is nothing.
static enum exit_status live_etag(const struct invocation *invocation, const char *path, char **ret_etag)
{
    struct error err;
    struct config config;
    *ret_etag = NULL;
    if (!config_load(invocation, &config, &err))
        return refuse(invocation, &err);
    struct http_answer answer;
    const struct http_query query = {.method = "GET", .path = path};
    bool asked = http_request(&config, &query, &answer, &err);
    config_free(&config);
    if (!asked)
        return refuse(invocation, &err);
    enum exit_status status = STATUS_SUCCESS;
    if (answer.code == 200 && answer.etag != NULL) {
        *ret_etag = answer.etag;
        answer.etag = NULL;
    } else if (answer.code == 200) {
        status = fail(STATUS_FAILURE,
                      "the answer to GET %s has no ETag, so a change of somebody else's "
                      "could be overwritten; is there a proxy in between?",
                      path);
    } else if (answer.code != 404) {

        status = http_fail(invocation, &answer);
    }
    http_answer_free(&answer);
    return status;
}

enum exit_status policy_delete_command(const struct invocation *invocation)
{
    autofree char *path = remote_path("/v1/policies/", invocation->arguments[0], "");
    autofree char *etag = NULL;
    if (path == NULL)
        return fail(STATUS_FAILURE, "out of memory");
    enum exit_status status = live_etag(invocation, path, &etag);
    if (status != STATUS_SUCCESS)
        return status;
    struct http_answer answer;
    const struct http_query query = {.method = "DELETE", .path = path, .if_match = etag != NULL ? etag : "*"};
    status = remote_ask(invocation, &query, &answer);
    if (status != STATUS_SUCCESS)
        return status;
    show_changed(invocation, &answer);
    http_answer_free(&answer);
    return STATUS_SUCCESS;
}

static enum exit_status dry_run(const struct invocation *invocation, const char *text)
{
    struct http_answer answer;
    const struct http_query query = {.method = "POST", .path = "/v1/policies/check", .body = text};
    enum exit_status status = remote_ask(invocation, &query, &answer);
    if (status != STATUS_SUCCESS)
        return status;
    bool valid = json_is_true(json_object_get(answer.body, "valid"));
    if (invocation->json)
        remote_show(invocation, &answer);
    else
        check_table(invocation, answer.body, invocation->arguments[0]);
    fflush(stdout);
    if (valid && !invocation->json)
        fputs("a dry run: nothing was changed\n", stderr);
    http_answer_free(&answer);
    return valid ? STATUS_SUCCESS : STATUS_PLUGIN_FAILED;
}

static enum exit_status put(const struct invocation *invocation, const char *name, const char *text)
{
    autofree char *path = remote_path("/v1/policies/", name, "");
    autofree char *etag = NULL;
    if (path == NULL)
        return fail(STATUS_FAILURE, "out of memory");
    // So that a change made meanwhile by somebody else is not overwritten.
    enum exit_status status = live_etag(invocation, path, &etag);
    if (status != STATUS_SUCCESS)
        return status;
    struct http_answer answer;
    const struct http_query query = {.method = "PUT",
                                     .path = path,
                                     .body = text,
                                     .if_match = etag,
                                     .if_none_match = etag == NULL ? "*" : NULL};
    status = remote_ask(invocation, &query, &answer);
    if (status != STATUS_SUCCESS)
        return status;
    show_changed(invocation, &answer);
    http_answer_free(&answer);
    return STATUS_SUCCESS;
}

enum exit_status policy_apply_command(const struct invocation *invocation)
{
    struct error err;
    size_t length;
    autofree char *text = read_whole_file(invocation->arguments[0], DOCUMENT_BYTES_MAX, &length, &err);
    if (text == NULL)
        return refuse(invocation, &err);
    if (invocation_flag(invocation, "dry-run"))
        return dry_run(invocation, text);
    json_t *document = json_loadb(text, length, 0, NULL);
    const char *name = json_string_value(json_object_get(document, "name"));
    enum exit_status status;
    if (name == NULL)
        status = fail(STATUS_PLUGIN_FAILED, "%s: no policy; 'sandboxctl policy check' tells what is wrong",
                      invocation->arguments[0]);
    else
        status = put(invocation, name, text);
    json_decref(document);
    return status;
}
