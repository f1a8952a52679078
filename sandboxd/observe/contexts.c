// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/observe/contexts.h"

static const char *filled(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

struct log_context request_log_context(const struct http_request *request)
{
    return (struct log_context){.count = 5,
                                .field = {LOG_TEXT("request_id", request->request_id),
                                          LOG_TEXT("trace_id", request->trace.trace_id),
                                          LOG_TEXT("span_id", request->trace.span_id),
                                          LOG_TEXT("trace_flags", request->trace.sampled ? "01" : "00"),
                                          LOG_TEXT("tenant", filled(request->identity.tenant))}};
}

struct log_context run_log_context(const struct run_record *record, const struct log_context *request)
{
    return (struct log_context){.parent = request,
                                .count = 4,
                                .field = {LOG_TEXT("run_id", record->id),
                                          LOG_TEXT("plugin", filled(record->plugin)),
                                          LOG_TEXT("plugin_version", filled(record->plugin_version)),
                                          LOG_TEXT("policy", record->policy)}};
}
