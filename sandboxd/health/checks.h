// SPDX-License-Identifier: Apache-2.0
// Checks in the background: each in a thread of its own with a deadline of its own, so that one that hangs is
// itself a finding and holds up neither the others nor the report. What is reported of a figure is the best
// of its last three looks: it takes three failures in a row before it counts as failed, and one success to
// recover. Any thread may read.
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum health { HEALTH_PASS, HEALTH_WARN, HEALTH_FAIL };

enum { HEALTH_COMPONENT_SIZE = 80, HEALTH_OUTPUT_SIZE = 512, HEALTH_LOOKS = 3 };

// One figure, as a look found it.
struct health_finding {
    char component[HEALTH_COMPONENT_SIZE]; // "engine", "policy", ...
    char measurement[HEALTH_COMPONENT_SIZE];
    const char *type; // static text: "component", "datastore", "system"
    const char *unit; // static text
    uint64_t value;
    enum health health;
    bool certain;                    // a fact, not a moment: it counts at once
    char output[HEALTH_OUTPUT_SIZE]; // for people; "" if there is nothing to say
};

// One look's findings, as they come.
struct health_look;
void health_find(struct health_look *look, const struct health_finding *finding);

struct health_check {
    const char *name;         // of its thread, and of the figure that tells how long a look takes
    enum health when_overdue; // what a look beyond its deadline counts as
    uint32_t deadline_ms;
    void (*run)(void *context, struct health_look *look);
};

// What is reported of a figure.
struct health_result {
    struct health_finding finding; // of the last look
    enum health health;            // of the last three
    unsigned bad_looks;            // in a row, at most HEALTH_LOOKS
    int64_t at_unix_ms;
};

struct health_options {
    const struct health_check *checks;
    unsigned check_count;
    uint32_t interval_ms; // between two looks
    void *context;        // of every check
    // What is reported of a figure has changed. From a check's thread, without a lock; may be NULL.
    void (*changed)(void *context, const struct health_result *result);
};

struct health_checks;

// Starts the threads, and waits for everybody's first look, at most until its deadline.
struct health_checks *health_checks_new(const struct health_options *options, struct error *err);
// Ends the threads; what was found can still be read. False if one hangs beyond its deadline: then nothing
// may be freed, neither this nor what the checks look at. NULL is fine.
bool health_checks_stop(struct health_checks *checks);
// Only after health_checks_stop was true. NULL is fine.
void health_checks_free(struct health_checks *checks);
// Every figure, check by check, in the order in which the checks tell them.
void health_checks_read(struct health_checks *checks,
                        void (*take)(void *user, const struct health_result *result), void *user);
