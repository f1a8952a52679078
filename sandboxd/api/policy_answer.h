// SPDX-License-Identifier: Apache-2.0
// What the answers about policies share.
#pragma once

#include "sandboxd/api/answer_json.h"
#include "sandboxd/policies/live.h"
#include "sandboxd/service.h"

// Whether the policy cannot run on this host, and why: what this host is and lacks is for admins to read,
// others learn that it is so.
bool policy_problem(struct service *service, const struct http_request *request, const char *name, char *text,
                    size_t size);
// Refuses a run under a policy that cannot run here; `problem` is told as above.
void policy_refuse_down(struct http_request *request, const char *name, const char *problem);
// A policy as GET /v1/policies/{name} shows it.
json_t *policy_body(struct service *service, const struct http_request *request, const struct policy *policy);
// The difference of each changed policy, with what it would have meant for its last runs:
// [{"name", "before", "after", "changes": [{..., "runs": {"looked_at", "used_more", "words"}}]}].
json_t *policy_change_body(struct service *service, const struct live_change *change);
// Answers for every verdict but LIVE_DONE.
void policy_refuse(struct http_request *request, enum live_verdict verdict, const struct diagnostics *faults,
                   const struct error *err);
