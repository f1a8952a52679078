// SPDX-License-Identifier: Apache-2.0
// The body of POST /v1/runs: what was taken is strict JSON and valid text within the body or owned, and no
// limit ever comes out beyond the policy's ceilings.
#include "base/json_cursor.h"
#include "base/utf8.h"
#include "sandboxd/api/envelope.h"
#include "sandboxd/api/run_request.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void check_limits(const struct run_envelope *envelope, struct diagnostics *faults)
{
    struct policy policy = {.name = "fuzz"};
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++) {
        policy.limits.value[i] = run_limit_table[i].zero_is_unlimited ? 0 : run_limit_table[i].minimum;
        policy.ceilings.value[i] =
            run_limit_table[i].zero_is_unlimited ? 0 : run_limit_table[i].minimum + 1000;
    }
    struct effective_limits limits;
    if (!run_limits_resolve(&policy, NULL, NULL, envelope, &limits, faults))
        return;
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++) {
        uint64_t value = limits.limits.value[i], ceiling = policy.ceilings.value[i];
        require(value <= run_limit_table[i].maximum && (ceiling == 0 || value <= ceiling));
        require(value >= run_limit_table[i].minimum || (value == 0 && run_limit_table[i].zero_is_unlimited));
        require(limits.set_by[i] == (envelope->limit_given[i] ? ORIGIN_REQUEST : ORIGIN_POLICY));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run_envelope envelope;
    struct diagnostics faults;
    struct json_fault json_fault;
    diagnostics_init(&faults);
    struct bytes body = bytes_of(data, size);
    if (run_envelope_read(body, &envelope, &faults, &json_fault)) {
        require(json_check(body, JSON_DEPTH_MAX, &json_fault));
        if (!diagnostics_any(&faults)) {
            require((envelope.code.data != NULL) != (envelope.plugin[0] != '\0'));
            require(envelope.code.data == NULL || utf8_valid(envelope.code));
            require(json_check(envelope.context, JSON_DEPTH_MAX, &json_fault));
            require(json_nesting(envelope.context) < JSON_DEPTH_MAX);
            require(strlen(envelope.policy) > 0 && strlen(envelope.chunk_name) > 0);
            check_limits(&envelope, &faults);
        }
    } else {
        require(json_fault.offset <= size && json_fault.line > 0 && json_fault.what != NULL);
    }
    run_envelope_free(&envelope);
    diagnostics_free(&faults);
    return 0;
}
