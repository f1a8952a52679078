// SPDX-License-Identifier: Apache-2.0
// The runs that go on, and the ids of the last ones that ended: to cancel, to count, and to tell "ended
// already" from "never heard of". Any thread.
#pragma once

#include "base/buffer.h"
#include "base/error.h"
#include "base/uuid.h"
#include "runtime/engine/id_map.h"
#include "sandboxd/accounts/identity.h"

#include <stdbool.h>
#include <stdint.h>

// Embedded in whatever stands for a run; the registry only links it.
struct registered_run {
    char id[UUID_TEXT_SIZE];
    char tenant[TENANT_ID_SIZE]; // "": none
    const char *plugin;          // outlives it; NULL: none
    char policy[72];
    char request_id[130];
    uint64_t start_ns;
    bool is_validation;
    struct id_entry entry; // by id
    struct registered_run *previous, *next;
};

enum run_presence { RUN_UNKNOWN, RUN_RUNNING, RUN_ENDED };

struct run_registry;

struct run_registry *run_registry_new(struct error *err);
void run_registry_free(struct run_registry *registry); // no run is left
enum { TENANT_VALIDATIONS_MAX = 2 };
// False for a validation of a tenant that has so many already: a worker may be busy for seconds with each,
// and all tenants share a few. Everything else is added.
bool run_registry_add(struct run_registry *registry, struct registered_run *run);
// The run has ended; its memory is the caller's again.
void run_registry_end(struct run_registry *registry, struct registered_run *run);
// It never began (the engine refused it): nobody will hear of its id.
void run_registry_forget(struct run_registry *registry, struct registered_run *run);
// RUN_UNKNOWN for a run that `identity` may not see.
enum run_presence run_registry_find(struct run_registry *registry, const char *id,
                                    const struct identity *identity);
unsigned run_registry_count(struct run_registry *registry);
// Appends a JSON array of at most `maximum` of them, those first that began first: the others may only wait.
void run_registry_put(struct run_registry *registry, struct buffer *out, unsigned maximum);
