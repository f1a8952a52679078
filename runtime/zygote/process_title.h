// SPDX-License-Identifier: Apache-2.0
// What `ps` shows: written over the program's arguments and environment, so that setting it takes no system
// call and works behind the filter. In zygote and workers.
#pragma once

#include <stddef.h>

struct process_title {
    char *area; // the argument and environment strings, which lie side by side
    size_t size;
};

// Takes the area over; the arguments and the environment are gone afterwards. Engines pass a long second
// argument to make room; what does not fit is cut.
struct process_title process_title_take(int argc, char **argv);
// "NAME: POLICY" or "NAME: POLICY DETAIL"; `detail` may be NULL.
void process_title_set(const struct process_title *title, const char *name, const char *policy,
                       const char *detail);
