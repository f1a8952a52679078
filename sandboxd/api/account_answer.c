// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/api/account_answer.h"

#include "sandboxd/api/idempotency.h"
#include "sandboxd/observe/contexts.h"

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

void answer_not_stored(struct service *service, struct http_request *request, const struct error *err)
{
    const struct log_context context = request_log_context(request);
    log_in(&service->logger, &context, LOG_ERROR, "a denial is in force and not on the disk",
           LOG_TEXT("path", request->path), LOG_TEXT("detail", err->text));
    json_t *detail =
        json_sprintf("It is in force from now on, and not on the disk (%s): the server tries again "
                     "until it is. One that ends before forgets it: make room, or ask again after "
                     "a restart.",
                     err->text);
    answer_json(request, 202, json_pack("{s:b, s:b, s:o}", "in_force", 1, "stored", 0, "detail", detail));
}

void answer_nothing(struct http_request *request)
{
    http_answer_static(request, 204, NULL, bytes_of("", 0));
}
