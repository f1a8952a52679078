// SPDX-License-Identifier: Apache-2.0
// require(condition): a broken invariant of ours is a bug and ends the process in every build. Nothing that
// a client, a worker or an administrator can send may reach one. Async-signal-safe.
#pragma once

#define require(condition) \
    do { \
        if (__builtin_expect(!(condition), 0)) \
            require_failed(#condition, __FILE__, __LINE__); \
    } while (0)

// Writes "file:line: invariant broken: expression" to standard error and aborts.
_Noreturn void require_failed(const char *expression, const char *file, int line);
