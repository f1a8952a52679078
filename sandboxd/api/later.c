// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/api/later.h"

#include "policies/json_text.h"

#include <stdlib.h>

struct later {
    struct service *service;
    struct http_request *request;
    bool is_change;
    void (*handle)(struct service *service, struct http_request *request);
    bool hands_on;
};

static void handle_later(void *later_)
{
    struct later later = *(struct later *)later_;
    free(later_);
    json_memory_watch();
    // A change may take seconds; what has not begun when the service stops would hold its end up.
    if (later.is_change && atomic_load(&later.service->state) == SERVICE_STOPPING)
        http_refuse(later.request, PROBLEM_STOPPING, "the server is stopping; nothing was changed");
    else
        later.handle(later.service, later.request);
    if (!later.hands_on)
        http_resume(later.request);
}

static void add(struct background *background, const struct later *wanted)
{
    struct http_request *request = wanted->request;
    struct later *later = malloc(sizeof *later);
    if (later == NULL) {
        http_refuse(request, PROBLEM_INTERNAL_ERROR, "the server has no memory for the request");
        return;
    }
    *later = *wanted;
    later->is_change = background != wanted->service->queries;
    // Nothing is to be cancelled when the peer hangs up: such work is short, and a change is finished.
    http_suspend(request, "");
    const struct identity *identity = &request->identity;
    const char *tenant = identity->role == ROLE_TENANT ? identity->tenant : "";
    if (background_add_for(background, tenant, handle_later, later))
        return;
    free(later);
    http_refuse(request, PROBLEM_BUSY, "too many requests of this kind are waiting; try again");
    http_resume(request);
}

void answer_later(struct service *service, struct http_request *request, struct background *background,
                  void (*handle)(struct service *service, struct http_request *request))
{
    add(background, &(struct later){.service = service, .request = request, .handle = handle});
}

void hand_on_later(struct service *service, struct http_request *request, struct background *background,
                   void (*handle)(struct service *service, struct http_request *request))
{
    add(background,
        &(struct later){.service = service, .request = request, .handle = handle, .hands_on = true});
}
