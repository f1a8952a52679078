// SPDX-License-Identifier: Apache-2.0
// Moves this program's code onto huge pages. Every worker is a fork, and a fork begins without page-table
// entries for mapped files: it pays a page fault for about every 64 KiB of code that it runs, and pays again
// for each page when it ends. That is 16 of 43 page faults and a sixth of the CPU time of a short run. A huge
// page is inherited whole.
//
// Only for an executable whose code is one segment, aligned to a huge page and with nothing else behind it
// (linked statically, with -z noseparate-code and -z max-page-size). The zygote, before it is confined: it
// needs one thread, and memory that may still become executable. It takes most of a millisecond.
#pragma once

#include "base/error.h"

#include <stdbool.h>

// False leaves everything as it was: the host has no huge pages to give, or the layout is another one.
// Nothing depends on it but speed.
bool huge_text_use(struct error *err);
