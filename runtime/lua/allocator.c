// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/allocator.h"

#include "runtime/lua/buffer_allocator.h"
#include "runtime/lua/image.h"
#include "runtime/lua/verdict.h"

#include <stdlib.h>

enum {
    PAUSE_USUAL = 200, // percent: Lua's own default
    PAUSE_LEAST = 105, // below, collections would follow each other without a break
    PAUSE_SHARE = 90,  // percent of the limit at which the next collection must have begun
    PAUSE_STEPS = 32,  // the pause is set anew when use has changed by this fraction of the limit
};

_Static_assert(STACK_OVERDRAFT_MAX > (LUAI_MAXSTACK + 1000) * 16,
               "a stack of the largest size fits, and Lua's own reserve");

// A pause of 200 % waits until use has doubled; with a limit nearer than that, the collector would begin only
// when it is too late. The memory of string buffers is not even in its books, but it is in ours.
static void adjust_pause(struct lua_image *image)
{
    struct heap *heap = &image->heap;
    size_t step = heap->limit / PAUSE_STEPS;
    uint64_t pause = (uint64_t)heap->limit * PAUSE_SHARE / (heap->used > 0 ? heap->used : 1);
    pause = pause > PAUSE_USUAL ? PAUSE_USUAL : pause < PAUSE_LEAST ? PAUSE_LEAST : pause;
    heap->pause_low = heap->used > step ? heap->used - step : 0;
    heap->pause_high = heap->used + step;
    lua_gc(image->L, LUA_GCSETPAUSE, (int)pause);
}

static _Noreturn void end_at_memory_limit(struct lua_image *image, uint64_t wanted)
{
    // A stack that was to grow cannot be walked: then it is where the error came from, or where the run is
    // now.
    const struct traceback *trace = &image->heap.refusal.trace;
    if (image->heap.refusal.pending && trace->count == 0)
        trace = &image->error_trace;
    bool known = image->heap.refusal.pending && trace->count > 0;
    verdict_limit(image, OUTCOME_MEMORY_LIMIT, wanted, known ? trace : NULL);
}

static uint64_t refused_need(const struct heap *heap)
{
    return heap->used + (heap->refusal.new_size - heap->refusal.old_size);
}

// A full collection of ours. To call the finalizer of a string buffer that an error left behind, the
// collector makes sure of a little room on the stack (luaD_checkminstack): no growth of the plugin's, and no
// answer to one that was refused before.
static void collect(struct lua_image *image)
{
    image->heap.collecting = true;
    lua_gc(image->running->L, LUA_GCCOLLECT);
    image->heap.collecting = false;
}

void heap_check_refusal(struct lua_image *image)
{
    struct heap *heap = &image->heap;
    if (heap->refusal.pending)
        end_at_memory_limit(image, refused_need(heap));
    if (!heap->overdrawn)
        return;
    heap->overdrawn = false;
    collect(image);
    if (heap->used > heap->limit)
        end_at_memory_limit(image, heap->used);
}

// NULL, or no return.
static void *refuse(struct lua_image *image, const void *block, size_t old_size, size_t new_size)
{
    struct heap *heap = &image->heap;
    if (heap->limit == SIZE_MAX)
        return NULL; // the environment is being built; that fails as a whole
    if (heap->refusal.pending)
        end_at_memory_limit(image, refused_need(heap));
    heap->refusal.pending = true;
    heap->refusal.block = block;
    heap->refusal.old_size = old_size;
    heap->refusal.new_size = new_size;
    traceback_capture(image, TRACE_LIBRARY_NAMES, &heap->refusal.trace);
    limit_watch_hook_soon(image);
    return NULL;
}

// How far beyond the limit a call stack may grow for a moment: one that is larger than the limit by itself
// has no way back, and what all of it may take is booked by the engine (runtime/protocol/worker_memory.c).
static size_t overdraft_max(const struct heap *heap)
{
    return heap->limit < STACK_OVERDRAFT_MAX ? heap->limit : STACK_OVERDRAFT_MAX;
}

// Whether there is room for a growth. A call stack may grow beyond the limit for a moment: Lua does not
// collect for it, so a refusal would end runs whose memory is mostly garbage. The hook looks at it right
// after.
static bool has_room(struct lua_image *image, size_t growth)
{
    struct heap *heap = &image->heap;
    if (heap->used <= heap->limit && growth <= heap->limit - heap->used)
        return true;
    if (heap->limit == SIZE_MAX || heap->used + growth > heap->limit + overdraft_max(heap))
        return false;
    if (!heap->collecting && (heap->refusal.pending || !traceback_stack_is_moving(image, image->running->L)))
        return false;
    heap->overdrawn = true;
    limit_watch_hook_soon(image);
    return true;
}

// Every block has the number of its making before it, which the bundled Lua hashes objects by
// (subprojects/packagefiles/lua/sandbox_pointer_hash.h). It is not counted as the plugin's memory.
static void *number_block(struct heap *heap, const void *former, uint64_t *raw)
{
    if (raw == NULL)
        return NULL;
    if (former == NULL)
        *raw = heap->blocks_made++;
    return raw + 1;
}

static uint64_t *raw_block(void *block)
{
    return block != NULL ? (uint64_t *)block - 1 : NULL;
}

static void *grow(struct lua_image *image, void *block, size_t old_size, size_t new_size)
{
    struct heap *heap = &image->heap;
    bool again = heap->refusal.block == block && heap->refusal.old_size == old_size &&
                 heap->refusal.new_size == new_size;
    if (heap->refusal.pending && !again && !heap->collecting)
        end_at_memory_limit(image, refused_need(heap));
    void *grown = NULL;
    if (has_room(image, new_size - old_size))
        grown = number_block(heap, block, realloc(raw_block(block), sizeof(uint64_t) + new_size));
    if (grown == NULL) // the collector does without
        return heap->collecting ? NULL : refuse(image, block, old_size, new_size);
    heap->refusal.pending = heap->refusal.pending && heap->collecting;
    heap->used += new_size - old_size;
    if (heap->used > heap->peak)
        heap->peak = heap->used;
    return grown;
}

void *image_allocate(void *ud, void *block, size_t old_size, size_t new_size)
{
    struct lua_image *image = ud;
    struct heap *heap = &image->heap;
    if (block == NULL)
        old_size = 0; // then it says what kind of object is wanted, not a size
    if (new_size > old_size) {
        block = grow(image, block, old_size, new_size);
    } else {
        heap->used -= old_size - new_size;
        if (new_size == 0) {
            free(raw_block(block));
            block = NULL;
        } else {
            void *shrunk = number_block(heap, block, realloc(raw_block(block), sizeof(uint64_t) + new_size));
            block = shrunk != NULL ? shrunk : block; // Lua relies on it that shrinking cannot fail
        }
    }
    if (heap->used > heap->pause_high || heap->used < heap->pause_low)
        adjust_pause(image);
    return block;
}

void heap_begin_run(struct lua_image *image, uint64_t limit_bytes)
{
    struct heap *heap = &image->heap;
    heap->peak = heap->used;
    heap->limit = limit_bytes < SIZE_MAX ? limit_bytes : SIZE_MAX - 1;
    adjust_pause(image);
}

uint64_t heap_peak(const struct heap *heap)
{
    return heap->peak < heap->limit ? heap->peak : heap->limit; // what was overdrawn was not the plugin's
}

// What the state allocates by: a run that is sampled has the profiler in between.
static void *allocate_as_ever(struct lua_image *image, void *block, size_t old_size, size_t new_size)
{
    void *ud;
    return lua_getallocf(image->L, &ud)(ud, block, old_size, new_size);
}

// String buffers: luaL_Buffer grows at once or raises an error. Here the growth is tried again after a full
// collection, as Lua does for all its other memory; what is refused then ends the run.
static void *allocate_buffer(void *ud, void *block, size_t old_size, size_t new_size)
{
    struct lua_image *image = ud;
    void *fresh = allocate_as_ever(image, block, old_size, new_size);
    if (fresh != NULL || new_size == 0 || !image->heap.refusal.pending)
        return fresh;
    collect(image);
    return allocate_as_ever(image, block, old_size, new_size);
}

lua_Alloc sandbox_lua_getallocf(lua_State *L, void **ret_ud)
{
    lua_Alloc allocate = lua_getallocf(L, ret_ud);
    return allocate == image_allocate || allocate == profiler_allocate ? allocate_buffer : allocate;
}
