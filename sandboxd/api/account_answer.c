// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/api/account_answer.h"

#include "sandboxd/api/idempotency.h"

struct account_author account_author_of(const struct http_request *request, char remote[REMOTE_SIZE])
{
    http_remote_address(request, remote);
    return (struct account_author){.actor = request_actor(request),
                                   .remote = remote,
                                   .request_id = request->request_id,
                                   .promise = request_promise(request)};
}

void account_refuse(struct http_request *request, const struct error *err)
{
    switch (err->kind) {
    case ERROR_NOT_FOUND:
        http_refuse(request, PROBLEM_NOT_FOUND, "%s", err->text);
        return;
    case ERROR_CONFLICT:
        http_refuse(request, PROBLEM_TAKEN, "%s", err->text);
        return;
    case ERROR_INVALID:
        http_refuse(request, PROBLEM_UNKNOWN_PLAN, "%s", err->text);
        return;
    default:
        answer_store_failed(request, err);
        return;
    }
}

void answer_nothing(struct http_request *request)
{
    http_answer_static(request, 204, NULL, bytes_of("", 0));
}
