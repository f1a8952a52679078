// SPDX-License-Identifier: Apache-2.0
// Cleanup attributes: what a scope owns is given back when the scope ends; `take_*` moves it out.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#define autofree __attribute__((cleanup(cleanup_free)))
#define autoclose __attribute__((cleanup(cleanup_close)))

static inline void cleanup_free(void *pointer)
{
    free(*(void **)pointer);
}

static inline void cleanup_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

// Returns the descriptor and leaves -1 behind, so that the scope no longer closes it.
static inline int take_fd(int *fd)
{
    int taken = *fd;
    *fd = -1;
    return taken;
}

// Returns the pointer and leaves NULL behind, so that the scope no longer frees it.
#define take_ptr(pointer) \
    ({ \
        __typeof__(pointer) taken_ = (pointer); \
        (pointer) = NULL; \
        taken_; \
    })
