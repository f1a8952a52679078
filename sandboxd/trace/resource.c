// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/trace/resource.h"

#include "base/uuid.h"
#include "sandboxd/trace/span.h"
#include "sandboxd/version.h"

#include <string.h>
#include <unistd.h>

struct search {
    const char *key;
    bool found;
};

static void compare(void *search_, const char *key, const char *value)
{
    (void)value;
    struct search *search = search_;
    search->found |= strcmp(key, search->key) == 0;
}

// Unless the environment has its own.
static void put_ours(struct buffer *out, const struct trace_settings *settings, const char *key,
                     const char *value)
{
    struct search search = {.key = key};
    trace_pairs_each(settings->resource_attributes, compare, &search);
    if (!search.found)
        span_attribute_text(out, key, value);
}

static void put_theirs(void *out, const char *key, const char *value)
{
    if (strcmp(key, "service.name") != 0) // settings.service_name is what came of it
        span_attribute_text(out, key, value);
}

void resource_put(struct buffer *out, const struct trace_settings *settings)
{
    char host[256] = "", instance[UUID_TEXT_SIZE];
    gethostname(host, sizeof host - 1);
    uuid_v7(instance);
    buffer_append_text(out, "{\"attributes\":[");
    span_attribute_text(out, "service.name", settings->service_name);
    put_ours(out, settings, "service.version", SANDBOXD_VERSION);
    put_ours(out, settings, "service.instance.id", instance);
    put_ours(out, settings, "host.name", host);
    trace_pairs_each(settings->resource_attributes, put_theirs, out);
    buffer_append_text(out, "]}");
}
