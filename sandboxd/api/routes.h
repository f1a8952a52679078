// SPDX-License-Identifier: Apache-2.0
// Every route of the service, and the handlers behind them, one file per resource. `app` is the service.
#pragma once

#include "sandboxd/http/router.h"

struct service;

extern const struct http_route api_routes[];
extern const unsigned api_route_count;

http_handler runs_create; // runs.c
http_early_check runs_early;
http_handler validate_create; // validate.c
http_handler policies_list;   // policies.c
http_handler policies_get;
http_handler policies_put; // policy_changes.c
http_handler policies_delete;
http_handler policies_check;
http_handler policies_rollback;
http_handler policies_versions; // policy_versions.c
http_handler policies_advice;   // policy_advice.c
http_handler runs_list_get;     // run_history.c
http_handler runs_get;
http_handler runs_cancel;
http_handler audit_get;    // audit.c
http_handler tenants_list; // tenants.c
http_handler tenants_create;
http_handler tenants_get;
http_handler tenants_change;
http_handler tenants_delete;
http_handler keys_list; // keys.c
http_handler keys_create;
http_handler keys_revoke;
http_handler usage_get;   // usage.c
http_handler costs_daily; // costs.c
http_handler costs_tenants;
http_handler costs_projection;
http_handler plans_list; // plans.c
http_handler plans_get;
http_handler plans_put;
http_handler subscription_get; // subscription.c
http_handler subscription_put;
http_handler plugins_list; // plugins.c
http_handler plugins_get;
http_handler plugins_version;
http_handler plugins_publish; // plugin_publish.c
http_handler plugins_yank;    // likewise
http_handler installs_list;   // installs.c
http_handler installs_put;
http_handler installs_delete;
http_handler health_live; // health.c
http_handler health_ready;
http_handler health_report;
http_handler metrics_get; // metrics_page.c
http_handler stats_get;   // stats.c
http_handler openapi_get; // openapi.c

// The service's http_options.departed (runs.c).
void runs_departed(void *app, const char *run_id);
