// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/api/routes.h"

#include <stddef.h>

enum { PROBES = SURFACE_API | SURFACE_METRICS | SURFACE_PROBES };

// The busiest first: they are tried in this order.
const struct http_route api_routes[] = {
    {METHOD_POST, "/v1/runs", runs_create, runs_early, SURFACE_API, ACCESS_ANY_KEY, .takes_json = true},
    {METHOD_DELETE, "/v1/runs/{id}", runs_cancel, NULL, SURFACE_API, ACCESS_ANY_KEY},
    {METHOD_POST, "/v1/validate", validate_create, runs_early, SURFACE_API, ACCESS_ANY_KEY,
     .takes_json = true},
    {METHOD_GET, "/livez", health_live, NULL, PROBES, ACCESS_OPEN, .quiet = true},
    {METHOD_GET, "/readyz", health_ready, NULL, PROBES, ACCESS_OPEN, .quiet = true},
    {METHOD_GET, "/v1/health", health_report, NULL, PROBES, ACCESS_ADMIN, .quiet = true},
    {METHOD_GET, "/metrics", metrics_get, NULL, SURFACE_METRICS | SURFACE_PROBES, ACCESS_ADMIN,
     .quiet = true},
    {METHOD_GET, "/v1/stats", stats_get, NULL, SURFACE_API, ACCESS_ADMIN},
    {METHOD_GET, "/v1/policies", policies_list, NULL, SURFACE_API, ACCESS_ANY_KEY},
    {METHOD_GET, "/v1/policies/{name}", policies_get, NULL, SURFACE_API, ACCESS_ANY_KEY},
    {METHOD_PUT, "/v1/policies/{name}", policies_put, NULL, SURFACE_API, ACCESS_ADMIN, .takes_json = true},
    {METHOD_DELETE, "/v1/policies/{name}", policies_delete, NULL, SURFACE_API, ACCESS_ADMIN},
    {METHOD_POST, "/v1/policies/check", policies_check, NULL, SURFACE_API, ACCESS_ADMIN, .takes_json = true},
    {METHOD_GET, "/v1/policies/{name}/versions", policies_versions, NULL, SURFACE_API, ACCESS_ADMIN},
    {METHOD_POST, "/v1/policies/{name}/rollback", policies_rollback, NULL, SURFACE_API, ACCESS_ADMIN,
     .takes_json = true},
    {METHOD_GET, "/v1/policies/{name}/advice", policies_advice, NULL, SURFACE_API, ACCESS_ADMIN},
    {METHOD_GET, "/v1/runs", runs_list_get, NULL, SURFACE_API, ACCESS_ANY_KEY},
    {METHOD_GET, "/v1/runs/{id}", runs_get, NULL, SURFACE_API, ACCESS_ANY_KEY},
    {METHOD_GET, "/v1/audit", audit_get, NULL, SURFACE_API, ACCESS_ADMIN},
    {METHOD_GET, "/v1/tenants", tenants_list, NULL, SURFACE_API, ACCESS_ADMIN},
    {METHOD_POST, "/v1/tenants", tenants_create, NULL, SURFACE_API, ACCESS_ADMIN, .takes_json = true},
    {METHOD_GET, "/v1/tenants/{id}", tenants_get, NULL, SURFACE_API, ACCESS_ADMIN},
    {METHOD_PATCH, "/v1/tenants/{id}", tenants_change, NULL, SURFACE_API, ACCESS_ADMIN, .takes_json = true},
    {METHOD_DELETE, "/v1/tenants/{id}", tenants_delete, NULL, SURFACE_API, ACCESS_ADMIN},
    {METHOD_GET, "/v1/tenants/{id}/keys", keys_list, NULL, SURFACE_API, ACCESS_OWN_TENANT},
    {METHOD_POST, "/v1/tenants/{id}/keys", keys_create, NULL, SURFACE_API, ACCESS_OWN_TENANT,
     .takes_json = true},
    {METHOD_DELETE, "/v1/tenants/{id}/keys/{key_id}", keys_revoke, NULL, SURFACE_API, ACCESS_OWN_TENANT},
    {METHOD_GET, "/v1/tenants/{id}/subscription", subscription_get, NULL, SURFACE_API, ACCESS_OWN_TENANT},
    {METHOD_PUT, "/v1/tenants/{id}/subscription", subscription_put, NULL, SURFACE_API, ACCESS_ADMIN,
     .takes_json = true},
    {METHOD_GET, "/v1/keys", keys_list, NULL, SURFACE_API, ACCESS_ADMIN},
    {METHOD_POST, "/v1/keys", keys_create, NULL, SURFACE_API, ACCESS_ADMIN, .takes_json = true},
    {METHOD_DELETE, "/v1/keys/{key_id}", keys_revoke, NULL, SURFACE_API, ACCESS_ADMIN},
    {METHOD_GET, "/v1/plans", plans_list, NULL, SURFACE_API, ACCESS_ANY_KEY},
    {METHOD_GET, "/v1/plans/{name}", plans_get, NULL, SURFACE_API, ACCESS_ANY_KEY},
    {METHOD_PUT, "/v1/plans/{name}", plans_put, NULL, SURFACE_API, ACCESS_ADMIN, .takes_json = true},
    {METHOD_GET, "/openapi.json", openapi_get, NULL, SURFACE_API, ACCESS_OPEN},
};
const unsigned api_route_count = sizeof(api_routes) / sizeof(api_routes[0]);
