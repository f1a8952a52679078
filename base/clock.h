// SPDX-License-Identifier: Apache-2.0
// Clocks. Monotonic nanoseconds for durations and deadlines, wall-clock milliseconds for what is shown and
// stored. Any thread or process; clock_monotonic_ns is async-signal-safe.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NS_PER_MS 1000000ULL
#define NS_PER_US 1000ULL
#define NS_PER_S 1000000000ULL

// CLOCK_MONOTONIC in nanoseconds.
uint64_t clock_monotonic_ns(void);

// CLOCK_PROCESS_CPUTIME_ID in nanoseconds: user plus system time of the calling process.
uint64_t clock_process_cpu_ns(void);
// CLOCK_THREAD_CPUTIME_ID in nanoseconds: the same of the calling thread. For a process with one thread the
// finer of the two: under RLIMIT_CPU Linux counts a process's time in ticks of up to 10 ms
// (posix-cpu-timers.c, where a timer is active the group's sum is read, which the scheduler adds to at its
// tick). Async-signal-safe.
uint64_t clock_thread_cpu_ns(void);

// Unix time in milliseconds.
int64_t clock_unix_ms(void);

#define CLOCK_TEXT_SIZE 32
// Writes `unix_ms` as RFC 3339 in UTC with milliseconds, "2026-11-20T10:11:12.345Z", and a NUL.
void clock_format_rfc3339(int64_t unix_ms, char text[CLOCK_TEXT_SIZE]);
// Reads an RFC 3339 time ("2026-11-20T10:11:12.345Z", "2026-11-20T11:11:12+01:00") as Unix milliseconds; what
// is finer is cut. False if it is none, or before 1970. A leap second is read as the second after it.
bool clock_parse_rfc3339(const char *text, int64_t *ret_unix_ms);
