// SPDX-License-Identifier: Apache-2.0
// One resolved policy: what an administrator wrote, its parents merged in, checked and bounded. Immutable
// once made and reference-counted (atomically), so any thread may hold one while newer versions come.
// docs/policies.md describes the document; policies/reader.h makes one from text.
#pragma once

#include "runtime/protocol/isolation.h"
#include "runtime/protocol/limits.h"
#include "runtime/protocol/lua_names.h"
#include "runtime/protocol/zygote_messages.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { POLICY_VERSION_SIZE = 72 }; // "sha256:" and 64 hex digits, and a NUL

struct policy_origins;

struct policy {
    _Atomic unsigned references;
    char name[POLICY_NAME_MAX + 1];
    char version[POLICY_VERSION_SIZE]; // SHA-256 of `canonical`
    char *description;                 // owned, may be NULL
    char *canonical;                   // owned: the resolved document in canonical JSON
    struct policy_origins *origins;    // owned: which document each value came from (policies/origins.h)
    struct run_limits limits;
    struct run_limits ceilings; // never below `limits`: what a request may raise to
    bool lua_allowed[LUA_NAME_COUNT];
    bool deterministic;
    enum seccomp_mode seccomp_mode;
    uint32_t allowed_syscall_count;
    uint16_t allowed_syscalls[ALLOWED_SYSCALLS_MAX]; // besides the built-in list, ascending
    uint32_t required_layers;                        // bit (1 << enum isolation_layer)
    uint32_t idle_workers;                           // forked ahead
    uint32_t max_concurrency;                        // running at once under this policy
    bool validator; // no document's: the engine's own, for validations (runtime/engine/validator_pool.h)
};

struct policy *policy_ref(struct policy *policy);
// Frees it with the last reference. NULL is fine.
void policy_unref(struct policy *policy);
