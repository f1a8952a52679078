// SPDX-License-Identifier: Apache-2.0
/*
 * Preloaded into a process, makes one of its allocations fail: the one that takes the count in the file named
 * by FAILING_ALLOCATOR to zero. The file is mapped and shared, so that a test sets the count while the
 * process runs: `remaining` below 1 is off, and it is as much below as allocations were made since it got
 * there.
 *
 * Allocations before the library's start-up code has run are never counted. Any thread.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct control {
    atomic_long remaining;
};

// glibc's own, below the names that this library takes the place of.
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);

static struct control *control;

__attribute__((constructor)) static void map_control(void)
{
    const char *path = getenv("FAILING_ALLOCATOR");
    int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        _exit(125);
    void *mapped = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped == MAP_FAILED)
        _exit(125);
    close(fd);
    control = mapped;
}

static int fails(void)
{
    if (control == NULL || atomic_fetch_sub(&control->remaining, 1) != 1)
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
    return fails() ? NULL : __libc_realloc(block, size);
}
