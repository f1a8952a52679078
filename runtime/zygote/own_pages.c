// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/own_pages.h"

#include <stdint.h>
#include <sys/mman.h>

// Newer than the headers of some distributions that we build on.
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

#define PAGE ((uintptr_t)4096)

void own_pages(void *start, size_t length)
{
    char *first = (char *)start - (uintptr_t)start % PAGE;
    size_t whole = (size_t)((char *)start + length - first);
    (void)madvise(first, (whole + PAGE - 1) / PAGE * PAGE, MADV_POPULATE_WRITE);
}

void own_stack(size_t length)
{
    char *frame = __builtin_frame_address(0);
    own_pages(frame - length, length);
}
