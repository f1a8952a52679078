// SPDX-License-Identifier: Apache-2.0
// GET /v1/policies and GET /v1/policies/{name}.
#include "base/json_write.h"
#include "sandboxd/api/routes.h"
#include "sandboxd/service.h"

static void put_member(struct buffer *out, const char *name, const char *text)
{
    json_put_name(out, name);
    if (text != NULL)
        json_put_text(out, text);
    else
        buffer_append_text(out, "null");
}

static void put_head(struct buffer *out, const struct policy *policy)
{
    buffer_append_byte(out, '{');
    put_member(out, "name", policy->name);
    put_member(out, "version", policy->version);
    put_member(out, "description", policy->description);
}

void policies_list(void *app, struct http_request *request)
{
    struct service *service = app;
    struct buffer body = buffer_make(16 << 20);
    buffer_append_text(&body, "{\"items\":[");
    pthread_mutex_lock(&service->policies_lock);
    for (size_t i = 0; i < policy_set_count(service->policies); i++) {
        if (i > 0)
            buffer_append_byte(&body, ',');
        put_head(&body, policy_set_at(service->policies, i));
        buffer_append_byte(&body, '}');
    }
    pthread_mutex_unlock(&service->policies_lock);
    buffer_append_text(&body, "],\"next_cursor\":null}");
    http_answer(request, 200, "application/json", &body);
}

void policies_get(void *app, struct http_request *request)
{
    struct service *service = app;
    const char *name = http_parameter(request, 0).data;
    pthread_mutex_lock(&service->policies_lock);
    struct policy *policy = policy_set_find(service->policies, name);
    if (policy != NULL)
        policy_ref(policy);
    pthread_mutex_unlock(&service->policies_lock);
    if (policy == NULL) {
        http_refuse(request, PROBLEM_NOT_FOUND,
                    "there is no policy of this name; GET /v1/policies lists them");
        return;
    }
    struct buffer body = buffer_make(4 << 20);
    put_head(&body, policy);
    json_put_name(&body, "document");
    buffer_append_text(&body, policy->canonical);
    buffer_append_byte(&body, '}');
    http_answer(request, 200, "application/json", &body);
    http_add_header(request, "ETag", "\"%s\"", policy->version);
    policy_unref(policy);
}
