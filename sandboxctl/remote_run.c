// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/remote_run.h"

#include "base/cleanup.h"
#include "base/json_write.h"
#include "base/utf8.h"
#include "runtime/protocol/limits.h"
#include "sandboxctl/bundle.h"
#include "sandboxctl/context.h"
#include "sandboxctl/json_show.h"
#include "sandboxctl/refusal.h"
#include "sandboxctl/remote.h"
#include "sandboxctl/remote_result.h"

#include <string.h>
#include <unistd.h>

enum { BODY_BYTES_MAX = 256 << 20, NUMBER_DIGITS_MAX = 19 };

static bool is_number(const char *text)
{
    size_t length = strlen(text);
    return length > 0 && length <= NUMBER_DIGITS_MAX && strspn(text, "0123456789") == length &&
           (length == 1 || *text != '0');
}

// "acme/slugify@1.2.0", where no file is called so.
static bool names_published(const char *argument)
{
    return strchr(argument, '/') != NULL && access(argument, F_OK) != 0;
}

static void put_published(struct buffer *body, const char *argument)
{
    size_t length = strcspn(argument, "@");
    json_put_name(body, "plugin");
    json_put_string(body, bytes_of(argument, length));
    if (argument[length] == '@') {
        json_put_name(body, "version");
        json_put_text(body, argument + length + 1);
    }
}

static bool put_code(struct buffer *body, const struct bundle *bundle, struct error *err)
{
    const struct bundle_module *entry = &bundle->modules[0];
    if (bundle->module_count > 1)
        return error_set(
            err, ERROR_INVALID,
            "the plugin has %zu modules, and a request holds one text; publish it, and run it by "
            "its name",
            bundle->module_count);
    if (!utf8_valid(bytes_of(entry->code, entry->length)))
        return error_set(err, ERROR_INVALID, "%s is not UTF-8 text, so no request can carry it", entry->path);
    json_put_name(body, "code");
    json_put_string(body, bytes_of(entry->code, entry->length));
    return true;
}

static bool put_limits(struct buffer *body, const struct invocation *invocation, struct error *err)
{
    const char *text;
    json_put_name(body, "limits");
    buffer_append_byte(body, '{');
    for (size_t n = 0; (text = invocation_nth(invocation, "limit", n)) != NULL; n++) {
        const char *equals = strchr(text, '=');
        char name[64];
        if (equals == NULL || (size_t)(equals - text) >= sizeof name)
            return error_set(err, ERROR_INVALID, "--limit %s: expected NAME=VALUE, e.g. cpu_ms=200", text);
        snprintf(name, sizeof name, "%.*s", (int)(equals - text), text);
        json_put_name(body, name);
        if (is_number(equals + 1))
            buffer_append_text(body, equals + 1);
        else
            json_put_text(body, equals + 1);
    }
    buffer_append_byte(body, '}');
    return true;
}

static bool put_options(struct buffer *body, const struct invocation *invocation, const struct bundle *bundle,
                        struct error *err)
{
    const char *seed = invocation_option(invocation, "seed");
    if (seed != NULL && !is_number(seed))
        return error_set(err, ERROR_INVALID, "--seed %s: expected a number", seed);
    json_put_name(body, "options");
    buffer_append_byte(body, '{');
    if (seed != NULL) {
        json_put_name(body, "seed");
        buffer_append_text(body, seed);
    }
    if (bundle->module_count > 0) {
        json_put_name(body, "chunk_name");
        json_put_text(body, bundle->modules[0].name);
    }
    if (invocation_flag(invocation, "count")) {
        json_put_name(body, "count");
        buffer_append_text(body, "true");
    }
    buffer_append_byte(body, '}');
    return true;
}

// The request. The context goes as it was given: a tree in between would change its numbers.
static bool put_body(struct buffer *body, const struct invocation *invocation, const struct bundle *bundle,
                     struct error *err)
{
    const char *policy = invocation_option(invocation, "policy");
    size_t length;
    autofree char *context =
        context_read(invocation_option(invocation, "context"), run_limit_table[LIMIT_CONTEXT_BYTES].maximum,
                     (unsigned)run_limit_table[LIMIT_JSON_DEPTH].maximum, &length, err);
    if (context == NULL)
        return false;
    buffer_append_byte(body, '{');
    if (bundle->module_count == 0)
        put_published(body, invocation->arguments[0]);
    else if (!put_code(body, bundle, err))
        return false;
    json_put_name(body, "context");
    buffer_append(body, context, length);
    if (policy != NULL) {
        json_put_name(body, "policy");
        json_put_text(body, policy);
    }
    if (!put_limits(body, invocation, err) || !put_options(body, invocation, bundle, err))
        return false;
    buffer_append_byte(body, '}');
    return buffer_ok(body) || error_set(err, ERROR_MEMORY, "out of memory");
}

static enum exit_status send(const struct invocation *invocation, const char *body,
                             const struct bundle *bundle)
{
    struct config config;
    struct error err;
    struct http_answer answer;
    // --profile means another thing to `run`.
    if (!config_load_from(invocation_option(invocation, "url"), NULL, &config, &err))
        return refuse(invocation, &err);
    const struct http_query query = {.method = "POST", .path = "/v1/runs", .body = body};
    bool asked = http_request(&config, &query, &answer, &err);
    config_free(&config);
    if (!asked)
        return refuse(invocation, &err);
    enum exit_status status;
    if (answer.code != 200) {
        status = http_fail(invocation, &answer);
    } else if (invocation->json) {
        put_foreign_json(stdout, bytes_of_text(answer.text));
        putchar('\n');
        status =
            json_is_true(json_object_get(answer.body, "success")) ? STATUS_SUCCESS : STATUS_PLUGIN_FAILED;
    } else {
        status = remote_result_show(invocation, answer.text, answer.body, bundle);
    }
    http_answer_free(&answer);
    return status;
}

enum exit_status remote_run_command(const struct invocation *invocation)
{
    struct error err;
    struct bundle bundle = {.module_count = 0};
    if (!names_published(invocation->arguments[0]) && !bundle_load(&bundle, invocation->arguments[0], &err))
        return refuse(invocation, &err);
    struct buffer body = buffer_make(BODY_BYTES_MAX);
    enum exit_status status = put_body(&body, invocation, &bundle, &err)
                                  ? send(invocation, body.data, &bundle)
                                  : refuse(invocation, &err);
    buffer_free(&body);
    bundle_free(&bundle);
    return status;
}
