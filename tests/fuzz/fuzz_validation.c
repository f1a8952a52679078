// SPDX-License-Identifier: Apache-2.0
// What a validator's worker says, as the daemon reads it and tells it on: whatever it is, the answer is JSON.
#include "base/json_cursor.h"
#include "tests/fuzz/fuzz.h"
#include "validation/validation.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct policy policy = {.references = 1, .name = "fuzzed"};
    policy.limits.value[LIMIT_CODE_BYTES] = 1000;
    struct validation_input input = {.policy = &policy,
                                     .module_count = 2,
                                     .modules = {{bytes_of_text("main.lua"), bytes_of_text("")},
                                                 {bytes_of_text("util"), bytes_of_text("")}}};
    struct validation *validation = validation_new(&input, NULL);
    require(validation != NULL && validation_is_valid(validation));
    const struct run_result result = {
        .run_id = "", .outcome = OUTCOME_OK, .output = bytes_of(data, size), .message = ""};
    require(validation_take(validation, &result, NULL));
    const struct findings *findings = validation_findings(validation);
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        require(finding->module <= 2 && finding->code < VALIDATION_CODE_COUNT);
        require(finding->column == 0 || (finding->line > 0 && finding->end_column >= finding->column));
    }
    struct buffer out = buffer_make(SIZE_MAX);
    struct json_fault fault;
    validation_put_json(validation, &out);
    require(buffer_ok(&out) && json_check(bytes_of(out.data, out.length), 3, &fault));
    buffer_free(&out);
    validation_free(validation);
    return 0;
}
