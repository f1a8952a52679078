// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const kind_names[] = {
    [ERROR_NONE] = "none",           [ERROR_SYSTEM] = "system",
    [ERROR_MEMORY] = "memory",       [ERROR_INVALID] = "invalid",
    [ERROR_NOT_FOUND] = "not_found", [ERROR_CONFLICT] = "conflict",
    [ERROR_LIMIT] = "limit",         [ERROR_TIMEOUT] = "timeout",
    [ERROR_PROTOCOL] = "protocol",   [ERROR_UNSUPPORTED] = "unsupported",
    [ERROR_CLOSED] = "closed",
};

bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
    if (err == NULL)
        return false;
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    err->kind = kind;
    err->sys_errno = 0;
    return false;
}

bool error_system(struct error *err, int sys_errno, const char *format, ...)
{
    if (err == NULL)
        return false;
    va_list args;
    va_start(args, format);
    int used = vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    if (used >= 0 && (size_t)used < sizeof err->text)
        snprintf(err->text + used, sizeof err->text - (size_t)used, ": %s", strerror(sys_errno));
    err->kind = ERROR_SYSTEM;
    err->sys_errno = sys_errno;
    return false;
}

bool error_prefix(struct error *err, const char *format, ...)
{
    if (err == NULL)
        return false;
    char before[ERROR_TEXT_SIZE];
    memcpy(before, err->text, sizeof before);
    va_list args;
    va_start(args, format);
    int used = vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    if (used >= 0 && (size_t)used < sizeof err->text)
        snprintf(err->text + used, sizeof err->text - (size_t)used, ": %s", before);
    return false;
}

const char *error_kind_name(enum error_kind kind)
{
    if ((unsigned)kind >= sizeof kind_names / sizeof *kind_names)
        return "unknown";
    return kind_names[kind];
}
