// SPDX-License-Identifier: Apache-2.0
// The reader of policies: what it refuses has faults that lie within the text and can be shown, and what it
// takes resolves to a policy whose canonical form reads back to the same version and differs from nothing.
#include "base/cleanup.h"
#include "base/utf8.h"
#include "policies/diff.h"
#include "policies/policy_set.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static const char complete[] =
    "{\"name\": \"base\", \"limits\": {\"wall_ms\": \"30s\", \"cpu_ms\": \"10s\", \"memory_bytes\": "
    "\"256MiB\","
    " \"instructions\": 0, \"output_bytes\": \"1MiB\", \"log_bytes\": \"64KiB\", \"code_bytes\": \"256KiB\","
    " \"context_bytes\": \"1MiB\", \"json_depth\": 64}, \"lua\": {\"allow\": [\"base\"], \"deny\": "
    "[\"load\"]},"
    " \"seccomp\": {\"mode\": \"enforce\"}, \"isolation\": {\"require\": [\"seccomp\"]},"
    " \"scheduling\": {\"idle_workers\": 2, \"max_concurrency\": 32}}";

static struct policy_set *make(struct bytes text, bool with_base, struct diagnostics *faults)
{
    struct policy_sources sources;
    struct error err = {0};
    diagnostics_init(faults);
    policy_sources_init(&sources);
    if (with_base)
        require(policy_sources_add(&sources, "base.json", "base", bytes_of_text(complete), &err));
    require(policy_sources_add(&sources, "input.json", NULL, text, &err));
    struct policy_set *set = policy_set_make(&sources, faults, &err);
    policy_sources_free(&sources);
    require((set != NULL) != diagnostics_any(faults));
    return set;
}

static unsigned lines_of(struct bytes text)
{
    unsigned lines = 1;
    for (size_t i = 0; i < text.length; i++)
        lines += text.data[i] == '\n';
    return lines;
}

static void check_faults(struct bytes text, const struct diagnostics *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        const struct diagnostic *fault = &faults->items[i];
        require(strcmp(fault->file, "input.json") == 0);
        require(fault->line <= lines_of(text) && fault->column <= text.length + 1);
        require((fault->line == 0) == (fault->column == 0));
        require(fault->pointer[0] == '\0' || fault->pointer[0] == '/');
        require(fault->message[0] != '\0' && utf8_valid(bytes_of_text(fault->message)));
        for (const char *shown = fault->message; *shown != '\0'; shown++)
            require((unsigned char)*shown >= 0x20 && *shown != 0x7F);
        require(utf8_valid(bytes_of_text(fault->pointer)));
    }
}

static void check_policy(const struct policy *policy)
{
    struct diagnostics faults;
    struct policy_changes changes;
    struct policy_set *again = make(bytes_of_text(policy->canonical), false, &faults);
    require(again != NULL && policy_set_count(again) == 1);
    const struct policy *same = policy_set_at(again, 0);
    require(strcmp(same->version, policy->version) == 0 && strcmp(same->canonical, policy->canonical) == 0);
    require(policy_diff(policy, same, &changes, NULL) && changes.count == 0);
    policy_changes_free(&changes);
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++)
        require(policy->ceilings.value[i] >= policy->limits.value[i] || policy->ceilings.value[i] == 0);
    policy_set_free(again);
    diagnostics_free(&faults);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes text = bytes_of(data, size);
    struct diagnostics faults;
    struct policy_set *set = make(text, true, &faults);
    check_faults(text, &faults);
    for (size_t i = 0; set != NULL && i < policy_set_count(set); i++)
        check_policy(policy_set_at(set, i));
    policy_set_free(set);
    diagnostics_free(&faults);
    return 0;
}
