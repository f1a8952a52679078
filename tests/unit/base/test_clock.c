// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "tests/support/cmocka_all.h"

static void times_are_written_as_rfc_3339(void **state)
{
    (void)state;
    static const struct {
        int64_t unix_ms;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {1763633472345, "2025-11-20T10:11:12.345Z"},
        {1709164800007, "2024-02-29T00:00:00.007Z"},
        {253402300799999, "9999-12-31T23:59:59.999Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[CLOCK_TEXT_SIZE];
        clock_format_rfc3339(rows[i].unix_ms, text);
        assert_string_equal(text, rows[i].text);
    }
}

static void monotonic_and_cpu_time_never_go_back(void **state)
{
    (void)state;
    uint64_t monotonic = clock_monotonic_ns();
    uint64_t cpu = clock_process_cpu_ns();
    for (int i = 0; i < 1000; i++) {
        uint64_t next_monotonic = clock_monotonic_ns();
        uint64_t next_cpu = clock_process_cpu_ns();
        assert_true(next_monotonic >= monotonic && next_cpu >= cpu);
        monotonic = next_monotonic;
        cpu = next_cpu;
    }
    assert_true(clock_unix_ms() > 1700000000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_written_as_rfc_3339),
        cmocka_unit_test(monotonic_and_cpu_time_never_go_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
