// SPDX-License-Identifier: Apache-2.0
#include "policies/json_text.h"

#include <stdio.h>
#include <stdlib.h>

// The model is that of executables: any other would call into the loader.
static _Thread_local struct {
    unsigned failures, mark; // so far, and when json_memory_watch was called
} memory __attribute__((tls_model("local-exec")));

static void *allocate(size_t size)
{
    void *block = malloc(size);
    memory.failures += block == NULL;
    return block;
}

// Before anything is allocated that way. What jansson frees is malloc's as before.
__attribute__((constructor)) static void watch_allocations(void)
{
    json_set_alloc_funcs(allocate, free);
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

json_t *json_read(struct bytes text, size_t flags, json_error_t *ret_fault)
{
    unsigned before = memory.failures;
    json_t *value = json_loadb(text.length > 0 ? text.data : "", text.length, flags, ret_fault);
    if (memory.failures == before)
        return value;
    json_decref(value);
    if (ret_fault != NULL) {
        snprintf(ret_fault->text, sizeof ret_fault->text - 1, "out of memory");
        ret_fault->text[sizeof ret_fault->text - 1] = json_error_out_of_memory;
    }
    return NULL;
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
