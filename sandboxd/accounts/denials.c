// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/accounts/accounts_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct denial *denial_new(const char *tenant, const char *key, const struct account_author *author)
{
    struct denial *denial = calloc(1, sizeof *denial);
    if (denial == NULL)
        return NULL;
    list_init(&denial->link);
    snprintf(denial->tenant, sizeof denial->tenant, "%s", tenant);
    snprintf(denial->key, sizeof denial->key, "%s", key);
    snprintf(denial->actor, sizeof denial->actor, "%s", author->actor);
    snprintf(denial->remote, sizeof denial->remote, "%s", author->remote != NULL ? author->remote : "");
    snprintf(denial->request_id, sizeof denial->request_id, "%s",
             author->request_id != NULL ? author->request_id : "");
    return denial;
}

void denials_add(struct accounts *accounts, struct denial *denial)
{
    const struct denial *other;
    list_each(other, &accounts->denials, link)
    {
        if (strcmp(other->tenant, denial->tenant) != 0 || strcmp(other->key, denial->key) != 0)
            continue;
        free(denial);
        return;
    }
    list_add_last(&accounts->denials, &denial->link);
}

void denials_drop(struct accounts *accounts, const char *tenant, const char *key)
{
    struct denial *denial;
    list_each(denial, &accounts->denials, link)
    {
        if (strcmp(denial->tenant, tenant) != 0 || (key != NULL && strcmp(denial->key, key) != 0))
            continue;
        list_remove(&denial->link);
        free(denial);
    }
}

struct account_author denial_author(const struct denial *denial)
{
    return (struct account_author){.actor = denial->actor,
                                   .remote = denial->remote[0] != '\0' ? denial->remote : NULL,
                                   .request_id = denial->request_id[0] != '\0' ? denial->request_id : NULL};
}
