// SPDX-License-Identifier: Apache-2.0
// The service as a whole: what handlers share. Made and torn down by service.c in one thread; in between its
// members may be used by every thread.
#pragma once

#include "base/log.h"
#include "policies/policy_set.h"
#include "runtime/engine/engine.h"
#include "sandboxd/api/run_registry.h"
#include "sandboxd/config/config.h"
#include "sandboxd/http/server.h"
#include "sandboxd/observe/metrics.h"

#include <pthread.h>
#include <stdatomic.h>

enum service_state { SERVICE_STARTING, SERVICE_READY, SERVICE_STOPPING };

// A policy that was read but cannot run on this host.
struct policy_down {
    char name[POLICY_NAME_MAX + 1];
    char problem[ERROR_TEXT_SIZE];
};

struct service {
    struct config config;
    struct config_request invocation;
    int argc;
    char **argv;
    char **environment;
    struct logger logger;
    struct metrics *metrics;
    struct engine *engine;
    struct run_registry *runs;
    struct http_server *http;
    int64_t started_unix_ms;
    _Atomic int state;             // enum service_state
    pthread_mutex_t policies_lock; // for `policies` and for changing the engine's
    struct policy_set *policies;   // what is live, and
    struct policy_down *down;      // which of them are not, after all
    size_t down_count;
    pthread_t engine_thread;
};

// Starts everything and serves until a signal says otherwise. Returns the exit status.
int service_main(struct service *service);

// Reads the policy folder again and swaps all policies, or leaves what is there. Any thread.
bool service_load_policies(struct service *service, struct error *err);
// Why a policy that was read cannot run on this host; false if it can. `policies_lock` is held.
bool service_policy_problem(struct service *service, const char *name, char *text, size_t size);
