// SPDX-License-Identifier: Apache-2.0
// plugin publish: the folder is checked here first, by the same readers as the server's, so that faults are
// told with file and line; then it is sent as one package.
#include "base/cleanup.h"
#include "base/json_write.h"
#include "base/utf8.h"
#include "sandboxctl/bundle.h"
#include "sandboxctl/findings_report.h"
#include "sandboxctl/plugin_remote.h"
#include "sandboxctl/policy_source.h"
#include "sandboxctl/refusal.h"
#include "sandboxctl/remote.h"
#include "sandboxctl/remote_result.h"
#include "sandboxctl/text_style.h"
#include "sandboxctl/validate.h"

#include <string.h>

const struct option_spec plugin_publish_options[] = {
    {"namespace", 0, "NS", "where, if the manifest's name has no namespace", NULL},
    {"dry-run", 'n', NULL, "only check it, here", NULL},
    REMOTE_OPTIONS,
    {0},
};

// What is published.
struct publication {
    struct bundle bundle;
    char *name; // "acme/slugify"; owned
};

// Both what the server checks: the manifest, and the Lua text in a worker.
static enum exit_status check(const struct invocation *invocation, const char *folder,
                              struct publication *publication)
{
    struct error err;
    struct policy *policy = policy_source_load("default", &err);
    struct validation *validation =
        policy != NULL ? validate_plugin(&publication->bundle, folder, policy, &err) : NULL;
    policy_unref(policy);
    if (validation == NULL)
        return refuse(invocation, &err);
    bool valid = validation_is_valid(validation);
    if (!valid || !invocation->json)
        findings_report(stderr, invocation->error_colour, folder, &publication->bundle, validation);
    validation_free(validation);
    if (!valid)
        return STATUS_PLUGIN_FAILED;
    if (publication->bundle.manifest == NULL)
        return fail(STATUS_USAGE, "%s: expected a folder with a plugin.json", folder);
    return STATUS_SUCCESS;
}

static enum exit_status choose_name(const struct invocation *invocation, struct publication *publication)
{
    struct bytes space, name;
    const char *own = publication->bundle.declared.name, *given = invocation_option(invocation, "namespace");
    if (own == NULL || publication->bundle.declared.version == NULL)
        return fail(STATUS_PLUGIN_FAILED, "plugin.json: \"name\" and \"version\" are needed to publish it");
    bool whole = strchr(own, '/') != NULL;
    if (!whole && given == NULL)
        return fail(STATUS_USAGE, "plugin.json: the name \"%s\" has no namespace; give --namespace NS", own);
    if (given != NULL && !plugin_name_part_valid(bytes_of_text(given), NAMESPACE_MAX))
        return fail(
            STATUS_USAGE,
            "--namespace '%.80s': expected lower-case letters, digits, '_' and '-', a letter first, at "
            "most %d bytes",
            given, NAMESPACE_MAX);
    if (asprintf(&publication->name, "%s%s%s", whole ? "" : given, whole ? "" : "/", own) < 0)
        publication->name = NULL;
    if (publication->name == NULL)
        return fail(STATUS_FAILURE, "out of memory");
    if (!plugin_full_name_split(bytes_of_text(publication->name), &space, &name) ||
        (whole && given != NULL && !bytes_equal_text(space, given)))
        return fail(STATUS_USAGE, "plugin.json: the name \"%s\" is of another namespace than --namespace %s",
                    own, given != NULL ? given : "");
    return STATUS_SUCCESS;
}

// {"manifest": ..., "modules": ...} as the server takes it, the manifest as it was written. NULL: a message
// was printed.
static char *package_text(const struct publication *publication)
{
    const struct bundle *bundle = &publication->bundle;
    struct buffer text = buffer_make(SIZE_MAX);
    buffer_append_byte(&text, '{');
    json_put_name(&text, "manifest");
    buffer_append_text(&text, bundle->manifest_text);
    json_put_name(&text, "modules");
    buffer_append_byte(&text, '{');
    for (size_t i = 0; i < bundle->module_count; i++) {
        const struct bundle_module *module = &bundle->modules[i];
        struct bytes code = bytes_of(module->code, module->length);
        if (!utf8_valid(code)) {
            fail(STATUS_PLUGIN_FAILED, "%s: it is not valid UTF-8", module->path);
            buffer_free(&text);
            return NULL;
        }
        // In a bundle the entry has its file's name.
        json_put_name(&text, i == 0 ? bundle->declared.entry : module->name);
        json_put_string(&text, code);
    }
    buffer_append_text(&text, "}}");
    char *taken = buffer_take(&text, NULL);
    if (taken == NULL)
        fail(STATUS_FAILURE, "out of memory");
    return taken;
}

static void show_published(const json_t *body)
{
    size_t index;
    json_t *warning;
    put_foreign(stdout, text_at(body, "name"), 0);
    fputc(' ', stdout);
    put_foreign(stdout, text_at(body, "version"), 0);
    fputs(" is published, sha256 ", stdout);
    put_foreign(stdout, text_at(body, "sha256"), 0);
    fputc('\n', stdout);
    if (json_is_true(json_object_get(body, "yanked"))) {
        fputs("warning: this version was yanked at ", stderr);
        put_foreign(stderr, text_at(body, "yanked_at"), 0);
        fputs(" and stays so; publish the next one\n", stderr);
    }
    json_array_foreach(json_object_get(body, "diagnostics"), index, warning)
    {
        put_foreign(stderr, text_at(warning, "source"), 0);
        fprintf(stderr,
                ":%" JSON_INTEGER_FORMAT ": warning: ", json_integer_value(json_object_get(warning, "line")));
        put_foreign(stderr, text_at(warning, "message"), 0);
        fputc('\n', stderr);
    }
}

static enum exit_status send(const struct invocation *invocation, const struct publication *publication)
{
    autofree char *body = package_text(publication);
    autofree char *version = http_escape(publication->bundle.declared.version), *path = NULL;
    if (body == NULL)
        return STATUS_PLUGIN_FAILED;
    if (version == NULL || asprintf(&path, "/v1/plugins/%s/versions/%s", publication->name, version) < 0) {
        path = NULL;
        return fail(STATUS_FAILURE, "out of memory");
    }
    struct http_answer answer;
    const struct http_query query = {.method = "PUT", .path = path, .body = body};
    enum exit_status status = remote_ask(invocation, &query, &answer);
    if (status != STATUS_SUCCESS)
        return status;
    if (invocation->json)
        remote_show(invocation, &answer);
    else
        show_published(answer.body);
    http_answer_free(&answer);
    return STATUS_SUCCESS;
}

static enum exit_status publish(const struct invocation *invocation, struct publication *publication)
{
    const char *folder = invocation->argument_count > 0 ? invocation->arguments[0] : ".";
    enum exit_status status = check(invocation, folder, publication);
    if (status != STATUS_SUCCESS)
        return status;
    status = choose_name(invocation, publication);
    if (status != STATUS_SUCCESS)
        return status;
    if (!invocation_flag(invocation, "dry-run"))
        return send(invocation, publication);
    printf(invocation->json ? "{\"name\":\"%s\",\"version\":\"%s\",\"published\":false}\n"
                            : "%s %s is fit to be published\n",
           publication->name, publication->bundle.declared.version);
    return STATUS_SUCCESS;
}

enum exit_status plugin_publish_command(const struct invocation *invocation)
{
    struct publication publication = {0};
    enum exit_status status = publish(invocation, &publication);
    free(publication.name);
    bundle_free(&publication.bundle);
    return status;
}
