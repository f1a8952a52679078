// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/api/answers.h"

#include "base/json_cursor.h"

void answer_invalid_json(struct http_request *request, const struct json_fault *fault)
{
    http_refuse(request, PROBLEM_INVALID_JSON, "line %u, column %u: %s", fault->line, fault->column,
                fault->what);
}

bool answer_unless_json(struct http_request *request, struct bytes body)
{
    struct json_fault fault;
    if (json_check(body, JSON_DEPTH_MAX, &fault))
        return false;
    answer_invalid_json(request, &fault);
    return true;
}

void answer_invalid_request(struct http_request *request, const struct diagnostics *faults)
{
    if (faults->count == 1 && !faults->incomplete)
        http_refuse_faults(request, PROBLEM_INVALID_REQUEST, faults, "%s: %s",
                           faults->items[0].pointer[0] != '\0' ? faults->items[0].pointer : "the body",
                           faults->items[0].message);
    else
        http_refuse_faults(request, PROBLEM_INVALID_REQUEST, faults,
                           "the body has %zu faults, listed in errors", faults->count);
}
