// SPDX-License-Identifier: Apache-2.0
// What one isolation layer tells about itself. Each layer is a file of its own with one function that applies
// it to the calling process and fills in a report; only confine.c calls them. In the zygote, before it forks.
#pragma once

#include "runtime/protocol/isolation.h"

void layer_active(struct layer_report *report);

// `sys_errno` 0: no system call to blame; otherwise its text is appended. Long reasons are cut.
void layer_degraded(struct layer_report *report, int sys_errno, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void layer_missing(struct layer_report *report, int sys_errno, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
