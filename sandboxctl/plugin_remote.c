// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/plugin_remote.h"

#include "base/buffer.h"
#include "base/cleanup.h"
#include "packaging/manifest.h"
#include "sandboxctl/remote.h"
#include "sandboxctl/remote_result.h"
#include "sandboxctl/text_style.h"

#include <string.h>

const struct option_spec plugin_list_options[] = {
    {"namespace", 0, "NS", "of one namespace", NULL},
    {"limit", 'n', "N", "how many at most (default: 50)", NULL},
    {"cursor", 0, "CURSOR", "the page after the one that named it", NULL},
    REMOTE_OPTIONS,
    {0},
};

const struct option_spec plugin_install_options[] = {
    {"tenant", 't', "ID", "the tenant that it is for", NULL},
    REMOTE_OPTIONS,
    {0},
};

const struct option_spec plugin_installed_options[] = {
    {"tenant", 't', "ID", "the tenant that has them", NULL},
    {"limit", 'n', "N", "how many at most (default: 50)", NULL},
    {"cursor", 0, "CURSOR", "the page after the one that named it", NULL},
    REMOTE_OPTIONS,
    {0},
};

bool plugin_argument(const char *text, char **ret_name, const char **ret_version)
{
    struct bytes space, name;
    const char *at = strchr(text, '@');
    size_t length = at != NULL ? (size_t)(at - text) : strlen(text);
    if (!plugin_full_name_split(bytes_of(text, length), &space, &name) || (at != NULL && at[1] == '\0')) {
        fail(STATUS_USAGE, "'%s': expected NAMESPACE/NAME, or NAMESPACE/NAME@VERSION", text);
        return false;
    }
    *ret_name = strndup(text, length);
    *ret_version = at != NULL ? at + 1 : NULL;
    return *ret_name != NULL;
}

static enum exit_status ask(const struct invocation *invocation, const struct http_query *query,
                            void (*show)(const json_t *body))
{
    struct http_answer answer;
    enum exit_status status = remote_ask(invocation, query, &answer);
    if (status != STATUS_SUCCESS)
        return status;
    if (invocation->json && answer.body != NULL)
        remote_show(invocation, &answer);
    else if (!invocation->json && show != NULL)
        show(answer.body);
    http_answer_free(&answer);
    return STATUS_SUCCESS;
}

static void show_cursor(const json_t *body)
{
    const char *cursor = text_at(body, "next_cursor");
    if (cursor != NULL) {
        fputs("more: --cursor ", stderr);
        put_foreign(stderr, cursor, 0);
        fputc('\n', stderr);
    }
}

static void show_list(const json_t *body)
{
    size_t index;
    json_t *plugin;
    const json_t *items = json_object_get(body, "items");
    if (json_array_size(items) == 0)
        fputs("no plugins\n", stderr);
    else
        printf("%-32s%-14s%-14s%s\n", "PLUGIN", "LATEST", "INSTALLED", "DESCRIPTION");
    json_array_foreach(items, index, plugin)
    {
        const char *latest = text_at(plugin, "latest");
        const char *range = text_at(json_object_get(plugin, "installed"), "range");
        const char *description = text_at(plugin, "description");
        put_foreign(stdout, text_at(plugin, "name"), 32);
        put_foreign(stdout, latest != NULL ? latest : "yanked", 14);
        put_foreign(stdout, range != NULL ? range : "", 14);
        put_foreign(stdout, description != NULL ? description : "", 0);
        fputc('\n', stdout);
    }
    show_cursor(body);
}

// Asks for a page below `base`, by those of the options that are given.
static enum exit_status ask_page(const struct invocation *invocation, const char *base,
                                 const char *const filters[], void (*show)(const json_t *body))
{
    struct buffer path = buffer_make(4096);
    char separator = '?';
    buffer_append_text(&path, base);
    for (; *filters != NULL; filters++) {
        const char *value = invocation_option(invocation, *filters);
        autofree char *escaped = value != NULL ? http_escape(value) : NULL;
        if (escaped == NULL)
            continue;
        buffer_printf(&path, "%c%s=%s", separator, *filters, escaped);
        separator = '&';
    }
    autofree char *whole = buffer_take(&path, NULL);
    return ask(invocation, &(struct http_query){.method = "GET", .path = whole}, show);
}

enum exit_status plugin_list_command(const struct invocation *invocation)
{
    static const char *const filters[] = {"namespace", "limit", "cursor", NULL};
    return ask_page(invocation, "/v1/plugins", filters, show_list);
}

static void show_member(const char *label, const char *text)
{
    if (text == NULL || *text == '\0')
        return;
    printf("%-12s", label);
    put_foreign(stdout, text, 0);
    fputc('\n', stdout);
}

static void show_plugin(const json_t *plugin)
{
    size_t index;
    json_t *version;
    const char *owner = text_at(plugin, "owner");
    show_member("name", text_at(plugin, "name"));
    show_member("owner", owner != NULL ? owner : "the operator");
    show_member("latest", text_at(plugin, "latest"));
    show_member("installed", text_at(json_object_get(plugin, "installed"), "range"));
    json_array_foreach(json_object_get(plugin, "versions"), index, version)
    {
        put_foreign(stdout, text_at(version, "version"), 14);
        put_foreign(stdout, text_at(version, "published_at"), 26);
        fputs(json_is_true(json_object_get(version, "yanked")) ? "yanked  " : "        ", stdout);
        put_foreign(stdout, text_at(version, "sha256"), 0);
        fputc('\n', stdout);
    }
}

static void show_version(const json_t *version)
{
    size_t index;
    json_t *module;
    show_member("name", text_at(version, "name"));
    show_member("version", text_at(version, "version"));
    show_member("published", text_at(version, "published_at"));
    show_member("yanked", text_at(version, "yanked_at"));
    show_member("sha256", text_at(version, "sha256"));
    show_member("description", text_at(version, "description"));
    show_member("author", text_at(json_object_get(version, "manifest"), "author"));
    show_member("license", text_at(json_object_get(version, "manifest"), "license"));
    json_array_foreach(json_object_get(version, "modules"), index, module)
    {
        printf("%-12s", index == 0 ? "modules" : "");
        put_foreign(stdout, text_at(module, "name"), 0);
        printf(", %" JSON_INTEGER_FORMAT " bytes\n", json_integer_value(json_object_get(module, "bytes")));
    }
}

// "/v1/plugins/acme/slugify", and with a version that behind it. NULL: a message was printed.
static char *plugin_path(const char *argument, bool *ret_has_version)
{
    autofree char *name = NULL;
    const char *version;
    char *path = NULL;
    if (!plugin_argument(argument, &name, &version))
        return NULL;
    autofree char *escaped = http_escape(version != NULL ? version : "");
    if (escaped == NULL ||
        asprintf(&path, "/v1/plugins/%s%s%s", name, version != NULL ? "/versions/" : "", escaped) < 0)
        return NULL;
    *ret_has_version = version != NULL;
    return path;
}

enum exit_status plugin_get_command(const struct invocation *invocation)
{
    bool has_version;
    autofree char *path = plugin_path(invocation->arguments[0], &has_version);
    if (path == NULL)
        return STATUS_USAGE;
    return ask(invocation, &(struct http_query){.method = "GET", .path = path},
               has_version ? show_version : show_plugin);
}

enum exit_status plugin_yank_command(const struct invocation *invocation)
{
    bool has_version;
    autofree char *path = plugin_path(invocation->arguments[0], &has_version);
    if (path == NULL)
        return STATUS_USAGE;
    if (!has_version)
        return fail(STATUS_USAGE, "name the version: %s@VERSION", invocation->arguments[0]);
    enum exit_status status = ask(invocation, &(struct http_query){.method = "DELETE", .path = path}, NULL);
    if (status == STATUS_SUCCESS && !invocation->json)
        printf("%s is yanked: it runs only where it is named exactly\n", invocation->arguments[0]);
    return status;
}

// "/v1/tenants/acme/plugins/acme/slugify". NULL: a message was printed.
static char *install_path(const struct invocation *invocation, const char **ret_version)
{
    const char *tenant = invocation_option(invocation, "tenant");
    autofree char *name = NULL;
    char *path = NULL;
    if (tenant == NULL) {
        fail(STATUS_USAGE, "--tenant ID is missing: whom it is for");
        return NULL;
    }
    if (!plugin_argument(invocation->arguments[0], &name, ret_version))
        return NULL;
    autofree char *escaped = http_escape(tenant);
    if (escaped == NULL || asprintf(&path, "/v1/tenants/%s/plugins/%s", escaped, name) < 0)
        return NULL;
    return path;
}

static void show_install(const json_t *install)
{
    put_foreign(stdout, text_at(install, "name"), 0);
    fputs(" is installed at ", stdout);
    put_foreign(stdout, text_at(install, "range"), 0);
    fputs(", which is ", stdout);
    put_foreign(stdout, text_at(install, "version"), 0);
    fputs(" now\n", stdout);
}

enum exit_status plugin_install_command(const struct invocation *invocation)
{
    const char *version;
    autofree char *path = install_path(invocation, &version);
    if (path == NULL)
        return STATUS_USAGE;
    json_t *document = version != NULL ? json_pack("{s:s}", "version", version) : json_object();
    autofree char *body = json_dumps(document, JSON_COMPACT);
    json_decref(document);
    if (body == NULL)
        return fail(STATUS_USAGE, "'%s': the version is not valid UTF-8", invocation->arguments[0]);
    return ask(invocation, &(struct http_query){.method = "PUT", .path = path, .body = body}, show_install);
}

enum exit_status plugin_uninstall_command(const struct invocation *invocation)
{
    const char *version;
    autofree char *path = install_path(invocation, &version);
    if (path == NULL)
        return STATUS_USAGE;
    if (version != NULL)
        return fail(STATUS_USAGE, "a plugin is uninstalled as a whole: leave @%s out", version);
    enum exit_status status = ask(invocation, &(struct http_query){.method = "DELETE", .path = path}, NULL);
    if (status == STATUS_SUCCESS && !invocation->json)
        printf("%s is no longer installed\n", invocation->arguments[0]);
    return status;
}

static void show_installs(const json_t *body)
{
    size_t index;
    json_t *install;
    const json_t *items = json_object_get(body, "items");
    if (json_array_size(items) == 0)
        fputs("no plugins installed\n", stderr);
    else
        printf("%-32s%-14s%-14s%s\n", "PLUGIN", "RANGE", "VERSION", "INSTALLED");
    json_array_foreach(items, index, install)
    {
        const char *version = text_at(install, "version");
        put_foreign(stdout, text_at(install, "name"), 32);
        put_foreign(stdout, text_at(install, "range"), 14);
        put_foreign(stdout, version != NULL ? version : "yanked", 14);
        put_foreign(stdout, text_at(install, "installed_at"), 0);
        fputc('\n', stdout);
    }
    show_cursor(body);
}

enum exit_status plugin_installed_command(const struct invocation *invocation)
{
    static const char *const filters[] = {"limit", "cursor", NULL};
    const char *tenant = invocation_option(invocation, "tenant");
    autofree char *escaped = tenant != NULL ? http_escape(tenant) : NULL;
    autofree char *base = NULL;
    if (escaped == NULL || asprintf(&base, "/v1/tenants/%s/plugins", escaped) < 0)
        return fail(STATUS_USAGE, "--tenant ID is missing: whose plugins");
    return ask_page(invocation, base, filters, show_installs);
}
