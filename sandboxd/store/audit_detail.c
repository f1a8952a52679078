// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/store/audit_detail.h"

#include "base/redact.h"
#include "policies/json_text.h"

#include <jansson.h>
#include <stdint.h>

static bool redact_string(json_t *string)
{
    struct buffer clean = buffer_make(SIZE_MAX);
    redact_put(&clean, bytes_of(json_string_value(string), json_string_length(string)));
    bool good =
        buffer_ok(&clean) && json_string_setn(string, clean.data ? clean.data : "", clean.length) == 0;
    buffer_free(&clean);
    return good;
}

// No deeper than a policy is, or what is written of an account.
static bool redact_strings(json_t *value)
{
    const char *name;
    size_t index;
    json_t *item;
    bool good = !json_is_string(value) || redact_string(value);
    json_object_foreach(value, name, item) good = redact_strings(item) && good;
    json_array_foreach(value, index, item) good = redact_strings(item) && good;
    return good;
}

char *audit_detail_redacted(const char *detail, struct error *err)
{
    json_t *value = json_read(bytes_of_text(detail), JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    char *text = value != NULL && redact_strings(value) ? json_text_of(value, JSON_COMPACT) : NULL;
    json_decref(value);
    if (text == NULL)
        error_set(err, ERROR_MEMORY, "the detail of a line of the audit log cannot be written");
    return text;
}
