// SPDX-License-Identifier: Apache-2.0
// The isolation layers between a plugin and the host, in the order in which they are applied, and what a
// zygote found of each on this host. seccomp, rlimits and no_new_privs are never anything but active: a
// zygote that cannot have them does not start.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum isolation_layer {
    LAYER_USER_NAMESPACE,
    LAYER_DEDICATED_UID, // a uid of its own when started as root, beside or instead of the user namespace
    LAYER_MOUNT_NAMESPACE,
    LAYER_NETWORK_NAMESPACE,
    LAYER_PID_NAMESPACE,
    LAYER_IPC_NAMESPACE,
    LAYER_UTS_NAMESPACE,
    LAYER_CGROUP_NAMESPACE,
    LAYER_CAPABILITIES,
    LAYER_NO_NEW_PRIVS,
    LAYER_NOT_DUMPABLE,
    LAYER_LANDLOCK,
    LAYER_DESCRIPTORS,
    LAYER_RLIMITS,
    LAYER_MDWE, // memory-deny-write-execute
    LAYER_SECCOMP,
    LAYER_LUA_ENVIRONMENT,
    ISOLATION_LAYER_COUNT,
};

enum layer_state { LAYER_ACTIVE, LAYER_DEGRADED, LAYER_MISSING };

#define LAYER_REASON_SIZE 128
struct layer_report {
    enum layer_state state;
    char reason[LAYER_REASON_SIZE]; // why it is degraded or missing; empty when active
};

struct isolation_report {
    struct layer_report layer[ISOLATION_LAYER_COUNT];
};

// "user_namespace", "seccomp", ...: as in a policy's isolation.require, health and metrics.
const char *isolation_layer_name(enum isolation_layer layer);
// One sentence for an administrator: what the layer keeps a plugin from.
const char *isolation_layer_purpose(enum isolation_layer layer);
bool isolation_layer_by_name(const char *name, size_t length, enum isolation_layer *ret_layer);
// Whether a layer that is not active is a lack: a uid of its own and a user namespace replace each other.
bool isolation_layer_lacks(const struct isolation_report *report, enum isolation_layer layer);
const char *layer_state_name(enum layer_state state); // "active", "degraded", "missing"
