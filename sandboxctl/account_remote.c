// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/account_remote.h"

#include "base/cleanup.h"
#include "sandboxctl/json_show.h"
#include "sandboxctl/json_table.h"
#include "sandboxctl/refusal.h"
#include "sandboxctl/remote.h"
#include "sandboxctl/remote_change.h"
#include "sandboxctl/text_style.h"
#include "sandboxctl/whole_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLAN_BYTES_MAX = 64 * 1024 };
#define COUNT(array_) (sizeof(array_) / sizeof *(array_))

const struct option_spec tenant_list_options[] = {
    {"limit", 'n', "N", "how many at most (default: 50)", NULL},
    {"cursor", 0, "CURSOR", "the page after the one that named it", NULL},
    REMOTE_OPTIONS,
    {0},
};
const struct option_spec tenant_create_options[] = {
    {"name", 0, "NAME", "for people (default: the id)", NULL},
    {"plan", 0, "PLAN", "the plan that it is under (default: free)", NULL},
    REMOTE_OPTIONS,
    {0},
};
const struct option_spec tenant_update_options[] = {
    {"name", 0, "NAME", "another name for people", NULL},
    {"suspend", 0, "REASON", "refuse its keys, and say why", NULL},
    {"resume", 0, NULL, "let it in again", NULL},
    REMOTE_OPTIONS,
    {0},
};
const struct option_spec key_create_options[] = {
    {"name", 0, "NAME", "what the key is for", NULL},
    {"expires-at", 0, "TIME", "when it ends, e.g. 2027-01-31T00:00:00Z (default: never)", NULL},
    REMOTE_OPTIONS,
    {0},
};
const struct option_spec usage_options[] = {
    {"from", 0, "DATE", "the first day (default: the first of the month)", NULL},
    {"to", 0, "DATE", "the last day (default: today)", NULL},
    REMOTE_OPTIONS,
    {0},
};

// --- tenants

static const struct column tenant_columns[] = {
    {"ID", "id", COLUMN_TEXT},
    {"PLAN", "plan", COLUMN_TEXT},
    {"SUSPENDED", "suspended_reason", COLUMN_TEXT},
    {"CREATED", "created_at", COLUMN_TEXT},
    {"NAME", "name", COLUMN_TEXT},
};

static void show_tenants(const struct invocation *invocation, const json_t *body)
{
    (void)invocation;
    json_table_show(stdout, tenant_columns, COUNT(tenant_columns), json_object_get(body, "items"));
    remote_tell_more(body);
}

static void show_tenant(const struct invocation *invocation, const json_t *body)
{
    (void)invocation;
    json_record_show(stdout, tenant_columns, COUNT(tenant_columns), body);
}

static void show_gone(const struct invocation *invocation, const json_t *body)
{
    (void)body;
    fprintf(stderr, "%s is gone\n", invocation->arguments[invocation->argument_count - 1]);
}

enum exit_status tenant_list_command(const struct invocation *invocation)
{
    static const char *const names[] = {"limit", "cursor"};
    return remote_do(invocation, "GET", remote_query(invocation, "/v1/tenants", names, COUNT(names)), NULL,
                     show_tenants);
}

enum exit_status tenant_create_command(const struct invocation *invocation)
{
    json_t *body =
        json_pack("{s:s, s:s*, s:s*}", "id", invocation->arguments[0], "name",
                  invocation_option(invocation, "name"), "plan", invocation_option(invocation, "plan"));
    return remote_do(invocation, "POST", strdup("/v1/tenants"), body, show_tenant);
}

static char *tenant_path(const struct invocation *invocation, const char *suffix)
{
    return remote_path("/v1/tenants/", invocation->arguments[0], suffix);
}

enum exit_status tenant_get_command(const struct invocation *invocation)
{
    return remote_do(invocation, "GET", tenant_path(invocation, ""), NULL, show_tenant);
}

enum exit_status tenant_update_command(const struct invocation *invocation)
{
    const char *name = invocation_option(invocation, "name");
    const char *reason = invocation_option(invocation, "suspend");
    bool resume = invocation_flag(invocation, "resume");
    if (name == NULL && reason == NULL && !resume)
        return fail(STATUS_USAGE, "nothing to change: give --name, --suspend or --resume");
    if (reason != NULL && resume)
        return fail(STATUS_USAGE, "--suspend and --resume do not go together");
    json_t *body = json_pack("{s:s*, s:s*}", "name", name, "suspended_reason", reason);
    if (resume)
        json_object_set_new(body, "suspended_reason", json_null());
    return remote_do(invocation, "PATCH", tenant_path(invocation, ""), body, show_tenant);
}

enum exit_status tenant_delete_command(const struct invocation *invocation)
{
    return remote_do(invocation, "DELETE", tenant_path(invocation, ""), NULL, show_gone);
}

// --- keys

static const struct column key_columns[] = {
    {"ID", "id", COLUMN_TEXT},
    {"ROLE", "role", COLUMN_TEXT},
    {"TENANT", "tenant", COLUMN_TEXT},
    {"LAST USED", "last_used_at", COLUMN_TEXT},
    {"EXPIRES", "expires_at", COLUMN_TEXT},
    {"NAME", "name", COLUMN_TEXT},
};

static void show_keys(const struct invocation *invocation, const json_t *body)
{
    (void)invocation;
    json_table_show(stdout, key_columns, COUNT(key_columns), json_object_get(body, "items"));
}

// The key alone on standard output, so that it can go to a file.
static void show_new_key(const struct invocation *invocation, const json_t *body)
{
    (void)invocation;
    const char *key = json_string_value(json_object_get(body, "key"));
    const char *id = json_string_value(json_object_get(body, "id"));
    fputs("key ", stderr);
    put_foreign(stderr, id, 0);
    fputs(", shown this once:\n", stderr);
    puts(key != NULL ? key : "");
}

// Of a tenant, or of admins if none is named.
static char *keys_path(const struct invocation *invocation, bool of_tenant)
{
    return of_tenant ? tenant_path(invocation, "/keys") : strdup("/v1/keys");
}

enum exit_status key_list_command(const struct invocation *invocation)
{
    return remote_do(invocation, "GET", keys_path(invocation, invocation->argument_count == 1), NULL,
                     show_keys);
}

enum exit_status key_create_command(const struct invocation *invocation)
{
    json_t *body = json_pack("{s:s*, s:s*}", "name", invocation_option(invocation, "name"), "expires_at",
                             invocation_option(invocation, "expires-at"));
    return remote_do(invocation, "POST", keys_path(invocation, invocation->argument_count == 1), body,
                     show_new_key);
}

enum exit_status key_revoke_command(const struct invocation *invocation)
{
    autofree char *keys = keys_path(invocation, invocation->argument_count == 2);
    autofree char *prefix = NULL;
    if (keys == NULL || asprintf(&prefix, "%s/", keys) < 0)
        return fail(STATUS_FAILURE, "out of memory");
    const char *id = invocation->arguments[invocation->argument_count - 1];
    return remote_do(invocation, "DELETE", remote_path(prefix, id, ""), NULL, show_gone);
}

// --- subscriptions

static void show_subscription(const struct invocation *invocation, const json_t *body)
{
    static const struct column current[] = {
        {"tenant", "tenant", COLUMN_TEXT}, {"plan", "plan", COLUMN_TEXT}, {"since", "since", COLUMN_TEXT}};
    static const struct column past[] = {
        {"EARLIER", "plan", COLUMN_TEXT}, {"SINCE", "since", COLUMN_TEXT}, {"UNTIL", "until", COLUMN_TEXT}};
    (void)invocation;
    const json_t *history = json_object_get(body, "history");
    json_record_show(stdout, current, COUNT(current), body);
    if (json_array_size(history) > 0)
        json_table_show(stdout, past, COUNT(past), history);
}

enum exit_status subscription_show_command(const struct invocation *invocation)
{
    return remote_do(invocation, "GET", tenant_path(invocation, "/subscription"), NULL, show_subscription);
}

enum exit_status subscription_change_command(const struct invocation *invocation)
{
    json_t *body = json_pack("{s:s}", "plan", invocation->arguments[1]);
    return remote_do(invocation, "PUT", tenant_path(invocation, "/subscription"), body, show_subscription);
}

static void show_usage(const struct invocation *invocation, const json_t *body)
{
    static const struct column columns[] = {{"DATE", "date", COLUMN_TEXT},
                                            {"RUNS", "runs", COLUMN_COUNT},
                                            {"FAILURES", "failures", COLUMN_COUNT},
                                            {"CPU S", "cpu_seconds", COLUMN_SECONDS},
                                            {"GIB S", "memory_gib_seconds", COLUMN_SECONDS},
                                            {"COST", "cost_micros", COLUMN_MONEY}};
    (void)invocation;
    json_t *rows = json_copy(json_object_get(body, "days"));
    json_t *total = json_copy(json_object_get(body, "total"));
    json_object_set_new(total, "date", json_string("total"));
    json_array_append_new(rows, total);
    json_table_show(stdout, columns, COUNT(columns), rows);
    json_decref(rows);
}

enum exit_status subscription_usage_command(const struct invocation *invocation)
{
    static const char *const names[] = {"from", "to"};
    autofree char *path = tenant_path(invocation, "/usage");
    if (path == NULL)
        return fail(STATUS_FAILURE, "out of memory");
    return remote_do(invocation, "GET", remote_query(invocation, path, names, COUNT(names)), NULL,
                     show_usage);
}

// --- plans

static void show_plans(const struct invocation *invocation, const json_t *body)
{
    static const struct column columns[] = {{"NAME", "name", COLUMN_TEXT},
                                            {"PRIORITY", "priority", COLUMN_COUNT},
                                            {"AT ONCE", "concurrent_runs", COLUMN_COUNT},
                                            {"DESCRIPTION", "description", COLUMN_TEXT}};
    (void)invocation;
    json_table_show(stdout, columns, COUNT(columns), json_object_get(body, "items"));
}

// As a document that `plan apply` takes.
static void show_plan(const struct invocation *invocation, const json_t *body)
{
    (void)invocation;
    json_t *document = json_copy((json_t *)body);
    json_object_del(document, "changed_at");
    json_show(stdout, document, JSON_INDENT(2));
    json_decref(document);
}

enum exit_status plan_list_command(const struct invocation *invocation)
{
    return remote_do(invocation, "GET", strdup("/v1/plans"), NULL, show_plans);
}

enum exit_status plan_get_command(const struct invocation *invocation)
{
    return remote_do(invocation, "GET", remote_path("/v1/plans/", invocation->arguments[0], ""), NULL,
                     show_plan);
}

enum exit_status plan_apply_command(const struct invocation *invocation)
{
    struct error err;
    json_error_t where;
    size_t length;
    autofree char *text = read_whole_file(invocation->arguments[1], PLAN_BYTES_MAX, &length, &err);
    if (text == NULL)
        return refuse(invocation, &err);
    json_t *document = json_loadb(text, length, JSON_REJECT_DUPLICATES, &where);
    if (document == NULL)
        return fail(STATUS_USAGE, "%s:%d:%d: %s", invocation->arguments[1], where.line, where.column,
                    where.text);
    return remote_do(invocation, "PUT", remote_path("/v1/plans/", invocation->arguments[0], ""), document,
                     show_plan);
}
