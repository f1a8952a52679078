// SPDX-License-Identifier: Apache-2.0
// Whoever has limits of its own: a key, a tenant, everybody; found by name, and gone when its key was revoked
// or its tenant deleted. Only for limits.c, under its lock.
#pragma once

#include "runtime/engine/id_map.h"
#include "sandboxd/limits/limits.h"

enum { SUBJECT_NAME_SIZE = TENANT_ID_SIZE + KEY_ID_SIZE + 4 };

struct subject {
    struct id_entry entry;
    char name[SUBJECT_NAME_SIZE]; // of the scope, tenant and key; as the map needs one text
    enum limit_scope scope;
    char tenant[TENANT_ID_SIZE];
    char key[KEY_ID_SIZE];
    struct quota_usage usage;
    unsigned in_use; // calls that hold it while they wait for the store
    bool forgotten;  // goes as soon as nothing needs it
};

// Makes it if it is not there yet. NULL if there is no memory.
struct subject *subject_get(struct id_map *subjects, enum limit_scope scope, const char *tenant,
                            const char *key);
// Frees one that is forgotten, unless somebody uses it or a run goes on that will end in it.
void subject_free_if_unneeded(struct id_map *subjects, struct subject *subject);
// Forgets a key, or with key "" a tenant and all its keys.
void subjects_forget(struct id_map *subjects, const char *tenant, const char *key);
// Frees all of them and the map.
void subjects_free(struct id_map *subjects);
