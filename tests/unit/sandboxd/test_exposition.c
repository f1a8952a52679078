// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "sandboxd/observe/exposition.h"

static void exposition_escapes_label_values(void **state)
{
    (void)state;
    struct buffer labels = buffer_make(100);
    exposition_label(&labels, "a", "x\"\\\ny");
    exposition_label(&labels, "b", "");
    assert_string_equal(labels.data, "a=\"x\\\"\\\\\\ny\",b=\"\"");
    buffer_free(&labels);
}

static void exposition_names_counters_as_each_format_wants(void **state)
{
    (void)state;
    for (unsigned openmetrics = 0; openmetrics < 2; openmetrics++) {
        struct buffer out = buffer_make(1000);
        struct exposition exposition = {.out = &out, .openmetrics = openmetrics != 0};
        exposition_family(&exposition, "x_total", "Help.", KIND_COUNTER);
        exposition_sample(&exposition, "x_total", "", 1.5);
        exposition_sample(&exposition, "x_total", "a=\"b\"", 3e9);
        exposition_end(&exposition);
        assert_string_equal(out.data, openmetrics
                                          ? "# HELP x Help.\n# TYPE x counter\nx_total 1.5\n"
                                            "x_total{a=\"b\"} 3000000000\n# EOF\n"
                                          : "# HELP x_total Help.\n# TYPE x_total counter\nx_total 1.5\n"
                                            "x_total{a=\"b\"} 3000000000\n");
        buffer_free(&out);
    }
}

static void exposition_writes_bounds_alike_in_both_formats(void **state)
{
    (void)state;
    struct buffer out = buffer_make(100);
    exposition_bound(&out, 1);
    buffer_append_byte(&out, ' ');
    exposition_bound(&out, 0.00025);
    buffer_append_byte(&out, ' ');
    exposition_bound(&out, 268435456);
    assert_string_equal(out.data, "1.0 0.00025 268435456.0");
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exposition_escapes_label_values),
        cmocka_unit_test(exposition_names_counters_as_each_format_wants),
        cmocka_unit_test(exposition_writes_bounds_alike_in_both_formats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
