// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/store/run_secrets.h"

#include "base/cleanup.h"
#include "base/json_cursor.h"
#include "base/redact.h"

#include <stdlib.h>
#include <string.h>

// Shorter values would take apart words that have nothing to do with them.
enum { SECRET_MIN = 4 };

// A text and which of its bytes are of a secret. They are only marked while secrets are looked for: a text
// with a marker in it already would have secrets found in the marker.
struct search {
    struct bytes text;
    bool hidden[RUN_TEXT_SEARCHED_MAX];
    unsigned secrets;
    bool failed; // more secrets than are searched for, or no memory
};

static void hide(struct search *search, struct bytes secret)
{
    if (secret.length < SECRET_MIN)
        return;
    if (++search->secrets > RUN_SECRETS_MAX) {
        search->failed = true;
        return;
    }
    const char *text = search->text.data, *end = text + search->text.length, *found;
    for (const char *from = text;
         (found = memmem(from, (size_t)(end - from), secret.data, secret.length)) != NULL;
         from = found + secret.length)
        memset(search->hidden + (found - text), true, secret.length);
}

static void hide_value(struct search *search, const struct json_cursor *cursor)
{
    if (!cursor->has_escapes) {
        hide(search, cursor->span);
        return;
    }
    autofree char *plain = malloc(cursor->span.length);
    if (plain == NULL)
        search->failed = true;
    else
        hide(search, bytes_of(plain, json_unescape(cursor->span, plain)));
}

static void hide_values_of(struct search *search, struct bytes context)
{
    struct json_cursor cursor;
    json_cursor_init(&cursor, context, JSON_DEPTH_MAX);
    unsigned secret_depth = 0; // the member that names a secret is in an object so deep; 0: there is none
    bool member_is_secret = false;
    for (;;) {
        enum json_token token = json_next(&cursor);
        if (token == JSON_END || token == JSON_FAULT || search->failed)
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
            hide_value(search, &cursor);
        }
    }
}

// One marker for bytes that are next to each other: of how many secrets they are is nobody's to know.
static void put_shown(struct buffer *out, const struct search *search)
{
    for (size_t at = 0, end; at < search->text.length; at = end) {
        bool hidden = search->hidden[at];
        for (end = at + 1; end < search->text.length && search->hidden[end] == hidden;)
            end++;
        if (hidden)
            buffer_append_text(out, REDACTED);
        else
            buffer_append(out, search->text.data + at, end - at);
    }
}

void run_secrets_redact(struct buffer *out, struct bytes text, struct bytes context)
{
    if (text.length == 0)
        return;
    if (context.length > RUN_CONTEXT_SEARCHED_MAX || text.length > RUN_TEXT_SEARCHED_MAX) {
        buffer_append_text(out, context.length > RUN_CONTEXT_SEARCHED_MAX
                                    ? "(not kept: the context is too large to be searched for secrets)"
                                    : "(not kept: too long to be searched for secrets)");
        return;
    }
    struct search search = {.text = text};
    hide_values_of(&search, context);
    if (search.failed) {
        buffer_append_text(out, "(not kept: the context has too many secrets to be searched for)");
        return;
    }
    struct buffer shown = buffer_make(sizeof REDACTED * RUN_TEXT_SEARCHED_MAX);
    put_shown(&shown, &search);
    if (buffer_ok(&shown))
        redact_put(out, bytes_of(shown.data, shown.length));
    else
        out->failed = true;
    buffer_free(&shown);
}
