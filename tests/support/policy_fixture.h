// SPDX-License-Identifier: Apache-2.0
// Sets of policies from texts in a test, beside the stock ones. STOCK_POLICIES is their folder.
#pragma once

#include "policies/policy_set.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>

// The stock policies and `count` documents more, named "1.json", "2.json", ... in faults.
static inline struct policy_set *fixture_set(const char *const *texts, size_t count,
                                             struct diagnostics *diagnostics)
{
    struct policy_sources sources;
    struct error err = {0};
    diagnostics_init(diagnostics);
    policy_sources_init(&sources);
    assert_true(policy_sources_add_folder(&sources, STOCK_POLICIES, &err));
    for (size_t i = 0; i < count; i++) {
        char file[32];
        snprintf(file, sizeof file, "%zu.json", i + 1);
        assert_true(policy_sources_add(&sources, file, NULL, bytes_of_text(texts[i]), &err));
    }
    struct policy_set *set = policy_set_make(&sources, diagnostics, &err);
    policy_sources_free(&sources);
    return set;
}

// The same where there must be no fault.
static inline struct policy_set *fixture_good_set(const char *const *texts, size_t count)
{
    struct diagnostics diagnostics;
    struct policy_set *set = fixture_set(texts, count, &diagnostics);
    for (size_t i = 0; i < diagnostics.count; i++)
        print_message("%s:%u:%u: %s: %s\n", diagnostics.items[i].file, diagnostics.items[i].line,
                      diagnostics.items[i].column, diagnostics.items[i].pointer,
                      diagnostics.items[i].message);
    diagnostics_free(&diagnostics);
    assert_non_null(set);
    return set;
}
