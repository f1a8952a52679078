// SPDX-License-Identifier: Apache-2.0
// GET /v1/policies and GET /v1/policies/{name}.
#include "policies/json_text.h"
#include "sandboxd/api/policy_answer.h"
#include "sandboxd/api/routes.h"

static json_t *head(struct service *service, const struct http_request *request, const struct policy *policy)
{
    char problem[ERROR_TEXT_SIZE];
    bool down = policy_problem(service, request, policy->name, problem, sizeof(problem));
    return json_pack("{s:s, s:s, s:o, s:o}", "name", policy->name, "version", policy->version, "description",
                     json_text_or_null(policy->description), "problem",
                     json_text_or_null(down ? problem : NULL));
}

void policies_list(void *app, struct http_request *request)
{
    struct service *service = app;
    json_memory_watch();
    json_t *items = json_array();
    pthread_mutex_lock(&service->policies_lock);
    for (size_t i = 0; i < policy_set_count(service->policies); i++)
        json_array_append_new(items, head(service, request, policy_set_at(service->policies, i)));
    pthread_mutex_unlock(&service->policies_lock);
    answer_page(request, items, NULL);
}

void policies_get(void *app, struct http_request *request)
{
    struct service *service = app;
    json_memory_watch();
    struct policy *policy = live_policy(service, http_parameter(request, 0).data);
    if (policy == NULL) {
        http_refuse(request, PROBLEM_NOT_FOUND,
                    "there is no policy of this name; GET /v1/policies lists them");
        return;
    }
    answer_json(request, 200, policy_body(service, request, policy));
    http_add_header(request, "ETag", "\"%s\"", policy->version);
    policy_unref(policy);
}
