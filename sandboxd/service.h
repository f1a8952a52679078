// SPDX-License-Identifier: Apache-2.0
// The service as a whole: what handlers share. Made and torn down by service.c in one thread; in between its
// members may be used by every thread.
#pragma once

#include "base/log.h"
#include "policies/policy_set.h"
#include "runtime/engine/engine.h"
#include "sandboxd/accounts/accounts.h"
#include "sandboxd/accounts/attempts.h"
#include "sandboxd/api/run_registry.h"
#include "sandboxd/background.h"
#include "sandboxd/config/config.h"
#include "sandboxd/health/checks.h"
#include "sandboxd/http/server.h"
#include "sandboxd/limits/limits.h"
#include "sandboxd/observe/metrics.h"
#include "sandboxd/policies/live.h"
#include "sandboxd/registry/registry.h"
#include "sandboxd/replies/replies.h"
#include "sandboxd/store/store.h"
#include "sandboxd/trace/exporter.h"

#include <pthread.h>
#include <stdatomic.h>

enum service_state { SERVICE_STARTING, SERVICE_READY, SERVICE_STOPPING };

struct service {
    struct config config;
    struct config_request invocation;
    int argc;
    char **argv;
    char **environment;
    struct logger logger;
    int plugin_log_fd;                // -1: what plugins log is not kept
    _Atomic bool plugin_log_torn;     // its last line has no end yet
    _Atomic bool plugin_log_stalled;  // nobody reads it, so that nobody waits for it
    _Atomic uint64_t plugin_log_lost; // lines
    struct metrics *metrics;
    struct trace_settings tracing;
    struct exporter *exporter; // NULL: no trace is kept
    struct engine *engine;
    struct run_registry *runs;
    struct http_server *http;
    struct health_checks *health;
    pthread_mutex_t isolation_lock; // short: for the two below
    struct isolation_report isolation;
    bool isolation_known; // some policy was live when the health checks last looked
    int64_t started_unix_ms;
    _Atomic int state; // enum service_state
    struct store *store;
    struct accounts *accounts;
    struct attempts *attempts;
    struct limits *limits;
    struct replies *replies;
    uint64_t keep_accounts_at_ns;  // the main thread's
    struct registry *registry;     // of plugins
    struct background *publishing; // one at a time, each waits for a worker
    struct background *changes;    // one at a time, each may take seconds
    _Atomic bool reload_waits;     // among `changes`, for the policy folder to be read again
    struct background *queries;    // of the store
    pthread_mutex_t policies_lock; // short: for `policies`, and whoever changes it holds live.change_lock too
    struct policy_set *policies;   // what is live
    struct live_policies live;
    pthread_t engine_thread;
};

// Starts everything and serves until a signal says otherwise. Returns the exit status.
int service_main(struct service *service);
