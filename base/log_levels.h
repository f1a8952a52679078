// SPDX-License-Identifier: Apache-2.0
// From which severity on a module's events are logged. Read by any thread while another one changes it.
#pragma once

#include "base/bytes.h"
#include "base/error.h"

#include <stdatomic.h>
#include <stdbool.h>

enum severity { LOG_TRACE, LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_FATAL, SEVERITY_COUNT };

enum { LOG_MODULES_MAX = 32, LOG_MODULE_SIZE = 16 };

struct log_levels {
    _Atomic int minimum; // of a module that is not named; enum severity
    _Atomic int least;   // of all: what is below need not be looked at
    _Atomic unsigned count;
    struct {
        char name[LOG_MODULE_SIZE]; // never changes once it is counted
        _Atomic int minimum;        // negative: as one that is not named
    } module[LOG_MODULES_MAX];
};

// Sets all: `modules` is "store=debug,http=warn", or "". One thread at a time.
bool log_levels_set(struct log_levels *levels, enum severity minimum, const char *modules, struct error *err);
bool log_levels_pass(const struct log_levels *levels, const char *module, enum severity severity);
// Walks "name=severity,...". False with what is wrong in it.
bool log_levels_each(const char *modules,
                     bool (*take)(void *context, const char *name, enum severity minimum, struct error *err),
                     void *context, struct error *err);

bool severity_by_name(const char *name, enum severity *ret_severity);
const char *severity_name(enum severity severity);
// As syslog(3) counts: 7 for what is below LOG_INFO, 2 for LOG_FATAL.
int severity_priority(enum severity severity);
