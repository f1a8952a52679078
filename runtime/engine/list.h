// SPDX-License-Identifier: Apache-2.0
// Intrusive doubly linked lists: the link lives inside the thing, a head is a link of its own. A link that is
// in no list points to itself, so removing twice is harmless.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *previous;
    struct list *next;
};

static inline void list_init(struct list *list)
{
    list->previous = list;
    list->next = list;
}

static inline bool list_empty(const struct list *list)
{
    return list->next == list;
}

static inline void list_remove(struct list *link)
{
    link->previous->next = link->next;
    link->next->previous = link->previous;
    list_init(link);
}

static inline void list_add_last(struct list *list, struct list *link)
{
    link->previous = list->previous;
    link->next = list;
    list->previous->next = link;
    list->previous = link;
}

static inline void list_add_first(struct list *list, struct list *link)
{
    list_add_last(list->next, link);
}

// Moves everything to `to`, which need not be initialised.
static inline void list_move_all(struct list *from, struct list *to)
{
    list_init(to);
    if (list_empty(from))
        return;
    to->next = from->next;
    to->previous = from->previous;
    to->next->previous = to;
    to->previous->next = to;
    list_init(from);
}

// The thing that contains `link` as its `member`.
#define list_item(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))
#define list_first(list, type, member) list_item((list)->next, type, member)

// Goes through a list; the current item may be removed meanwhile.
#define list_each(item, list, member) \
    for (__typeof__(item) item##_next_ = ((item) = list_first(list, __typeof__(*(item)), member), \
                                         list_item((item)->member.next, __typeof__(*(item)), member)); \
         &(item)->member != (list); \
         (item) = item##_next_, item##_next_ = list_item((item)->member.next, __typeof__(*(item)), member))
