// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "sandboxd/trace/settings.h"

#include <string.h>

static struct trace_settings read_from(const char *const environment[], size_t faults_expected)
{
    struct trace_settings settings;
    struct diagnostics faults;
    diagnostics_init(&faults);
    trace_settings_read((char *const *)environment, &settings, &faults);
    assert_int_equal(faults.count, faults_expected);
    diagnostics_free(&faults);
    return settings;
}

static void settings_have_the_specifications_defaults(void **state)
{
    (void)state;
    const char *const environment[] = {"OTEL_SERVICE_NAME=", "OTEL_TRACES_SAMPLER=", NULL}; // empty is unset
    struct trace_settings settings = read_from(environment, 0);
    assert_false(settings.enabled);
    assert_true(settings.propagate);
    assert_string_equal(settings.service_name, "sandboxd");
    assert_string_equal(settings.endpoint, "http://localhost:4318/v1/traces");
    assert_int_equal(settings.sampler, SAMPLER_PARENT_ALWAYS_ON);
    assert_int_equal(settings.batch_delay_ms, 5000);
    assert_int_equal(settings.batch_timeout_ms, 30000);
    assert_int_equal(settings.queue_max, 2048);
    assert_int_equal(settings.batch_max, 512);
    assert_int_equal(settings.request_timeout_ms, 10000);
}

static void settings_append_the_path_to_the_general_endpoint_only(void **state)
{
    (void)state;
    const char *const general[] = {"OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318/", NULL};
    struct trace_settings settings = read_from(general, 0);
    assert_true(settings.enabled);
    assert_string_equal(settings.endpoint, "http://c:4318/v1/traces");
    const char *const own[] = {"OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318",
                               "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=https://t/in", NULL};
    assert_string_equal(read_from(own, 0).endpoint, "https://t/in");
    const char *const bad[] = {"OTEL_EXPORTER_OTLP_ENDPOINT=collector:4318", NULL};
    assert_false(read_from(bad, 1).enabled);
}

static void settings_turn_tracing_off(void **state)
{
    (void)state;
    const char *const disabled[] = {"OTEL_EXPORTER_OTLP_ENDPOINT=http://c", "OTEL_SDK_DISABLED=TRUE", NULL};
    assert_false(read_from(disabled, 0).enabled);
    const char *const none[] = {"OTEL_EXPORTER_OTLP_ENDPOINT=http://c", "OTEL_TRACES_EXPORTER=none", NULL};
    assert_false(read_from(none, 0).enabled);
    const char *const grpc[] = {"OTEL_EXPORTER_OTLP_ENDPOINT=http://c", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc",
                                NULL};
    assert_false(read_from(grpc, 1).enabled);
    const char *const only_named[] = {"OTEL_TRACES_EXPORTER=otlp", NULL};
    assert_true(read_from(only_named, 0).enabled);
}

static void settings_ignore_what_is_invalid(void **state)
{
    (void)state;
    const char *const environment[] = {"OTEL_TRACES_SAMPLER=never",
                                       "OTEL_TRACES_SAMPLER_ARG=1.5",
                                       "OTEL_BSP_SCHEDULE_DELAY=-5",
                                       "OTEL_BSP_MAX_QUEUE_SIZE=0",
                                       "OTEL_BSP_EXPORT_TIMEOUT=99999999999999999999",
                                       "OTEL_PROPAGATORS=b3,tracecontext",
                                       "OTEL_SDK_DISABLED=yes",
                                       "OTEL_RESOURCE_ATTRIBUTES=a",
                                       "OTEL_EXPORTER_OTLP_COMPRESSION=br",
                                       "OTEL_TRACES_EXPORTER=zipkin",
                                       NULL};
    struct trace_settings settings = read_from(environment, 10);
    assert_int_equal(settings.sampler, SAMPLER_PARENT_ALWAYS_ON);
    assert_true(settings.ratio == 1);
    assert_int_equal(settings.queue_max, 2048);
    assert_true(settings.propagate);
}

static void settings_take_the_service_name_from_either(void **state)
{
    (void)state;
    const char *const attribute[] = {"OTEL_RESOURCE_ATTRIBUTES=team=x,service.name=by%20attribute", NULL};
    assert_string_equal(read_from(attribute, 0).service_name, "by attribute");
    const char *const both[] = {"OTEL_RESOURCE_ATTRIBUTES=service.name=a", "OTEL_SERVICE_NAME=b", NULL};
    assert_string_equal(read_from(both, 0).service_name, "b");
}

static void settings_keep_a_batch_within_the_queue(void **state)
{
    (void)state;
    const char *const small[] = {"OTEL_BSP_MAX_QUEUE_SIZE=100", NULL};
    assert_int_equal(read_from(small, 0).batch_max, 100);
    const char *const wrong[] = {"OTEL_BSP_MAX_QUEUE_SIZE=100", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=200", NULL};
    assert_int_equal(read_from(wrong, 1).batch_max, 100);
}

static void join(void *out, const char *key, const char *value)
{
    strcat(strcat(strcat(strcat(out, key), "="), value), ";");
}

static void pairs_are_decoded(void **state)
{
    (void)state;
    char out[256] = "";
    assert_true(trace_pairs_each("a=1, b = two%20%c3%A4 ,c=", join, out));
    assert_string_equal(out, "a=1;b=two \xc3\xa4;c=;");
    const char *const bad[] = {"a", "=1", "a=%", "a=%4", "a=%zz", "a=1,b", "a=%0a", ",a=1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        out[0] = '\0';
        assert_false(trace_pairs_each(bad[i], join, out));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_have_the_specifications_defaults),
        cmocka_unit_test(settings_append_the_path_to_the_general_endpoint_only),
        cmocka_unit_test(settings_turn_tracing_off),
        cmocka_unit_test(settings_ignore_what_is_invalid),
        cmocka_unit_test(settings_take_the_service_name_from_either),
        cmocka_unit_test(settings_keep_a_batch_within_the_queue),
        cmocka_unit_test(pairs_are_decoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
