// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/api/body.h"

#include "base/clock.h"
#include "base/closest.h"
#include "base/hidden_text.h"
#include "policies/diagnostics.h"
#include "policies/json_text.h"
#include "sandboxd/api/answers.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const struct body_member *find(const struct body_member *members, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(members[i].name, name) == 0)
            return &members[i];
    return NULL;
}

static void unknown(struct diagnostics *faults, const char *pointer, const struct body_member *members,
                    size_t count, const char *name)
{
    struct closest closest = closest_make(name, strlen(name));
    for (size_t i = 0; i < count; i++)
        closest_offer(&closest, members[i].name);
    const char *meant = closest_text(&closest);
    diagnostics_add(faults, DIAGNOSTIC_REQUEST, 0, 0, pointer, "unknown member%s%s%s",
                    meant != NULL ? "; did you mean \"" : "", meant != NULL ? meant : "",
                    meant != NULL ? "\"?" : "");
}

static void take(struct diagnostics *faults, const char *pointer, const struct body_member *member,
                 const json_t *value)
{
    uint32_t hidden;
    if (member->given != NULL)
        *member->given = true;
    if (json_is_null(value) && !member->required)
        return;
    if (!json_is_string(value))
        diagnostics_add(faults, DIAGNOSTIC_REQUEST, 0, 0, pointer, "expected a text%s",
                        member->required ? "" : ", or null");
    else if (json_string_length(value) == 0 && !member->may_be_empty)
        diagnostics_add(faults, DIAGNOSTIC_REQUEST, 0, 0, pointer, "it is empty%s",
                        member->required ? "" : ": leave it out, or fill it in");
    else if (json_string_length(value) >= member->size)
        diagnostics_add(faults, DIAGNOSTIC_REQUEST, 0, 0, pointer, "it is longer than %zu bytes",
                        member->size - 1);
    else if (hidden_find(bytes_of_text(json_string_value(value)), false, &hidden))
        diagnostics_add(faults, DIAGNOSTIC_REQUEST, 0, 0, pointer, HIDDEN_TEXT_FAULT, hidden);
    else
        memcpy(member->text, json_string_value(value), json_string_length(value) + 1);
}

static void read_members(json_t *body, const struct body_member *members, size_t count,
                         struct diagnostics *faults)
{
    const char *name;
    json_t *value;
    if (!json_is_object(body))
        diagnostics_add(faults, DIAGNOSTIC_REQUEST, 0, 0, "", "expected an object");
    json_object_foreach(body, name, value)
    {
        char pointer[64];
        const struct body_member *member = find(members, count, name);
        snprintf(pointer, sizeof(pointer), "/%.40s", name);
        if (member != NULL)
            take(faults, pointer, member, value);
        else
            unknown(faults, pointer, members, count, name);
    }
    for (size_t i = 0; json_is_object(body) && i < count; i++) {
        char pointer[64];
        snprintf(pointer, sizeof(pointer), "/%.40s", members[i].name);
        if (members[i].required && json_object_get(body, members[i].name) == NULL)
            diagnostics_add(faults, DIAGNOSTIC_REQUEST, 0, 0, pointer, "it is missing");
    }
}

json_t *body_json(struct http_request *request)
{
    json_error_t fault;
    json_t *body =
        json_read(bytes_of(request->body.data, request->body.length), JSON_REJECT_DUPLICATES, &fault);
    if (body == NULL && json_error_code(&fault) == json_error_out_of_memory)
        http_refuse(request, PROBLEM_INTERNAL_ERROR, "the server has no memory to read the body");
    else if (body == NULL)
        http_refuse(request, PROBLEM_INVALID_JSON, "line %d, column %d: %s", fault.line, fault.column,
                    fault.text);
    return body;
}

bool body_read(struct http_request *request, const struct body_member *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        members[i].text[0] = '\0';
        if (members[i].given != NULL)
            *members[i].given = false;
    }
    json_t *body = body_json(request);
    if (body == NULL)
        return false;
    struct diagnostics faults;
    diagnostics_init(&faults);
    read_members(body, members, count, &faults);
    bool good = !diagnostics_any(&faults);
    if (!good)
        answer_invalid_request(request, &faults);
    diagnostics_free(&faults);
    json_decref(body);
    return good;
}

bool body_time(struct http_request *request, const char *name, const char *text, int64_t *ret_unix_ms)
{
    *ret_unix_ms = 0;
    if (text[0] == '\0' || clock_parse_rfc3339(text, ret_unix_ms))
        return true;
    struct diagnostics faults;
    char pointer[64];
    diagnostics_init(&faults);
    snprintf(pointer, sizeof(pointer), "/%.40s", name);
    diagnostics_add(&faults, DIAGNOSTIC_REQUEST, 0, 0, pointer,
                    "expected an RFC 3339 time such as \"2027-01-31T00:00:00Z\"");
    answer_invalid_request(request, &faults);
    diagnostics_free(&faults);
    return false;
}
