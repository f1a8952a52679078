// SPDX-License-Identifier: Apache-2.0
#include "base/log_levels.h"

#include <string.h>
#include <strings.h>

static const char *const severity_names[SEVERITY_COUNT] = {"trace", "debug", "info",
                                                           "warn",  "error", "fatal"};

const char *severity_name(enum severity severity)
{
    return (unsigned)severity < SEVERITY_COUNT ? severity_names[severity] : "unknown";
}

int severity_priority(enum severity severity)
{
    static const int priorities[SEVERITY_COUNT] = {7, 7, 6, 4, 3, 2};
    return (unsigned)severity < SEVERITY_COUNT ? priorities[severity] : 6;
}

bool severity_by_name(const char *name, enum severity *ret_severity)
{
    for (unsigned i = 0; i < SEVERITY_COUNT; i++) {
        if (strcasecmp(name, severity_names[i]) == 0) {
            *ret_severity = (enum severity)i;
            return true;
        }
    }
    return false;
}

bool log_levels_each(const char *modules,
                     bool (*take)(void *context, const char *name, enum severity minimum, struct error *err),
                     void *context, struct error *err)
{
    while (*modules != '\0') {
        char item[LOG_MODULE_SIZE + 16];
        size_t length = strcspn(modules, ",");
        size_t copied = length < sizeof item ? length : sizeof item - 1;
        memcpy(item, modules, copied);
        item[copied] = '\0';
        char *equals = strchr(item, '=');
        enum severity minimum;
        if (equals == NULL || equals == item || equals - item >= LOG_MODULE_SIZE || copied < length)
            return error_set(err, ERROR_INVALID, "\"%s\" is not of the form module=level", item);
        *equals = '\0';
        if (!severity_by_name(equals + 1, &minimum))
            return error_set(err, ERROR_INVALID,
                             "\"%s\" is not one of trace, debug, info, warn, error, fatal", equals + 1);
        if (!take(context, item, minimum, err))
            return false;
        modules += length + (modules[length] == ',');
    }
    return true;
}

static bool set_one(void *levels_, const char *name, enum severity minimum, struct error *err)
{
    struct log_levels *levels = levels_;
    unsigned count = atomic_load(&levels->count), at = 0;
    while (at < count && strcmp(levels->module[at].name, name) != 0)
        at++;
    if (at == LOG_MODULES_MAX)
        return error_set(err, ERROR_LIMIT, "there are more than %d modules", LOG_MODULES_MAX);
    if (at == count) {
        memcpy(levels->module[at].name, name, strlen(name) + 1);
        atomic_store(&levels->module[at].minimum, minimum);
        atomic_store_explicit(&levels->count, count + 1, memory_order_release);
    }
    atomic_store(&levels->module[at].minimum, minimum);
    if ((int)minimum < atomic_load(&levels->least))
        atomic_store(&levels->least, minimum);
    return true;
}

bool log_levels_set(struct log_levels *levels, enum severity minimum, const char *modules, struct error *err)
{
    for (unsigned i = 0; i < atomic_load(&levels->count); i++)
        atomic_store(&levels->module[i].minimum, -1);
    atomic_store(&levels->minimum, minimum);
    atomic_store(&levels->least, minimum);
    return log_levels_each(modules, set_one, levels, err);
}

bool log_levels_pass(const struct log_levels *levels, const char *module, enum severity severity)
{
    if ((int)severity < atomic_load_explicit(&levels->least, memory_order_relaxed))
        return false;
    unsigned count = atomic_load_explicit(&levels->count, memory_order_acquire);
    for (unsigned i = 0; i < count; i++) {
        int minimum = atomic_load_explicit(&levels->module[i].minimum, memory_order_relaxed);
        if (minimum >= 0 && strcmp(levels->module[i].name, module) == 0)
            return (int)severity >= minimum;
    }
    return (int)severity >= atomic_load_explicit(&levels->minimum, memory_order_relaxed);
}
