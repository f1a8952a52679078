// SPDX-License-Identifier: Apache-2.0
// What the self-attack asks of a probe: an order, as a job's code, and what was laid out for it, as the job's
// context. The probe is a zygote with ways out of a worker in the place of the interpreter, so that an
// attempt goes the way of any run.
#pragma once

#include "base/buffer.h"
#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

enum probe_order_kind {
    PROBE_LIST,   // answers all attempts: an array of objects
    PROBE_HOLD,   // logs its process id, then waits until it is killed: the others' victim
    PROBE_BEFORE, // does what an attempt's `before` does
    PROBE_TRY,    // makes one attempt; the output is 0 if it got what it wanted, otherwise an errno
    PROBE_ORDER_COUNT,
};

struct probe_order {
    enum probe_order_kind kind;
    uint32_t attempt; // its index in the list, for PROBE_BEFORE and PROBE_TRY; else 0
};

// "list 0", "try 17".
void probe_order_encode(struct buffer *out, const struct probe_order *order);
bool probe_order_decode(struct bytes code, struct probe_order *ret_order);

// What the attacker laid out on the host, outside of every sandbox, for whoever gets there.
enum probe_bait {
    BAIT_VICTIM_PID,       // another worker, as its zygote's workers see it
    BAIT_ZYGOTE_PID,       // filled in by the probe itself
    BAIT_OWN_PID,          // likewise
    BAIT_SHM_ID,           // a System V segment that anyone may look at
    BAIT_UDP_PORT,         // on 127.0.0.1
    BAIT_CGROUP_NAMESPACE, // inode numbers of the attacker's own namespaces
    BAIT_IPC_NAMESPACE,
    BAIT_MOUNT_NAMESPACE,
    BAIT_NETWORK_NAMESPACE,
    BAIT_PID_NAMESPACE,
    BAIT_USER_NAMESPACE,
    BAIT_UTS_NAMESPACE,
    BAIT_COUNT,
};

struct probe_baits {
    int64_t value[BAIT_COUNT]; // 0: not laid out
};

// A JSON array of BAIT_COUNT integers.
void probe_baits_encode(struct buffer *out, const struct probe_baits *baits);
bool probe_baits_decode(struct bytes context, struct probe_baits *ret_baits);
