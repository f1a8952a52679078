// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/deadlines.h"

#include "base/require.h"

#include <stdlib.h>

bool deadlines_reserve(struct deadlines *deadlines, size_t count)
{
    if (count <= deadlines->capacity)
        return true;
    struct timer **heap = realloc(deadlines->heap, (count + 1) * sizeof(struct timer *));
    if (heap == NULL)
        return false;
    deadlines->heap = heap;
    deadlines->capacity = count;
    return true;
}

void deadlines_deinit(struct deadlines *deadlines)
{
    free(deadlines->heap);
    *deadlines = (struct deadlines){0};
}

static void place(struct deadlines *deadlines, size_t position, struct timer *timer)
{
    deadlines->heap[position] = timer;
    timer->position = position;
}

static void move_up(struct deadlines *deadlines, size_t position, struct timer *timer)
{
    while (position > 1 && deadlines->heap[position / 2]->at_ns > timer->at_ns) {
        place(deadlines, position, deadlines->heap[position / 2]);
        position /= 2;
    }
    place(deadlines, position, timer);
}

static void move_down(struct deadlines *deadlines, size_t position, struct timer *timer)
{
    for (;;) {
        size_t child = position * 2;
        if (child > deadlines->count)
            break;
        if (child < deadlines->count && deadlines->heap[child + 1]->at_ns < deadlines->heap[child]->at_ns)
            child++;
        if (deadlines->heap[child]->at_ns >= timer->at_ns)
            break;
        place(deadlines, position, deadlines->heap[child]);
        position = child;
    }
    place(deadlines, position, timer);
}

void deadlines_set(struct deadlines *deadlines, struct timer *timer, uint64_t at_ns)
{
    deadlines_clear(deadlines, timer);
    require(deadlines->count < deadlines->capacity);
    timer->at_ns = at_ns;
    move_up(deadlines, ++deadlines->count, timer);
}

void deadlines_clear(struct deadlines *deadlines, struct timer *timer)
{
    size_t position = timer->position;
    if (position == 0)
        return;
    timer->position = 0;
    struct timer *last = deadlines->heap[deadlines->count--];
    if (last == timer)
        return;
    // The last one takes the free place, and may belong above or below it.
    move_up(deadlines, position, last);
    move_down(deadlines, last->position, last);
}

uint64_t deadlines_first_ns(const struct deadlines *deadlines)
{
    return deadlines->count > 0 ? deadlines->heap[1]->at_ns : UINT64_MAX;
}

struct timer *deadlines_take_due(struct deadlines *deadlines, uint64_t now_ns)
{
    if (deadlines_first_ns(deadlines) > now_ns)
        return NULL;
    struct timer *timer = deadlines->heap[1];
    deadlines_clear(deadlines, timer);
    return timer;
}
