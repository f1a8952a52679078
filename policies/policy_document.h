// SPDX-License-Identifier: Apache-2.0
// One policy as its file says it, read and checked by itself, before what it extends is merged in.
#pragma once

#include "policies/diagnostics.h"
#include "policies/document_tree.h"
#include "policies/members.h"
#include "runtime/protocol/lua_names.h"
#include "runtime/protocol/zygote_messages.h"

#include <stdbool.h>
#include <stdint.h>

struct member_value {
    bool set;
    uint64_t number; // limits, counts; 0 or 1 for booleans; enum seccomp_mode for the mode; 0 for lists
    struct place at;
};

struct policy_document {
    char *file;      // owned: as faults name it
    bool good;       // it had no fault of its own
    bool name_known; // `name` can be relied on, whatever else is at fault
    char name[POLICY_NAME_MAX + 1];
    char extends[POLICY_NAME_MAX + 1]; // "" for none
    char *description;                 // owned, may be NULL
    struct place begins_at;            // of the whole document
    struct member_value value[POLICY_MEMBER_COUNT];
    bool lua_allow[LUA_NAME_COUNT];
    bool lua_deny[LUA_NAME_COUNT];
    uint32_t syscall_count;
    uint16_t syscalls[ALLOWED_SYSCALLS_MAX]; // in the order of the document, each once
    uint32_t layers;                         // bit (1 << enum isolation_layer)
};

// Reads and checks `text`; every fault goes to `diagnostics`, at its place. `name` is what the document must
// call itself, or NULL if that is not known. False if there was a fault: what could be read is in
// `ret_document` all the same, so that documents that extend it are not blamed for it. The caller frees it
// in both cases.
bool policy_document_read(const char *file, struct bytes text, const char *name,
                          struct diagnostics *diagnostics, struct policy_document *ret_document);
void policy_document_free(struct policy_document *document);
