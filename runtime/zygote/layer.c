// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/layer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void layer_active(struct layer_report *report)
{
    *report = (struct layer_report){.state = LAYER_ACTIVE};
}

static void set(struct layer_report *report, enum layer_state state, int sys_errno, const char *format,
                va_list args)
{
    *report = (struct layer_report){.state = state};
    int used = vsnprintf(report->reason, sizeof report->reason, format, args);
    if (sys_errno != 0 && used >= 0 && (size_t)used < sizeof report->reason)
        snprintf(report->reason + used, sizeof report->reason - (size_t)used, ": %s", strerror(sys_errno));
}

void layer_degraded(struct layer_report *report, int sys_errno, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set(report, LAYER_DEGRADED, sys_errno, format, args);
    va_end(args);
}

void layer_missing(struct layer_report *report, int sys_errno, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set(report, LAYER_MISSING, sys_errno, format, args);
    va_end(args);
}
