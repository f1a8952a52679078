// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/api/authorize.h"

#include "base/clock.h"
#include "sandboxd/api/limit_answer.h"
#include "sandboxd/observe/contexts.h"
#include "sandboxd/service.h"

static const char MODULE[] = "accounts";

static void refuse_key(struct service *service, struct http_request *request, const char *why)
{
    char remote[REMOTE_SIZE];
    uint64_t wait_ms = 0;
    http_remote_address(request, remote);
    if (!attempts_take(service->attempts, remote, clock_monotonic_ns(), &wait_ms)) {
        http_refuse(request, PROBLEM_TOO_MANY_ATTEMPTS,
                    "too many requests with bad keys came from %s; the next is looked at in %llu s", remote,
                    (unsigned long long)(wait_ms + 999) / 1000);
        http_add_header(request, "Retry-After", "%llu", (unsigned long long)(wait_ms + 999) / 1000);
        if (log_may(&service->logger, LOG_DEBUG)) {
            const struct log_context context = request_log_context(request);
            log_of(&service->logger, MODULE, &context, LOG_DEBUG, "bad key not looked at",
                   LOG_TEXT("remote", remote), LOG_INTEGER("wait_ms", wait_ms));
        }
        return;
    }
    const struct log_context context = request_log_context(request);
    log_in(&service->logger, &context, LOG_WARN, "authentication failed", LOG_TEXT("reason", why),
           LOG_TEXT("remote", remote));
    http_refuse(request, PROBLEM_UNAUTHENTICATED, "%s", why);
    http_add_header(request, "WWW-Authenticate", "Bearer realm=\"sandboxd\", error=\"invalid_token\"");
}

static void tell_key(struct service *service, const struct http_request *request, enum severity severity,
                     const char *message)
{
    if (!log_may(&service->logger, severity))
        return;
    const struct log_context context = request_log_context(request);
    log_of(&service->logger, MODULE, &context, severity, message,
           LOG_TEXT("key_id", request->identity.key_id), LOG_TEXT("role", role_name(request->identity.role)));
}

// Leaves the identity in the request, or a refusal.
static void authenticate(struct service *service, struct http_request *request)
{
    struct bytes key;
    char suspended[SUSPENSION_SIZE];
    const char *header = http_header_value(request, "Authorization");
    if (header == NULL) {
        http_refuse(request, PROBLEM_UNAUTHENTICATED,
                    "send a key: \"Authorization: Bearer sbx_...\"; the first start wrote an admin's to the "
                    "file admin.key in the state folder");
        http_add_header(request, "WWW-Authenticate", "Bearer realm=\"sandboxd\"");
        return;
    }
    if (!api_key_of_header(header, &key)) {
        refuse_key(service, request, "the Authorization header is not of the form \"Bearer sbx_...\"");
        return;
    }
    switch (accounts_identify(service->accounts, key, clock_unix_ms(), &request->identity, suspended)) {
    case KEY_GOOD:
        http_trust_caller(request);
        tell_key(service, request, LOG_TRACE, "key accepted");
        return;
    case KEY_UNKNOWN:
        refuse_key(service, request, "the key is not known: it is wrong, or was revoked");
        return;
    case KEY_EXPIRED:
        refuse_key(service, request, "the key has expired");
        return;
    case KEY_SUSPENDED:
        tell_key(service, request, LOG_DEBUG, "key of a suspended tenant refused");
        http_refuse(request, PROBLEM_TENANT_SUSPENDED, "this tenant is suspended: %s", suspended);
        return;
    }
}

static void check_access(struct http_request *request)
{
    const struct identity *identity = &request->identity;
    switch (request->match.route->access) {
    case ACCESS_OPEN:
    case ACCESS_ANY_KEY:
        return;
    case ACCESS_OWN_TENANT:
        if (!identity_may(identity, http_parameter(request, 0).data))
            http_refuse(request, PROBLEM_NOT_FOUND, "there is no tenant of this id");
        return;
    case ACCESS_ADMIN:
        if (identity->role != ROLE_ADMIN)
            http_refuse(request, PROBLEM_FORBIDDEN, "this is for admins; the key is of the role %s",
                        role_name(identity->role));
        return;
    }
}

// The listener of its own is for what gathers metrics in the same network, without a key.
static bool needs_key(const struct http_request *request)
{
    return request->match.route->access != ACCESS_OPEN && http_on_api_listener(request);
}

// To read and to manage, an admin gets in whatever others have used up.
static bool is_counted(const struct http_request *request)
{
    return request->identity.role != ROLE_ADMIN || request->match.route->executes;
}

void authorize_request(void *service_, struct http_request *request)
{
    struct service *service = service_;
    if (!needs_key(request))
        return;
    if (service->config.auth == AUTH_ON)
        authenticate(service, request);
    else
        request->identity.role = ROLE_ADMIN;
    if (request->response.status == 0)
        check_access(request);
    if (request->response.status == 0 && is_counted(request))
        limit_request(service, request);
}

bool authorize_still(struct service *service, struct http_request *request)
{
    if (service->config.auth != AUTH_ON || !needs_key(request) || request->method == METHOD_GET)
        return request->response.status == 0;
    char stands_in_for[TENANT_ID_SIZE];
    memcpy(stands_in_for, request->identity.tenant, sizeof(stands_in_for));
    authenticate(service, request);
    // An admin who asks in a tenant's name goes on to: that was looked at, and counted, the first time.
    if (request->identity.role == ROLE_ADMIN)
        memcpy(request->identity.tenant, stands_in_for, sizeof(stands_in_for));
    return request->response.status == 0;
}
