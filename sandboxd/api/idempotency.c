// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/api/idempotency.h"

#include "runtime/engine/list.h"
#include "sandboxd/api/answer_json.h"
#include "sandboxd/api/later.h"
#include "sandboxd/api/submission.h"
#include "sandboxd/observe/contexts.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_LENGTH_MAX = 255 };

// A structured field's string, "abc", or the bare text that most clients send.
static bool read_key(const char *value, struct bytes *ret_key)
{
    size_t length = strlen(value);
    if (length >= 2 && value[0] == '"' && value[length - 1] == '"') {
        value++;
        length -= 2;
    }
    for (size_t i = 0; i < length; i++)
        if (value[i] < ' ' || value[i] > '~' || value[i] == '"' || value[i] == '\\')
            return false;
    *ret_key = bytes_of(value, length);
    return length > 0 && length <= KEY_LENGTH_MAX;
}

// All that keeping the answer needs of ours, had before anything is done.
struct idempotent_request {
    struct reply_key key; // first: request->reply_key is it
    struct keeping keeping;
    struct service *service;
    struct http_request *request;
};

// Never the key itself: whoever has it can ask for the answer.
static void tell(struct service *service, const struct http_request *request, const char *message,
                 unsigned status)
{
    if (!log_may(&service->logger, LOG_DEBUG))
        return;
    const struct log_context context = request_log_context(request);
    log_of(&service->logger, "replies", &context, LOG_DEBUG, message, LOG_TEXT("path", request->path),
           LOG_INTEGER("status", status));
}

// From now on the request has nothing to do with its key: a later one with it may be the first again.
static void part(struct http_request *request)
{
    free(request->reply_key);
    request->reply_key = NULL;
}

static void replay(struct service *service, struct http_request *request)
{
    struct reply_key *key = request->reply_key;
    struct reply reply;
    struct error err;
    request->reply_key = NULL; // an answer that is kept already
    if (!replies_read(service->replies, key, &reply, &err)) {
        answer_store_failed(request, &err);
    } else if (reply.status == 0) {
        buffer_free(&reply.body);
        http_refuse(
            request, PROBLEM_ANSWER_NOT_KEPT,
            "the first request with this Idempotency-Key was done; its answer is not kept: it was longer "
            "than %d bytes, or the server had no memory for it, or was killed before it had one. See %s%s",
            REPLY_BODY_MAX, reply.location[0] != '\0' ? "GET " : "what there is now", reply.location);
    } else {
        bool json = strcmp(reply.content_type, "application/json") == 0;
        http_answer(request, reply.status, json ? "application/json" : NULL, &reply.body);
        if (reply.location[0] != '\0')
            http_add_header(request, "Location", "%s", reply.location);
        http_add_header(request, "Idempotency-Replayed", "true");
        tell(service, request, "earlier answer given again", reply.status);
    }
    free(key);
}

// What an earlier request of the same key means for this one. True: there was none.
static bool first(struct service *service, struct http_request *request)
{
    switch (replies_begin(service->replies, request->reply_key)) {
    case REPLY_NEW:
        return true;
    case REPLY_KEPT:
        answer_later(service, request, service->queries, replay);
        return false;
    case REPLY_RUNNING:
        http_refuse(request, PROBLEM_STILL_RUNNING,
                    "the first request with this Idempotency-Key has not been answered; ask again");
        break;
    case REPLY_OTHER:
        http_refuse(request, PROBLEM_KEY_REUSED,
                    "this Idempotency-Key came with another body before; every request needs its own");
        break;
    case REPLY_LOST:
        http_refuse(request, PROBLEM_ANSWER_NOT_KEPT,
                    "the first request with this Idempotency-Key was done; its answer is not kept: the store "
                    "could not take it. See what there is now");
        break;
    case REPLY_FULL:
        http_refuse(request, PROBLEM_BUSY,
                    "too many requests with an Idempotency-Key go on, of this tenant or of all; "
                    "nothing was done; try again");
        break;
    }
    part(request);
    return false;
}

bool idempotency_begin(void *service, struct http_request *request)
{
    const char *value =
        request->match.route->idempotent ? http_header_value(request, "Idempotency-Key") : NULL;
    struct bytes key;
    // With a key already: it is handled again.
    if (value == NULL || request->reply_key != NULL)
        return true;
    if (!read_key(value, &key)) {
        http_refuse(request, PROBLEM_INVALID_REQUEST, "an Idempotency-Key has 1 to %d printable characters",
                    KEY_LENGTH_MAX);
        return false;
    }
    struct idempotent_request *made = malloc(sizeof(*made));
    if (made == NULL) {
        http_refuse(request, PROBLEM_INTERNAL_ERROR, "the server has no memory for the request");
        return false;
    }
    made->service = service;
    made->request = request;
    request->reply_key = &made->key;
    reply_key_make(request->identity.tenant, bytes_of_text(request->path), key,
                   bytes_of(request->body.data, request->body.length), request->reply_key);
    return first(service, request);
}

const struct reply_row *request_promise(const struct http_request *request)
{
    return request->reply_key != NULL ? reply_promise(request->reply_key) : NULL;
}

void idempotency_drop(void *service_, struct http_request *request)
{
    struct service *service = service_;
    replies_forget(service->replies, request->reply_key);
}

static const char *header_of(const struct http_response *response, const char *name)
{
    for (unsigned i = 0; i < response->header_count; i++)
        if (strcmp(response->header[i].name, name) == 0)
            return response->header[i].value;
    return "";
}

// The run that the answer is of; NULL: it is of something else.
static const struct run_record *run_of(const struct http_request *request)
{
    const struct submission *submission = request->note;
    return submission != NULL ? &submission->record : NULL;
}

// Nothing is kept of the answer; a run took place all the same.
static void let_go(struct service *service, struct http_request *request)
{
    const struct run_record *run = run_of(request);
    if (run != NULL)
        store_record_run(service->store, run);
    part(request);
    http_resume_kept(request);
}

// The answer, or, where there was no memory for one, that the request was done.
static struct reply reply_of(const struct http_response *response)
{
    struct reply reply = {.status = 0};
    snprintf(reply.location, sizeof(reply.location), "%s", header_of(response, "Location"));
    if (response->status >= 300)
        return reply;
    reply.status = response->status;
    reply.body = (struct buffer){.data = response->body, .length = response->length};
    snprintf(reply.content_type, sizeof(reply.content_type), "%s",
             response->content_type != NULL ? response->content_type : "");
    return reply;
}

static void told(struct keeping *keeping, const struct error *err)
{
    struct idempotent_request *kept = list_item(keeping, struct idempotent_request, keeping);
    struct service *service = kept->service;
    struct http_request *request = kept->request;
    if (err != NULL) {
        const struct log_context context = request_log_context(request);
        log_in(&service->logger, &context, LOG_ERROR, "an answer was not kept for its Idempotency-Key",
               LOG_TEXT("detail", err->text));
        let_go(service, request);
        return;
    }
    tell(service, request, "answer kept", keeping->reply.status);
    part(request);
    http_resume_kept(request);
}

static bool keep(struct service *service, struct http_request *request)
{
    struct idempotent_request *kept = (struct idempotent_request *)request->reply_key;
    kept->keeping = (struct keeping){
        .key = &kept->key, .run = run_of(request), .tell = told, .reply = reply_of(&request->response)};
    return replies_keep(service->replies, &kept->keeping);
}

void idempotency_keep(void *service_, struct http_request *request)
{
    struct service *service = service_;
    bool done = request->response.done;
    if (done && keep(service, request))
        return;
    if (done)
        replies_lose(service->replies, request->reply_key);
    else
        replies_forget(service->replies, request->reply_key);
    let_go(service, request);
}
