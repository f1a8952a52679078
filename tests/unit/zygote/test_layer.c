// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/layer.h"

#include "tests/support/cmocka_all.h"

#include <errno.h>
#include <string.h>

static void layer_active_has_no_reason(void **state)
{
    (void)state;
    struct layer_report report = {.state = LAYER_MISSING, .reason = "old"};
    layer_active(&report);
    assert_int_equal(report.state, LAYER_ACTIVE);
    assert_string_equal(report.reason, "");
}

static void layer_missing_tells_the_system_error(void **state)
{
    (void)state;
    struct layer_report report;
    layer_missing(&report, EPERM, "cannot do %s", "this");
    assert_int_equal(report.state, LAYER_MISSING);
    assert_string_equal(report.reason, "cannot do this: Operation not permitted");
}

static void layer_degraded_without_an_error_tells_the_reason_alone(void **state)
{
    (void)state;
    struct layer_report report;
    layer_degraded(&report, 0, "half of it");
    assert_int_equal(report.state, LAYER_DEGRADED);
    assert_string_equal(report.reason, "half of it");
}

static void layer_reason_is_cut_not_overrun(void **state)
{
    (void)state;
    struct layer_report report;
    char long_text[3 * LAYER_REASON_SIZE];
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    layer_missing(&report, ENOENT, "%s", long_text);
    assert_int_equal(strlen(report.reason), LAYER_REASON_SIZE - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layer_active_has_no_reason),
        cmocka_unit_test(layer_missing_tells_the_system_error),
        cmocka_unit_test(layer_degraded_without_an_error_tells_the_reason_alone),
        cmocka_unit_test(layer_reason_is_cut_not_overrun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
