// SPDX-License-Identifier: Apache-2.0
// The interpreter's memory: counted, and limited once a run begins. When a growth is refused and the
// collection that Lua then makes does not help, the run ends there; no "not enough memory" error is left for
// the plugin to catch. Zygote and worker, single-threaded.
//
// How a refusal is told from one that a collection mended (ldo.c and lmem.c of Lua 5.4): luaM_realloc_ and
// luaM_malloc_ collect once and ask again for exactly the same; everything else that follows a refusal
// (another growth, an instruction, the end of the run) means that an error was raised instead.
#pragma once

#include "runtime/lua/traceback.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lua_image;

struct heap {
    struct {
        struct traceback trace; // where it was asked for
        bool pending;           // a growth was refused, and it is not known yet what became of it
        const void *block;
        size_t old_size, new_size;
    } refusal;
    // From here on, every allocation writes.
    size_t used;  // bytes that Lua holds now
    size_t peak;  // highest `used`
    size_t limit; // of `used`; SIZE_MAX until the run begins
    uint64_t blocks_made;
    size_t pause_low, pause_high; // while `used` is between, the collector's pause need not change
    bool collecting;              // a full collection of ours goes on (allocator.c)
    bool overdrawn;               // a call stack grew beyond the limit; a collection has to make up for it
};

// A lua_Alloc; `ud` is the image.
void *image_allocate(void *ud, void *block, size_t old_size, size_t new_size);
// Puts the limit in force. The environment, some 14 KiB, counts too: `limit_bytes` are of the whole heap.
void heap_begin_run(struct lua_image *image, uint64_t limit_bytes);
// Ends the run if a refused growth was answered with an error and not with another try, or if a call stack
// has outgrown the limit. Where Lua code may run: in a hook, or at the end.
void heap_check_refusal(struct lua_image *image);
// What the heap held at most, in bytes.
uint64_t heap_peak(const struct heap *heap);
