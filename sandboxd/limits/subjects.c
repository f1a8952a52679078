// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/limits/subjects.h"

#include "runtime/engine/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct subject *subject_get(struct id_map *subjects, enum limit_scope scope, const char *tenant,
                            const char *key)
{
    char name[SUBJECT_NAME_SIZE];
    tenant = scope == SCOPE_GLOBAL ? "" : tenant;
    key = scope == SCOPE_KEY ? key : "";
    snprintf(name, sizeof name, "%d/%s/%s", (int)scope, tenant, key);
    struct id_entry *entry = id_map_find(subjects, name);
    if (entry != NULL)
        return list_item(entry, struct subject, entry);
    struct subject *subject = calloc(1, sizeof *subject);
    if (subject == NULL)
        return NULL;
    memcpy(subject->name, name, sizeof name);
    subject->scope = scope;
    snprintf(subject->tenant, sizeof subject->tenant, "%s", tenant);
    snprintf(subject->key, sizeof subject->key, "%s", key);
    id_map_add(subjects, &subject->entry, subject->name);
    return subject;
}

void subject_free_if_unneeded(struct id_map *subjects, struct subject *subject)
{
    if (!subject->forgotten || subject->in_use > 0 || subject->usage.running > 0)
        return;
    id_map_remove(subjects, &subject->entry);
    free(subject);
}

static bool is_of(const struct subject *subject, const char *tenant, const char *key)
{
    return subject->scope != SCOPE_GLOBAL && strcmp(subject->tenant, tenant) == 0 &&
           (key[0] == '\0' || strcmp(subject->key, key) == 0);
}

void subjects_forget(struct id_map *subjects, const char *tenant, const char *key)
{
    for (size_t i = 0; i < subjects->bucket_count; i++) {
        for (struct id_entry *entry = subjects->buckets[i], *next; entry != NULL; entry = next) {
            struct subject *subject = list_item(entry, struct subject, entry);
            next = entry->next;
            if (!is_of(subject, tenant, key))
                continue;
            subject->forgotten = true;
            subject_free_if_unneeded(subjects, subject);
        }
    }
}

void subjects_free(struct id_map *subjects)
{
    for (size_t i = 0; i < subjects->bucket_count; i++) {
        while (subjects->buckets[i] != NULL) {
            struct subject *subject = list_item(subjects->buckets[i], struct subject, entry);
            id_map_remove(subjects, &subject->entry);
            free(subject);
        }
    }
    id_map_deinit(subjects);
}
