// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/store/run_secrets.h"

#include "base/cleanup.h"
#include "base/json_cursor.h"
#include "base/redact.h"

// Shorter values would take apart words that have nothing to do with them.
enum { SECRET_MIN = 4 };

static void replace(struct buffer *text, struct bytes secret)
{
    if (secret.length < SECRET_MIN)
        return;
    const char *found = memmem(text->data, text->length, secret.data, secret.length);
    if (found == NULL)
        return;
    struct buffer clean = buffer_make(text->maximum);
    const char *from = text->data, *end = text->data + text->length;
    for (; found != NULL; found = memmem(from, (size_t)(end - from), secret.data, secret.length)) {
        buffer_append(&clean, from, (size_t)(found - from));
        buffer_append_text(&clean, REDACTED);
        from = found + secret.length;
    }
    buffer_append(&clean, from, (size_t)(end - from));
    buffer_free(text);
    *text = clean;
}

static void replace_value(struct buffer *text, const struct json_cursor *cursor)
{
    if (!cursor->has_escapes) {
        replace(text, cursor->span);
        return;
    }
    autofree char *plain = malloc(cursor->span.length);
    if (plain == NULL)
        text->failed = true;
    else
        replace(text, bytes_of(plain, json_unescape(cursor->span, plain)));
}

static void replace_values_of(struct buffer *text, struct bytes context)
{
    struct json_cursor cursor;
    json_cursor_init(&cursor, context, JSON_DEPTH_MAX);
    unsigned secret_depth = 0; // the member that names a secret is in an object so deep; 0: there is none
    bool member_is_secret = false;
    for (;;) {
        enum json_token token = json_next(&cursor);
        if (token == JSON_END || token == JSON_FAULT || !buffer_ok(text))
            return;
        if (secret_depth > 0 && cursor.depth < secret_depth)
            secret_depth = 0;
        if (token == JSON_NAME && (secret_depth == 0 || cursor.depth == secret_depth)) {
            member_is_secret = redact_names_a_secret(cursor.span);
            secret_depth = member_is_secret ? cursor.depth : 0;
        } else if (secret_depth > 0 &&
                   (token == JSON_STRING || token == JSON_INTEGER || token == JSON_FLOAT)) {
            if (token != JSON_STRING)
                cursor.has_escapes = false;
            replace_value(text, &cursor);
        }
    }
}

void run_secrets_redact(struct buffer *out, struct bytes text, struct bytes context)
{
    if (text.length == 0)
        return;
    if (context.length > RUN_CONTEXT_SEARCHED_MAX) {
        buffer_append_text(out, "(not kept: the context is too large to be searched for secrets)");
        return;
    }
    struct buffer clean = buffer_make(SIZE_MAX);
    buffer_append(&clean, text.data, text.length);
    replace_values_of(&clean, context);
    if (buffer_ok(&clean))
        redact_put(out, bytes_of(clean.data, clean.length));
    else
        out->failed = true;
    buffer_free(&clean);
}
