// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/trace/settings.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct reader {
    char *const *environment;
    struct diagnostics *faults;
};

static const char *value_of(const struct reader *reader, const char *name)
{
    size_t length = strlen(name);
    for (char *const *at = reader->environment; at != NULL && *at != NULL; at++)
        if (strncmp(*at, name, length) == 0 && (*at)[length] == '=' && (*at)[length + 1] != '\0')
            return *at + length + 1;
    return NULL;
}

// The variable for traces alone wins over the one for all signals. `ret_name` is the one that was set.
static const char *otlp_value(const struct reader *reader, const char *suffix, char ret_name[64])
{
    snprintf(ret_name, 64, "OTEL_EXPORTER_OTLP_TRACES_%s", suffix);
    const char *value = value_of(reader, ret_name);
    if (value != NULL)
        return value;
    snprintf(ret_name, 64, "OTEL_EXPORTER_OTLP_%s", suffix);
    return value_of(reader, ret_name);
}

static void ignored(const struct reader *reader, const char *name, const char *why)
{
    diagnostics_add(reader->faults, name, 0, 0, "", "%s; it is ignored", why);
}

static void read_number(const struct reader *reader, const char *name, const char *value, uint64_t least,
                        uint64_t *number)
{
    if (value == NULL)
        return;
    char *end;
    errno = 0;
    unsigned long long read = strtoull(value, &end, 10);
    if (!isdigit((unsigned char)value[0]) || *end != '\0' || errno != 0 || read < least || read > 1000000000)
        ignored(reader, name, "expected a whole number in range");
    else
        *number = read;
}

static void copy(const struct reader *reader, const char *name, const char *value, char *out, size_t size)
{
    if (value == NULL)
        return;
    if (strlen(value) >= size)
        ignored(reader, name, "it is too long");
    else
        memcpy(out, value, strlen(value) + 1);
}

static bool read_flag(const struct reader *reader, const char *name)
{
    const char *value = value_of(reader, name);
    if (value == NULL || strcasecmp(value, "false") == 0)
        return false;
    if (strcasecmp(value, "true") == 0)
        return true;
    ignored(reader, name, "expected true or false");
    return false;
}

static void read_endpoint(const struct reader *reader, struct trace_settings *settings)
{
    char name[64];
    const char *value = otlp_value(reader, "ENDPOINT", name);
    if (value == NULL)
        return;
    if (strncasecmp(value, "http://", 7) != 0 && strncasecmp(value, "https://", 8) != 0) {
        ignored(reader, name, "expected a URL that begins with http:// or https://");
        return;
    }
    bool whole = strstr(name, "TRACES") != NULL; // used as it is
    size_t length = strlen(value);
    while (!whole && length > 0 && value[length - 1] == '/')
        length--;
    if (length + sizeof "/v1/traces" > sizeof settings->endpoint) {
        ignored(reader, name, "it is too long");
        return;
    }
    snprintf(settings->endpoint, sizeof settings->endpoint, "%.*s%s", (int)length, value,
             whole ? "" : "/v1/traces");
    settings->enabled = true;
}

static void read_exporter(const struct reader *reader, struct trace_settings *settings)
{
    const char *name = "OTEL_TRACES_EXPORTER", *value = value_of(reader, name);
    if (value == NULL)
        return;
    if (strcmp(value, "otlp") == 0)
        settings->enabled = true;
    else if (strcmp(value, "none") == 0)
        settings->enabled = false;
    else
        ignored(reader, name, "expected otlp or none");
}

static void read_protocol(const struct reader *reader, struct trace_settings *settings)
{
    char name[64];
    const char *value = otlp_value(reader, "PROTOCOL", name);
    if (value == NULL || strcmp(value, "http/json") == 0)
        return;
    diagnostics_add(
        reader->faults, name, 0, 0, "",
        "\"%.40s\" is not spoken here, only http/json, which the same collectors take (port 4318); "
        "tracing is off",
        value);
    settings->enabled = false;
}

static void read_compression(const struct reader *reader, struct trace_settings *settings)
{
    char name[64];
    const char *value = otlp_value(reader, "COMPRESSION", name);
    if (value == NULL)
        return;
    settings->gzip = strcmp(value, "gzip") == 0;
    if (!settings->gzip && strcmp(value, "none") != 0)
        ignored(reader, name, "expected gzip or none");
}

static void read_sampler(const struct reader *reader, struct trace_settings *settings)
{
    static const char *const names[] = {
        [SAMPLER_PARENT_ALWAYS_ON] = "parentbased_always_on",
        [SAMPLER_PARENT_ALWAYS_OFF] = "parentbased_always_off",
        [SAMPLER_PARENT_RATIO] = "parentbased_traceidratio",
        [SAMPLER_ALWAYS_ON] = "always_on",
        [SAMPLER_ALWAYS_OFF] = "always_off",
        [SAMPLER_RATIO] = "traceidratio",
    };
    const char *name = "OTEL_TRACES_SAMPLER", *value = value_of(reader, name);
    bool found = value == NULL;
    for (unsigned i = 0; !found && i < sizeof names / sizeof *names; i++) {
        found = strcmp(value, names[i]) == 0;
        if (found)
            settings->sampler = (enum trace_sampler)i;
    }
    if (!found)
        ignored(reader, name, "it is no sampler that is known here");
    name = "OTEL_TRACES_SAMPLER_ARG";
    value = value_of(reader, name);
    if (value == NULL)
        return;
    char *end;
    double ratio = strtod(value, &end);
    if (*end != '\0' || !(ratio >= 0 && ratio <= 1))
        ignored(reader, name, "expected a number from 0 to 1");
    else
        settings->ratio = ratio;
}

// "tracecontext,baggage": of these only the first does anything here, since no other service is called.
static void read_propagators(const struct reader *reader, struct trace_settings *settings)
{
    const char *name = "OTEL_PROPAGATORS", *value = value_of(reader, name);
    if (value == NULL)
        return;
    settings->propagate = false;
    while (*value != '\0') {
        size_t length = strcspn(value, ",");
        if (length == 12 && strncmp(value, "tracecontext", length) == 0)
            settings->propagate = true;
        else if (!(length == 7 && strncmp(value, "baggage", length) == 0) &&
                 !(length == 4 && strncmp(value, "none", length) == 0))
            ignored(reader, name, "only tracecontext, baggage and none are known here");
        value += length + (value[length] == ',');
    }
}

static void ignore_pair(void *context, const char *key, const char *value)
{
    (void)context;
    (void)key;
    (void)value;
}

static void take_service_name(void *settings_, const char *key, const char *value)
{
    struct trace_settings *settings = settings_;
    if (strcmp(key, "service.name") == 0)
        snprintf(settings->service_name, sizeof settings->service_name, "%s", value);
}

static void read_pairs(const struct reader *reader, const char *name, const char *value, char *out,
                       size_t size)
{
    if (value != NULL && !trace_pairs_each(value, ignore_pair, NULL))
        ignored(reader, name, "expected key=value,key=value with percent-encoded values");
    else
        copy(reader, name, value, out, size);
}

static void read_limits(const struct reader *reader, struct trace_settings *settings)
{
    char name[64];
    const char *value = otlp_value(reader, "TIMEOUT", name);
    read_number(reader, name, value, 1, &settings->request_timeout_ms);
    const struct {
        const char *name;
        uint64_t least;
        uint64_t *number;
    } numbers[] = {
        {"OTEL_BSP_SCHEDULE_DELAY", 0, &settings->batch_delay_ms},
        {"OTEL_BSP_EXPORT_TIMEOUT", 1, &settings->batch_timeout_ms},
        {"OTEL_BSP_MAX_QUEUE_SIZE", 1, &settings->queue_max},
        {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 1, &settings->batch_max},
    };
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
        read_number(reader, numbers[i].name, value_of(reader, numbers[i].name), numbers[i].least,
                    numbers[i].number);
    if (settings->batch_max > settings->queue_max) {
        if (value_of(reader, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE") != NULL)
            ignored(reader, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "it is above OTEL_BSP_MAX_QUEUE_SIZE");
        settings->batch_max = settings->queue_max;
    }
}

void trace_settings_read(char *const environment[], struct trace_settings *ret_settings,
                         struct diagnostics *faults)
{
    const struct reader reader = {.environment = environment, .faults = faults};
    *ret_settings = (struct trace_settings){
        .propagate = true,
        .endpoint = "http://localhost:4318/v1/traces",
        .service_name = "sandboxd",
        .sampler = SAMPLER_PARENT_ALWAYS_ON,
        .ratio = 1,
        .request_timeout_ms = 10000,
        .batch_delay_ms = 5000,
        .batch_timeout_ms = 30000,
        .queue_max = 2048,
        .batch_max = 512,
    };
    char name[64];
    read_endpoint(&reader, ret_settings);
    read_exporter(&reader, ret_settings);
    read_compression(&reader, ret_settings);
    read_sampler(&reader, ret_settings);
    read_propagators(&reader, ret_settings);
    read_limits(&reader, ret_settings);
    const char *value = otlp_value(&reader, "HEADERS", name);
    read_pairs(&reader, name, value, ret_settings->headers, sizeof ret_settings->headers);
    value = otlp_value(&reader, "CERTIFICATE", name);
    copy(&reader, name, value, ret_settings->certificate, sizeof ret_settings->certificate);
    read_pairs(&reader, "OTEL_RESOURCE_ATTRIBUTES", value_of(&reader, "OTEL_RESOURCE_ATTRIBUTES"),
               ret_settings->resource_attributes, sizeof ret_settings->resource_attributes);
    trace_pairs_each(ret_settings->resource_attributes, take_service_name, ret_settings);
    copy(&reader, "OTEL_SERVICE_NAME", value_of(&reader, "OTEL_SERVICE_NAME"), ret_settings->service_name,
         sizeof ret_settings->service_name);
    if (ret_settings->enabled)
        read_protocol(&reader, ret_settings);
    if (read_flag(&reader, "OTEL_SDK_DISABLED"))
        ret_settings->enabled = false;
}
