// SPDX-License-Identifier: Apache-2.0
// A store in a scratch folder, and records to put into it.
#pragma once

#include "base/uuid.h"
#include "sandboxd/store/database.h"
#include "sandboxd/store/store.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct store_fixture {
    char folder[64];
    struct store *store;
    unsigned complaints;
    char complaint[256];
};

static inline void fixture_complaint(void *context, const char *text)
{
    struct store_fixture *fixture = context;
    fixture->complaints++;
    snprintf(fixture->complaint, sizeof fixture->complaint, "%s", text);
}

static inline void fixture_open_bounded(struct store_fixture *fixture, uint64_t runs_max, uint64_t days_max)
{
    struct error err = {0};
    struct store_options options = {.state_dir = fixture->folder,
                                    .runs_max = runs_max,
                                    .run_age_days_max = days_max,
                                    .trouble = fixture_complaint,
                                    .trouble_context = fixture};
    fixture->store = store_open(&options, &err);
    if (!fixture->store)
        fail_msg("%s", err.text);
}

static inline int store_set_up(void **state)
{
    struct store_fixture *fixture = calloc(1, sizeof *fixture);
    strcpy(fixture->folder, "/tmp/store_test.XXXXXX");
    if (!mkdtemp(fixture->folder))
        return -1;
    fixture_open_bounded(fixture, 0, 0);
    *state = fixture;
    return 0;
}

static inline int store_tear_down(void **state)
{
    struct store_fixture *fixture = *state;
    static const char *const names[] = {"", "-wal", "-shm"};
    store_close(fixture->store);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/sandboxd.db%s", fixture->folder, names[i]);
        unlink(path);
    }
    char journal[128];
    snprintf(journal, sizeof journal, "%s/runs.journal", fixture->folder);
    unlink(journal);
    rmdir(fixture->folder);
    free(fixture);
    return 0;
}

// An ordinary run that ended now.
static inline struct run_record fixture_run(const char *policy, enum outcome outcome, uint64_t cpu_us)
{
    struct run_record record = {.outcome = outcome, .figures = {.cpu_us = cpu_us, .wall_us = cpu_us + 100}};
    uuid_v7(record.id);
    snprintf(record.policy, sizeof record.policy, "%s", policy);
    snprintf(record.policy_version, sizeof record.policy_version, "sha256:%064d", 1);
    snprintf(record.code_sha256, sizeof record.code_sha256, "%064d", 2);
    snprintf(record.trace_id, sizeof record.trace_id, "%032d", 3);
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++)
        record.limits.value[i] = 1000 + i;
    return record;
}
