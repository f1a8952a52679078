// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/refusal.h"

#include "policies/describe.h"
#include "sandboxctl/json_show.h"
#include "sandboxctl/policy_source.h"

#include <stdio.h>

static void put_document(enum exit_status status, const char *message, json_t *faults)
{
    json_t *document = json_pack("{s:{s:i, s:s, s:o*}}", "error", "exit_status", (int)status, "message",
                                 message, "faults", faults);
    if (document == NULL || !json_show(stdout, document, JSON_COMPACT))
        fail(STATUS_FAILURE, "the refusal cannot be told as JSON: out of memory, or the message is no UTF-8");
    json_decref(document);
}

enum exit_status refuse(const struct invocation *invocation, const struct error *err)
{
    enum exit_status status = fail_with(err);
    if (invocation->json)
        put_document(status, err->text, NULL);
    return status;
}

enum exit_status refuse_with_faults(const struct invocation *invocation, const struct error *err,
                                    const struct diagnostics *faults)
{
    if (!diagnostics_any(faults))
        return refuse(invocation, err);
    fail_with(err);
    diagnostics_print(faults, stderr);
    if (invocation->json)
        put_document(STATUS_PLUGIN_FAILED, err->text, diagnostics_describe(faults));
    return STATUS_PLUGIN_FAILED;
}
