// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "tests/support/cmocka_all.h"

#include <sys/resource.h>

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

// Limits are looked at in a process with RLIMIT_CPU, whose own clock then moves in the scheduler's ticks.
static void thread_cpu_time_stays_fine_under_a_cpu_rlimit(void **state)
{
    (void)state;
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_CPU, &limit), 0);
    limit.rlim_cur = limit.rlim_max < 3600 ? limit.rlim_max : 3600;
    assert_int_equal(setrlimit(RLIMIT_CPU, &limit), 0);
    uint64_t finest_ns = UINT64_MAX;
    uint64_t last_ns = clock_thread_cpu_ns();
    for (int i = 0; i < 1000; i++) {
        uint64_t now_ns = clock_thread_cpu_ns();
        assert_true(now_ns >= last_ns);
        if (now_ns > last_ns && now_ns - last_ns < finest_ns)
            finest_ns = now_ns - last_ns;
        last_ns = now_ns;
    }
    assert_true(finest_ns < NS_PER_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_written_as_rfc_3339),
        cmocka_unit_test(thread_cpu_time_stays_fine_under_a_cpu_rlimit),
        cmocka_unit_test(monotonic_and_cpu_time_never_go_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
