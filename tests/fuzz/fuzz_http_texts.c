// SPDX-License-Identifier: Apache-2.0
// What a request line and header fields are made of: paths and queries against the real routes, traceparent,
// and the framing guard. The first byte chooses.
#include "base/cleanup.h"
#include "sandboxd/api/routes.h"
#include "sandboxd/http/framing.h"
#include "sandboxd/http/trace_context.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static void try_path(char *text)
{
    struct http_routes routes = {.items = api_routes, .count = api_route_count};
    for (unsigned method = 0; method < METHOD_COUNT; method++) {
        autofree char *path = strdup(text);
        struct route_match match;
        require(path != NULL);
        size_t length = strlen(path);
        if (!router_match(&routes, SURFACE_API, (enum http_method)method, path, &match) ||
            match.route == NULL)
            continue;
        for (unsigned i = 0; i < ROUTE_PARAMETERS_MAX && match.parameter[i].data != NULL; i++) {
            const struct bytes *value = &match.parameter[i];
            require(value->data >= path && value->data + value->length <= path + length);
            require(strlen(value->data) == value->length && value->length > 0);
        }
    }
    char value[16];
    if (query_value(text, "limit", value, sizeof(value)))
        require(strlen(value) < sizeof(value));
}

static void try_traceparent(const char *text)
{
    struct trace_context trace;
    char formatted[TRACEPARENT_SIZE + 1];
    trace_context_begin(&trace, text);
    require(strlen(trace.trace_id) == TRACE_ID_SIZE && strlen(trace.span_id) == SPAN_ID_SIZE);
    require(strspn(trace.trace_id, "0123456789abcdef") == TRACE_ID_SIZE);
    trace_context_format(&trace, formatted);
    require(strlen(formatted) == TRACEPARENT_SIZE);
    char memory[TRACESTATE_BYTES_MAX + 1] = "";
    struct buffer state = buffer_over(memory, sizeof(memory));
    trace_state_add(&state, bytes_of_text(text));
    require(!buffer_ok(&state) || strlen(memory) == state.length);
}

// Lines of "name:value".
static void try_framing(char *text)
{
    struct framing framing = {.fault = NULL};
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char *colon = strchr(line, ':');
        if (colon != NULL)
            framing_header(&framing, bytes_of(line, (size_t)(colon - line)), bytes_of_text(colon + 1));
    }
    if (framing_check(&framing, "POST", "HTTP/1.1"))
        require(framing.content_lengths + framing.transfer_encodings <= 1 && framing.hosts <= 1);
    else
        require(framing.fault != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    autofree char *text = malloc(size);
    require(text != NULL);
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    switch (data[0] % 3) {
    case 0:
        try_path(text);
        break;
    case 1:
        try_traceparent(text);
        break;
    default:
        try_framing(text);
    }
    return 0;
}
