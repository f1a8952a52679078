// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/http/problem.h"

#include "base/json_write.h"

const struct problem_info problem_table[PROBLEM_CODE_COUNT] = {
    [PROBLEM_BAD_REQUEST] = {"bad_request", 400, "Malformed HTTP request", 0},
    [PROBLEM_INVALID_JSON] = {"invalid_json", 400, "The body is not valid JSON", 0},
    [PROBLEM_UNAUTHENTICATED] = {"unauthenticated", 401, "A key is needed", 0},
    [PROBLEM_ORIGIN_NOT_ALLOWED] = {"origin_not_allowed", 403, "Not for pages of other hosts", 0},
    [PROBLEM_FORBIDDEN] = {"forbidden", 403, "This key may not do that", 0},
    [PROBLEM_TENANT_SUSPENDED] = {"tenant_suspended", 403, "The tenant is suspended", 0},
    [PROBLEM_NOT_FOUND] = {"not_found", 404, "Nothing is here", 0},
    [PROBLEM_METHOD_NOT_ALLOWED] = {"method_not_allowed", 405, "This resource has no such method", 0},
    [PROBLEM_BODY_TIMEOUT] = {"body_timeout", 408, "The request did not arrive in time", 0},
    [PROBLEM_RUN_ENDED] = {"run_ended", 409, "The run has ended already", 0},
    [PROBLEM_POLICY_CANNOT_START] = {"policy_cannot_start", 409, "The policy cannot start on this host", 0},
    [PROBLEM_POLICY_IN_USE] = {"policy_in_use", 409, "The policy is needed", 0},
    [PROBLEM_TAKEN] = {"taken", 409, "There is one of this name", 0},
    [PROBLEM_TOO_MANY_KEYS] = {"too_many_keys", 409, "The tenant has too many keys", 0},
    [PROBLEM_VERSION_EXISTS] = {"version_exists", 409, "The version is published with another content", 0},
    [PROBLEM_REGISTRY_FULL] = {"registry_full", 409, "There is no room for another one", 0},
    [PROBLEM_STILL_RUNNING] = {"still_running", 409, "The first request of this key goes on", 1},
    [PROBLEM_ANSWER_NOT_KEPT] = {"answer_not_kept", 409, "It was done, and its answer is not kept", 0},
    [PROBLEM_PRECONDITION_FAILED] = {"precondition_failed", 412, "It is not what it was thought to be", 0},
    [PROBLEM_BODY_TOO_LARGE] = {"body_too_large", 413, "The body is too large", 0},
    [PROBLEM_CODE_TOO_LARGE] = {"code_too_large", 413, "The code is above its policy's limit", 0},
    [PROBLEM_CONTEXT_TOO_LARGE] = {"context_too_large", 413, "The context is above its policy's limit", 0},
    [PROBLEM_URI_TOO_LONG] = {"uri_too_long", 414, "The request target is too long", 0},
    [PROBLEM_UNSUPPORTED_MEDIA_TYPE] = {"unsupported_media_type", 415, "The body must be JSON", 0},
    [PROBLEM_INVALID_REQUEST] = {"invalid_request", 422, "The request does not fit its schema", 0},
    [PROBLEM_KEY_REUSED] = {"key_reused", 422, "The Idempotency-Key was of another request", 0},
    [PROBLEM_INVALID_POLICY] = {"invalid_policy", 422, "The policy has faults", 0},
    [PROBLEM_UNKNOWN_POLICY] = {"unknown_policy", 422, "There is no such policy", 0},
    [PROBLEM_INVALID_PLAN] = {"invalid_plan", 422, "The plan has faults", 0},
    [PROBLEM_UNKNOWN_PLAN] = {"unknown_plan", 422, "There is no such plan", 0},
    [PROBLEM_INVALID_PLUGIN] = {"invalid_plugin", 422, "The plugin has faults", 0},
    [PROBLEM_UNKNOWN_PLUGIN] = {"unknown_plugin", 422, "There is no such plugin or version", 0},
    [PROBLEM_INVALID_CONTEXT] = {"invalid_context", 422, "The context does not fit the plugin", 0},
    [PROBLEM_LIMIT_OUT_OF_RANGE] = {"limit_out_of_range", 422, "A limit is out of its range", 0},
    [PROBLEM_PRECONDITION_REQUIRED] = {"precondition_required", 428, "A change has to say what it changes",
                                       0},
    [PROBLEM_RATE_LIMITED] = {"rate_limited", 429, "A limit was reached", 0},
    [PROBLEM_TOO_MANY_ATTEMPTS] = {"too_many_attempts", 429, "Too many bad keys from this address", 0},
    [PROBLEM_INTERNAL_ERROR] = {"internal_error", 500, "The service failed", 0},
    [PROBLEM_METHOD_NOT_IMPLEMENTED] = {"method_not_implemented", 501, "Unknown HTTP method", 0},
    [PROBLEM_QUEUE_FULL] = {"queue_full", 503, "Too many runs are waiting", 1},
    [PROBLEM_STOPPING] = {"stopping", 503, "The server is stopping", 5},
    [PROBLEM_POLICY_UNAVAILABLE] = {"policy_unavailable", 503, "The policy cannot run on this host", 30},
    [PROBLEM_BUSY] = {"busy", 503, "Too many such requests are waiting", 1},
    [PROBLEM_STORE_FAILED] = {"store_failed", 503, "The store cannot be used now", 30},
};

static void put_member(struct buffer *out, const char *name, const char *text)
{
    if (text == NULL)
        return;
    json_put_name(out, name);
    json_put_text(out, text);
}

static void put_limit(struct buffer *out, const struct problem_limit *limit)
{
    if (limit == NULL)
        return;
    json_put_name(out, "limit");
    buffer_append_byte(out, '{');
    put_member(out, "scope", limit->scope);
    put_member(out, "name", limit->name);
    put_member(out, "kind", limit->kind);
    json_put_name(out, "maximum");
    json_put_unsigned(out, limit->maximum);
    buffer_append_byte(out, '}');
}

void problem_put(struct buffer *out, const struct problem *problem)
{
    const struct problem_info *info = &problem_table[problem->code];
    buffer_append_byte(out, '{');
    json_put_name(out, "type");
    buffer_printf(out, "\"urn:sandboxd:problem:%s\"", info->code);
    put_member(out, "title", info->title);
    json_put_name(out, "status");
    json_put_unsigned(out, info->status);
    put_member(out, "detail", problem->detail);
    put_member(out, "instance", problem->instance);
    put_member(out, "code", info->code);
    put_member(out, "request_id", problem->request_id);
    put_member(out, "trace_id", problem->trace_id);
    put_member(out, "run_id", problem->run_id);
    put_limit(out, problem->limit);
    if (problem->faults != NULL && problem->faults->count > 0) {
        json_put_name(out, "errors");
        diagnostics_put(out, problem->faults);
    }
    buffer_append_byte(out, '}');
}
