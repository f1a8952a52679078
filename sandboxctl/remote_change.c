// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/remote_change.h"

#include "base/buffer.h"
#include "base/cleanup.h"
#include "sandboxctl/remote.h"
#include "sandboxctl/text_style.h"

#include <stdio.h>
#include <stdlib.h>

enum exit_status remote_do(const struct invocation *invocation, const char *method, char *path, json_t *body,
                           show_answer *show)
{
    autofree char *owned_path = path;
    autofree char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
    bool lost = body != NULL && text == NULL;
    json_decref(body);
    if (lost)
        return fail(STATUS_FAILURE, "out of memory");
    struct http_answer answer;
    const struct http_query query = {.method = method, .path = owned_path, .body = text};
    enum exit_status status = remote_ask(invocation, &query, &answer);
    if (status != STATUS_SUCCESS)
        return status;
    // In force without the disk: no row of the answer is what it usually is.
    const json_t *stored = json_object_get(answer.body, "stored");
    if (!invocation->json && json_is_false(stored))
        fprintf(stderr, "%s\n", json_string_value(json_object_get(answer.body, "detail")));
    else if (!invocation->json)
        show(invocation, answer.body);
    else if (answer.body != NULL)
        remote_show(invocation, &answer);
    http_answer_free(&answer);
    return STATUS_SUCCESS;
}

char *remote_query(const struct invocation *invocation, const char *path, const char *const *names,
                   size_t count)
{
    struct buffer out = buffer_make(16384);
    char separator = '?';
    buffer_append_text(&out, path);
    for (size_t i = 0; i < count; i++) {
        const char *value = invocation_option(invocation, names[i]);
        autofree char *escaped = value != NULL ? http_escape(value) : NULL;
        if (escaped == NULL)
            continue;
        buffer_append_byte(&out, separator);
        for (const char *at = names[i]; *at != '\0'; at++)
            buffer_append_byte(&out, *at == '-' ? '_' : *at);
        buffer_printf(&out, "=%s", escaped);
        separator = '&';
    }
    return buffer_take(&out, NULL);
}

void remote_tell_more(const json_t *body)
{
    const char *cursor = json_string_value(json_object_get(body, "next_cursor"));
    if (cursor != NULL) {
        fputs("more: --cursor ", stderr);
        put_foreign(stderr, cursor, 0);
        fputc('\n', stderr);
    }
}
