// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/api/answer_json.h"

#include "base/clock.h"
#include "policies/json_text.h"

enum { BODY_MAX = 16 << 20 };

static int append(const char *text, size_t length, void *body)
{
    buffer_append(body, text, length);
    return buffer_ok(body) ? 0 : -1;
}

void answer_json(struct http_request *request, unsigned status, json_t *body)
{
    struct buffer text = buffer_make(BODY_MAX);
    // jansson may have left something out, and what failed may have been passed over. A failure of the buffer
    // within a member's name is passed over by jansson; the buffer knows.
    if (body == NULL || json_memory_lacked() ||
        json_dump_callback(body, append, &text, JSON_COMPACT | JSON_REAL_PRECISION(15)) != 0)
        text.failed = true;
    http_answer(request, status, "application/json", &text);
    json_decref(body);
}

void answer_page(struct http_request *request, json_t *items, const char *next)
{
    answer_json(request, 200,
                json_pack("{s:o, s:o}", "items", items, "next_cursor", json_text_or_null(next)));
}

void answer_store_failed(struct http_request *request, const struct error *err)
{
    http_refuse(request, PROBLEM_STORE_FAILED, "%s", err->text);
}

json_t *json_time(int64_t unix_ms)
{
    char text[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(unix_ms, text);
    return json_string(text);
}

json_t *json_text_or_null(const char *text)
{
    return text != NULL && text[0] != '\0' ? json_string(text) : json_null();
}
