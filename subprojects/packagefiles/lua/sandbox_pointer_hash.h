// SPDX-License-Identifier: Apache-2.0
// Read before ltable.c and lstring.c: how they hash pointers. An address would make the order of pairs() over
// tables with objects as keys change from run to run, and tell plugins bits of it. Objects are hashed by the
// order in which they were made: runtime/lua/allocator.c puts that number before each block. States with another
// allocator (self-test and tests) have there whatever their malloc keeps before a block.
#pragma once

#define LUA_CORE
#include "lprefix.h"

#include "lobject.h"
#include "lstate.h"

#include <stdint.h>

extern const char __executable_start[], _end[]; // of the linker's own

// Functions and constants of ours: by their place in the program, which is loaded at a random address. Others,
// such as the C strings that lstring.c caches by address, all alike.
static inline unsigned int sandbox_place_hash(uintptr_t address)
{
    uintptr_t start = (uintptr_t)__executable_start;
    return address >= start && address < (uintptr_t)_end ? (unsigned int)(address - start) : 0;
}

// The number stands outside of what AddressSanitizer knows as the block of a state with another allocator.
__attribute__((no_sanitize("address"), unused)) static unsigned int sandbox_object_hash(const GCObject *object)
{
    const char *block = (const char *)object - (object->tt == LUA_VTHREAD ? LUA_EXTRASPACE : 0);
    return (unsigned int)*(const uint64_t *)(const void *)(block - sizeof(uint64_t));
}

#undef point2uint
#define point2uint(p) _Generic((p), \
    GCObject *: sandbox_object_hash((const GCObject *)(const void *)(uintptr_t)(p)), \
    default: sandbox_place_hash((uintptr_t)(p)))
