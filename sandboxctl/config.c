// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/config.h"

#include "base/cleanup.h"
#include "base/closest.h"
#include "base/json_write.h"
#include "sandboxctl/refusal.h"
#include "sandboxctl/whole_file.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_URL "http://127.0.0.1:8080"

enum { KEY_FILE_MAX = 4096, DOCUMENT_BYTES_MAX = 1024 * 1024 };

const struct option_spec config_options[] = {
    {"origin", 0, NULL, "say where each value came from", NULL},
    {"url", 0, "URL", "the server, instead of the configured one", NULL},
    {"profile", 0, "NAME", "a profile of the configuration file", NULL},
    {0},
};

static bool set(struct config_value *value, const char *text, const char *origin, struct error *err)
{
    if (value->text != NULL || text == NULL || *text == '\0')
        return true;
    value->text = strdup(text);
    value->origin = origin;
    return value->text != NULL || error_set(err, ERROR_MEMORY, "out of memory");
}

static char *config_path(void)
{
    char *path = NULL;
    const char *xdg = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    int length;
    if (xdg != NULL && *xdg == '/')
        length = asprintf(&path, "%s/sandboxctl/config.json", xdg);
    else
        length = asprintf(&path, "%s/.config/sandboxctl/config.json", home != NULL ? home : "");
    return length < 0 ? NULL : path;
}

static bool set_key_from(struct config *config, const char *path, const char *origin, struct error *err)
{
    if (config->api_key.text != NULL || path == NULL || *path == '\0')
        return true;
    size_t length;
    char *text = read_whole_file(path, KEY_FILE_MAX, &length, err);
    if (text == NULL)
        return false;
    text[strcspn(text, "\r\n")] = '\0';
    bool ok = set(&config->api_key, text, origin, err);
    free(text);
    return ok;
}

static bool from_profile(struct config *config, const json_t *document, const char *name, struct error *err)
{
    const json_t *profiles = json_object_get(document, "profiles");
    const char *chosen = name != NULL ? name : json_string_value(json_object_get(document, "profile"));
    if (chosen == NULL)
        return true;
    const json_t *profile = json_object_get(profiles, chosen);
    if (!json_is_object(profile))
        return error_set(err, ERROR_NOT_FOUND, "%s: there is no profile \"%s\"", config->path, chosen);
    return set(&config->url, json_string_value(json_object_get(profile, "url")), config->path, err) &&
           set_key_from(config, json_string_value(json_object_get(profile, "api_key_file")), config->path,
                        err);
}

struct known_member {
    const char *name;
    json_type type;
};

// Every member of `object` is one of `known`, and of its type. `where` is the object's own pointer.
static bool check_members(const struct config *config, json_t *object, const char *where,
                          const struct known_member *known, size_t count, struct error *err)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        struct closest best = closest_make(name, strlen(name));
        size_t i = 0;
        for (; i < count && strcmp(known[i].name, name) != 0; i++)
            closest_offer(&best, known[i].name);
        const char *meant = closest_text(&best);
        if (i == count)
            return error_set(err, ERROR_INVALID, "%s: %s/%s: unknown member%s%s%s", config->path, where, name,
                             meant != NULL ? "; did you mean \"" : "", meant != NULL ? meant : "",
                             meant != NULL ? "\"?" : "");
        if (json_typeof(value) != known[i].type)
            return error_set(err, ERROR_INVALID, "%s: %s/%s: expected %s", config->path, where, name,
                             known[i].type == JSON_STRING ? "a text" : "an object");
    }
    return true;
}

static bool check_document(const struct config *config, json_t *document, struct error *err)
{
    static const struct known_member top[] = {{"profile", JSON_STRING}, {"profiles", JSON_OBJECT}};
    static const struct known_member members[] = {{"url", JSON_STRING}, {"api_key_file", JSON_STRING}};
    if (!json_is_object(document))
        return error_set(err, ERROR_INVALID, "%s: expected an object", config->path);
    if (!check_members(config, document, "", top, sizeof top / sizeof *top, err))
        return false;
    const char *name;
    json_t *profile;
    json_object_foreach(json_object_get(document, "profiles"), name, profile)
    {
        char where[128];
        snprintf(where, sizeof where, "/profiles/%s", name);
        if (!json_is_object(profile))
            return error_set(err, ERROR_INVALID, "%s: %s: expected an object", config->path, where);
        if (!check_members(config, profile, where, members, sizeof members / sizeof *members, err))
            return false;
    }
    return true;
}

static bool from_file(struct config *config, const char *profile, struct error *err)
{
    if (access(config->path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
        if (profile != NULL)
            return error_set(err, ERROR_NOT_FOUND, "--profile %s: there is no %s", profile, config->path);
        return true;
    }
    size_t length;
    json_error_t fault;
    autofree char *text = read_whole_file(config->path, DOCUMENT_BYTES_MAX, &length, err);
    if (text == NULL)
        return false;
    json_t *document = json_loadb(text, length, JSON_REJECT_DUPLICATES, &fault);
    if (document == NULL)
        return error_set(err, ERROR_INVALID, "%s:%d:%d: %s", config->path, fault.line, fault.column,
                         fault.text);
    bool ok = check_document(config, document, err) && from_profile(config, document, profile, err);
    json_decref(document);
    return ok;
}

// Only what libcurl is allowed to ask; a slash at the end would double the one that paths begin with.
static bool check_url(struct config_value *url, struct error *err)
{
    if (strncmp(url->text, "http://", 7) != 0 && strncmp(url->text, "https://", 8) != 0)
        return error_set(err, ERROR_INVALID, "%s '%s': expected http://HOST:PORT or https://HOST:PORT",
                         url->origin, url->text);
    for (size_t length = strlen(url->text); url->text[length - 1] == '/'; length--)
        url->text[length - 1] = '\0';
    return true;
}

bool config_load(const struct invocation *invocation, struct config *ret_config, struct error *err)
{
    return config_load_from(invocation_option(invocation, "url"), invocation_option(invocation, "profile"),
                            ret_config, err);
}

bool config_load_from(const char *url, const char *profile, struct config *ret_config, struct error *err)
{
    struct config config = {.path = config_path()};
    bool ok = config.path != NULL || error_set(err, ERROR_MEMORY, "out of memory");
    ok = ok && set(&config.url, url, "--url", err) &&
         set(&config.url, getenv("SANDBOXCTL_URL"), "SANDBOXCTL_URL", err) &&
         set(&config.api_key, getenv("SANDBOXCTL_API_KEY"), "SANDBOXCTL_API_KEY", err) &&
         set_key_from(&config, getenv("SANDBOXCTL_API_KEY_FILE"), "SANDBOXCTL_API_KEY_FILE", err) &&
         from_file(&config, profile, err) && set(&config.url, DEFAULT_URL, "default", err) &&
         check_url(&config.url, err);
    if (!ok) {
        config_free(&config);
        return false;
    }
    *ret_config = config;
    return true;
}

void config_free(struct config *config)
{
    free(config->path);
    free(config->url.text);
    free(config->api_key.text);
    *config = (struct config){0};
}

static void put_json(const struct config *config)
{
    struct buffer text = buffer_make(65536);
    buffer_append_text(&text, "{\"url\":{\"value\":");
    json_put_text(&text, config->url.text);
    buffer_append_text(&text, ",\"origin\":");
    json_put_text(&text, config->url.origin);
    buffer_append_text(&text, "},\"api_key\":{\"value\":");
    buffer_append_text(&text, config->api_key.text != NULL ? "\"[set]\"" : "null");
    buffer_append_text(&text, ",\"origin\":");
    if (config->api_key.text != NULL)
        json_put_text(&text, config->api_key.origin);
    else
        buffer_append_text(&text, "null");
    buffer_append_text(&text, "}}");
    puts(buffer_ok(&text) ? text.data : "{}");
    buffer_free(&text);
}

enum exit_status config_show_command(const struct invocation *invocation)
{
    struct error err;
    struct config config;
    if (!config_load(invocation, &config, &err))
        return refuse(invocation, &err);
    bool origin = invocation_flag(invocation, "origin");
    if (invocation->json) {
        put_json(&config);
    } else {
        // The key itself is a secret and is never printed.
        const char *key = config.api_key.text != NULL ? "[set]" : "[not set]";
        printf("url      %s%s%s\n", config.url.text, origin ? "   from " : "",
               origin ? config.url.origin : "");
        printf("api_key  %s%s%s\n", key, origin && config.api_key.text != NULL ? "   from " : "",
               origin && config.api_key.text != NULL ? config.api_key.origin : "");
    }
    config_free(&config);
    return STATUS_SUCCESS;
}
