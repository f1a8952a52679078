// SPDX-License-Identifier: Apache-2.0
// What `sandboxctl doctor` found: the layers, every attempt with what stopped it, and how each is judged.
// Main thread only.
#pragma once

#include "policies/policy.h"
#include "runtime/protocol/isolation.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

// Each attempt is made twice.
enum doctor_round {
    ROUND_WHOLE, // behind the whole confinement
    ROUND_OPEN,  // as if the filter had a hole: what do the layers behind it hold?
    ROUND_COUNT,
};

enum attempt_ending {
    ATTEMPT_NOT_MADE,
    ATTEMPT_DENIED,    // the filter stopped it; `value` is the call
    ATTEMPT_KILLED,    // its worker was ended
    ATTEMPT_REFUSED,   // `value` is the errno
    ATTEMPT_SUCCEEDED, // it got what it wanted
    ATTEMPT_LOST,      // nobody can tell, or another process suffered
};

struct attempt_end {
    enum attempt_ending ending;
    int value;
    char text[160]; // the engine's own words, where they say more
};

enum judgement {
    JUDGED_HELD,
    JUDGED_FILTER_ONLY, // ROUND_OPEN: known to be the filter's alone, and why that is so is said
    JUDGED_WEAKER,      // ROUND_OPEN: a layer that this host lacks would have stopped it
    JUDGED_BROKEN,
};

struct doctor_attempt {
    const char *group, *name; // borrowed from `list`
    const char *filter_only;  // NULL: the layers behind the filter must hold it
    long syscall;             // -1: no call that the filter refuses
    bool foreign;             // by another architecture's door
    bool before;              // another worker leaves something first
    uint32_t layers;          // that stop it behind the filter, as bits; 0: several
    struct attempt_end ends[ROUND_COUNT];
};

// What was looked at from outside.
struct doctor_check {
    const char *name;
    enum isolation_layer layer;
    bool held;
    char found[96];
};
enum { DOCTOR_CHECKS_MAX = 8 };

struct doctor_report {
    const struct policy *policy;
    struct isolation_report layers;              // of the zygote that plugins get
    struct isolation_report probed[ROUND_COUNT]; // of the probes
    json_t *list;                                // the probe's, owned
    struct doctor_attempt *attempts;             // owned
    size_t attempt_count;
    struct doctor_check checks[DOCTOR_CHECKS_MAX];
    size_t check_count;
    bool interrupted; // it ended before everything was tried
};

void doctor_report_free(struct doctor_report *report);
// Takes the probe's list over. False if it is not one.
bool doctor_report_take_list(struct doctor_report *report, json_t *list);
void doctor_report_add_check(struct doctor_report *report, const char *name, enum isolation_layer layer,
                             bool held, const char *found);

enum judgement doctor_judge(const struct doctor_report *report, const struct doctor_attempt *attempt,
                            enum doctor_round round);
// How many attempts were judged so, both rounds together; for JUDGED_BROKEN with the checks that failed.
size_t doctor_count(const struct doctor_report *report, enum judgement judgement);
// The layer that stopped it, as far as that can be told; NULL: the call's own checks.
const char *doctor_stopped_by(const struct doctor_report *report, const struct doctor_attempt *attempt,
                              enum doctor_round round);

void doctor_print(FILE *out, bool colour, const struct doctor_report *report);
void doctor_print_json(FILE *out, const struct doctor_report *report);
