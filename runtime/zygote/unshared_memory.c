// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/unshared_memory.h"

#include <sys/mman.h>

void *unshared_memory_new(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    if (madvise(memory, size, MADV_DONTFORK) != 0) {
        munmap(memory, size);
        return NULL;
    }
    return memory;
}

void unshared_memory_free(void *memory, size_t size)
{
    if (memory != NULL)
        munmap(memory, size);
}
