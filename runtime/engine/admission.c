// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/admission.h"

#include "base/require.h"

#include <stdlib.h>
#include <string.h>

struct tenant {
    struct id_entry entry;
    struct list ring_link; // in the ring while `waiting` > 0
    struct list lanes;
    uint32_t waiting;
    uint32_t running;
    uint32_t lasting; // of the running ones
    uint32_t weight;  // runs in one turn, as its last run said
    uint32_t started; // of the turn that goes on
    char name[];
};

// The runs of one tenant under one policy. Lives while a ticket points to it.
struct lane {
    struct list link; // in its tenant's lanes, the next in turn first
    struct tenant *tenant;
    struct gate *gate;
    struct list tickets;
    uint32_t waiting;
    uint32_t running;
};

bool admission_init(struct admission_state *state, const struct admission_caps *caps)
{
    *state = (struct admission_state){.caps = *caps};
    list_init(&state->ring);
    return id_map_init(&state->tenants);
}

void admission_deinit(struct admission_state *state)
{
    require(gauge_read(&state->tenants.count) == 0);
    id_map_deinit(&state->tenants);
}

static void gate_refresh(struct admission_state *state, struct gate *gate)
{
    bool ready = gate->waiting > 0 && gate->idle > 0 && gate->running < gate->running_max;
    if (ready == gate->ready)
        return;
    gate->ready = ready;
    if (ready)
        state->ready_gates++;
    else
        state->ready_gates--;
}

void admission_set_idle(struct admission_state *state, struct gate *gate, uint32_t idle)
{
    gauge_add(&state->idle, (int64_t)idle - gate->idle);
    gate->idle = idle;
    gate_refresh(state, gate);
}

static struct tenant *tenant_get(struct admission_state *state, const char *name)
{
    struct id_entry *entry = id_map_find(&state->tenants, name);
    if (entry != NULL)
        return list_item(entry, struct tenant, entry);
    size_t size = strlen(name) + 1;
    struct tenant *tenant = calloc(1, sizeof *tenant + size);
    if (tenant == NULL)
        return NULL;
    memcpy(tenant->name, name, size);
    list_init(&tenant->ring_link);
    list_init(&tenant->lanes);
    id_map_add(&state->tenants, &tenant->entry, tenant->name);
    return tenant;
}

static void tenant_free_if_unused(struct admission_state *state, struct tenant *tenant)
{
    if (!list_empty(&tenant->lanes))
        return;
    list_remove(&tenant->ring_link);
    id_map_remove(&state->tenants, &tenant->entry);
    free(tenant);
}

static struct lane *lane_get(struct tenant *tenant, struct gate *gate)
{
    struct lane *lane;
    list_each(lane, &tenant->lanes, link) if (lane->gate == gate) return lane;
    lane = calloc(1, sizeof *lane);
    if (lane == NULL)
        return NULL;
    lane->tenant = tenant;
    lane->gate = gate;
    list_init(&lane->tickets);
    list_add_last(&tenant->lanes, &lane->link);
    return lane;
}

static void lane_free_if_unused(struct admission_state *state, struct lane *lane)
{
    if (lane->waiting > 0 || lane->running > 0)
        return;
    struct tenant *tenant = lane->tenant;
    list_remove(&lane->link);
    free(lane);
    tenant_free_if_unused(state, tenant);
}

// Adds `by` (1 or -1) to every count of waiting runs that `lane` is part of.
static void count_waiting(struct admission_state *state, struct lane *lane, int by)
{
    struct tenant *tenant = lane->tenant;
    lane->waiting += (uint32_t)by;
    tenant->waiting += (uint32_t)by;
    lane->gate->waiting += (uint32_t)by;
    gauge_add(&state->waiting, by);
    if (tenant->waiting == 0) {
        list_remove(&tenant->ring_link);
        tenant->started = 0;
    } else if (list_empty(&tenant->ring_link))
        list_add_last(&state->ring, &tenant->ring_link);
    gate_refresh(state, lane->gate);
}

static void count_running(struct admission_state *state, struct ticket *ticket, int by)
{
    struct lane *lane = ticket->lane;
    lane->running += (uint32_t)by;
    lane->tenant->running += (uint32_t)by;
    lane->gate->running += (uint32_t)by;
    gauge_add(&state->running, by);
    gauge_add(&state->promised_bytes, by * (int64_t)ticket->memory_bytes);
    ticket->running = by > 0;
    if (ticket->lasting)
        lane->tenant->lasting--;
    ticket->lasting = false;
    gate_refresh(state, lane->gate);
}

enum admission admission_enter(struct admission_state *state, struct ticket *ticket, const char *tenant_name,
                               struct gate *gate, uint64_t memory_bytes)
{
    require(ticket->lane == NULL);
    if (memory_bytes > state->caps.memory_budget_bytes)
        return REFUSED_MEMORY;
    bool starts_at_once = gauge_read(&state->waiting) == 0 && gate->idle > 0 &&
                          gate->running < gate->running_max &&
                          gauge_read(&state->running) < state->caps.running_max;
    if (gauge_read(&state->waiting) >= state->caps.queue_capacity && !starts_at_once)
        return REFUSED_QUEUE_FULL;
    struct tenant *tenant = tenant_get(state, tenant_name);
    if (tenant == NULL)
        return REFUSED_OUT_OF_MEMORY;
    struct lane *lane = lane_get(tenant, gate);
    if (lane == NULL) {
        tenant_free_if_unused(state, tenant);
        return REFUSED_OUT_OF_MEMORY;
    }
    tenant->weight = ticket->weight > 0 ? ticket->weight : 1;
    ticket->lane = lane;
    ticket->memory_bytes = memory_bytes;
    ticket->running = false;
    ticket->lasting = false;
    list_add_last(&lane->tickets, &ticket->link);
    count_waiting(state, lane, 1);
    return ADMITTED;
}

// The first lane of a tenant whose gate lets a run through.
static struct lane *lane_ready(struct tenant *tenant)
{
    struct lane *lane;
    list_each(lane, &tenant->lanes, link) if (lane->waiting > 0 && lane->gate->ready) return lane;
    return NULL;
}

static struct lane *lane_in_turn(struct admission_state *state)
{
    uint32_t tenant_max = state->caps.tenant_running_max;
    struct tenant *tenant;
    list_each(tenant, &state->ring, ring_link)
    {
        if (tenant_max > 0 && tenant->running >= tenant_max)
            continue;
        struct lane *lane = lane_ready(tenant);
        if (lane != NULL)
            return lane;
    }
    return NULL;
}

struct ticket *admission_next(struct admission_state *state)
{
    if (state->ready_gates == 0 || gauge_read(&state->running) >= state->caps.running_max)
        return NULL;
    struct lane *lane = lane_in_turn(state);
    if (lane == NULL)
        return NULL;
    struct ticket *ticket = list_first(&lane->tickets, struct ticket, link);
    if (ticket->memory_bytes > state->caps.memory_budget_bytes - gauge_read(&state->promised_bytes))
        return NULL;
    struct tenant *tenant = lane->tenant;
    list_remove(&ticket->link);
    list_remove(&lane->link);
    list_add_last(&tenant->lanes, &lane->link);
    if (++tenant->started >= tenant->weight) {
        tenant->started = 0;
        list_remove(&tenant->ring_link);
        list_add_last(&state->ring, &tenant->ring_link);
    }
    admission_set_idle(state, lane->gate, lane->gate->idle - 1);
    count_running(state, ticket, 1);
    count_waiting(state, lane, -1);
    return ticket;
}

void admission_return(struct admission_state *state, struct ticket *ticket)
{
    require(ticket->lane != NULL && ticket->running);
    count_running(state, ticket, -1);
    list_add_first(&ticket->lane->tickets, &ticket->link);
    count_waiting(state, ticket->lane, 1);
}

void admission_leave(struct admission_state *state, struct ticket *ticket)
{
    struct lane *lane = ticket->lane;
    require(lane != NULL);
    if (ticket->running) {
        count_running(state, ticket, -1);
    } else {
        list_remove(&ticket->link);
        count_waiting(state, lane, -1);
    }
    ticket->lane = NULL;
    lane_free_if_unused(state, lane);
}

uint32_t admission_note_lasting(struct ticket *ticket)
{
    require(ticket->running);
    struct tenant *tenant = ticket->lane->tenant;
    if (!ticket->lasting)
        tenant->lasting++;
    ticket->lasting = true;
    return tenant->lasting;
}

uint64_t admission_tenant(const struct ticket *ticket)
{
    require(ticket->lane != NULL);
    return ticket->lane->tenant->entry.hash;
}

struct ticket *admission_any_waiting(struct admission_state *state, const struct gate *gate)
{
    struct tenant *tenant;
    list_each(tenant, &state->ring, ring_link)
    {
        struct lane *lane;
        list_each(lane, &tenant->lanes, link) if (lane->gate == gate && lane->waiting > 0) return list_first(
            &lane->tickets, struct ticket, link);
    }
    return NULL;
}
