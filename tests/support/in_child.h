// SPDX-License-Identifier: Apache-2.0
// For tests that do something to their own process that cannot be undone: it happens in a child.
#pragma once

#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

// In the child's body: tells the line of the first condition that does not hold.
#define CHECK(condition) \
    do { \
        if (!(condition)) \
            return __LINE__; \
    } while (0)

enum { CHILD_LOST = -1000 };

// Runs `body` in a child. Returns what it returned, 0 meaning that all was well; minus the signal that
// ended it; or CHILD_LOST.
static inline int in_child(int (*body)(void *context), void *context)
{
    int *result = mmap(NULL, sizeof *result, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (result == MAP_FAILED)
        return CHILD_LOST;
    *result = CHILD_LOST;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        *result = body(context);
        _exit(0);
    }
    int status = 0;
    int told = CHILD_LOST;
    if (pid > 0 && waitpid(pid, &status, 0) == pid)
        told = WIFSIGNALED(status) ? -WTERMSIG(status) : *result;
    munmap(result, sizeof *result);
    return told;
}
