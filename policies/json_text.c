// SPDX-License-Identifier: Apache-2.0
#include "policies/json_text.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

// At the end of each block that jansson has: which others json_read was given before and after it.
struct note {
    struct note *previous, *next; // NULL: no json_read goes on that this block is of
    void *block;
};

struct reading {
    struct note blocks; // the ring's head
    jmp_buf no_memory;
};

// The model is that of executables: any other would call into the loader.
static _Thread_local struct {
    unsigned failures, mark; // so far, and when json_memory_watch was called
    struct reading *reading; // json_read goes on in this thread
} memory __attribute__((tls_model("local-exec")));

static struct note *note_of(void *block)
{
    uintptr_t end = (uintptr_t)block + malloc_usable_size(block);
    return (struct note *)((end - sizeof(struct note)) & ~(uintptr_t)(sizeof(void *) - 1));
}

static void *fail(void)
{
    memory.failures++;
    if (memory.reading != NULL)
        longjmp(memory.reading->no_memory, 1);
    return NULL;
}

static void *allocate(size_t size)
{
    size_t more = sizeof(struct note) + sizeof(void *);
    void *block = size <= SIZE_MAX - more ? malloc(size + more) : NULL;
    if (block == NULL)
        return fail();
    struct note *note = note_of(block);
    *note = (struct note){.block = block};
    if (memory.reading != NULL) {
        struct note *head = &memory.reading->blocks;
        *note = (struct note){.previous = head, .next = head->next, .block = block};
        head->next->previous = note;
        head->next = note;
    }
    return block;
}

static void release(void *block)
{
    if (block == NULL)
        return;
    struct note *note = note_of(block);
    if (note->next != NULL) {
        note->previous->next = note->next;
        note->next->previous = note->previous;
    }
    free(block);
}

// Before anything is allocated that way. What jansson gives away may be freed with free, as before.
__attribute__((constructor)) static void watch_allocations(void)
{
    json_set_alloc_funcs(allocate, release);
}

void json_memory_watch(void)
{
    memory.mark = memory.failures;
}

bool json_memory_lacked(void)
{
    return memory.failures != memory.mark;
}

unsigned json_memory_failures(void)
{
    return memory.failures;
}

// The blocks are the value's from now on, or nobody's.
static void end_reading(struct reading *reading, bool is_failed)
{
    memory.reading = NULL;
    for (struct note *note = reading->blocks.next, *next; note != &reading->blocks; note = next) {
        next = note->next;
        note->previous = note->next = NULL;
        if (is_failed)
            free(note->block);
    }
}

json_t *json_read(struct bytes text, size_t flags, json_error_t *ret_fault)
{
    struct reading reading;
    reading.blocks.previous = reading.blocks.next = &reading.blocks;
    if (setjmp(reading.no_memory) != 0) {
        end_reading(&reading, true);
        if (ret_fault != NULL) {
            snprintf(ret_fault->text, sizeof ret_fault->text - 1, "out of memory");
            ret_fault->text[sizeof ret_fault->text - 1] = json_error_out_of_memory;
        }
        return NULL;
    }
    memory.reading = &reading;
    json_t *value = json_loadb(text.length > 0 ? text.data : "", text.length, flags, ret_fault);
    end_reading(&reading, false);
    return value;
}

char *json_text_of(const json_t *value, size_t flags)
{
    size_t length = json_dumpb(value, NULL, 0, flags);
    char *text = length > 0 ? malloc(length + 1) : NULL;
    if (!text)
        return NULL;
    if (json_dumpb(value, text, length, flags) != length) {
        free(text);
        return NULL;
    }
    text[length] = '\0';
    return text;
}
