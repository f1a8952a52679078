// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/remote.h"

#include "base/cleanup.h"
#include "sandboxctl/json_show.h"
#include "sandboxctl/refusal.h"

#include <stdlib.h>

const struct option_spec remote_options[] = {
    REMOTE_OPTIONS,
    {0},
};

enum exit_status remote_ask(const struct invocation *invocation, const struct http_query *query,
                            struct http_answer *ret_answer)
{
    struct error err;
    struct config config;
    if (query->path == NULL)
        return fail(STATUS_FAILURE, "out of memory");
    if (!config_load(invocation, &config, &err))
        return refuse(invocation, &err);
    enum exit_status status = STATUS_SUCCESS;
    struct http_answer answer;
    if (!http_request(&config, query, &answer, &err)) {
        status = refuse(invocation, &err);
    } else if (answer.code < 200 || answer.code > 299) {
        status = http_fail(invocation, &answer);
        http_answer_free(&answer);
    } else {
        *ret_answer = answer;
    }
    config_free(&config);
    return status;
}

void remote_show(const struct invocation *invocation, const struct http_answer *answer)
{
    if (!invocation->json && answer->body != NULL &&
        json_show(stdout, answer->body, JSON_INDENT(2) | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15)))
        return;
    put_foreign_json(stdout, bytes_of_text(answer->text));
    putchar('\n');
}

char *remote_path(const char *prefix, const char *name, const char *suffix)
{
    autofree char *escaped = http_escape(name);
    char *path = NULL;
    if (escaped == NULL || asprintf(&path, "%s%s%s", prefix, escaped, suffix) < 0)
        return NULL;
    return path;
}
