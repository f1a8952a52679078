// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "sandboxd/limits/quota.h"
#include "tests/support/cmocka_all.h"

#define NOON INT64_C(1767268800000) // 2026-01-01T12:00:00Z
enum { HOUR_MS = 3600000 };

static bool take(struct quota_usage *usage, enum quota_unit unit, uint64_t maximum, struct quota_clock at,
                 uint64_t *ret_wait_ms)
{
    struct quota_rest rest = quota_look(usage, unit, maximum, 1, &at);
    *ret_wait_ms = rest.wait_ms;
    if (rest.wait_ms > 0)
        return false;
    quota_take(usage, unit, maximum, 1, &at);
    return true;
}

static void minutes_bucket_gives_its_whole_and_then_one_at_a_time(void **state)
{
    (void)state;
    static const uint64_t maxima[] = {1, 7, 60, 999};
    for (unsigned m = 0; m < 4; m++) {
        struct quota_usage usage = {0};
        struct quota_clock now = {.monotonic_ns = 1000 * NS_PER_S, .unix_ms = NOON};
        uint64_t wait_ms;
        for (uint64_t i = 0; i < maxima[m]; i++)
            assert_true(take(&usage, QUOTA_MINUTE, maxima[m], now, &wait_ms));
        assert_false(take(&usage, QUOTA_MINUTE, maxima[m], now, &wait_ms));
        now.monotonic_ns += (wait_ms - 1) * NS_PER_MS;
        uint64_t early_ms;
        assert_false(take(&usage, QUOTA_MINUTE, maxima[m], now, &early_ms));
        now.monotonic_ns += NS_PER_MS;
        assert_true(take(&usage, QUOTA_MINUTE, maxima[m], now, &wait_ms));
        assert_false(take(&usage, QUOTA_MINUTE, maxima[m], now, &wait_ms));
        now.monotonic_ns += 61 * NS_PER_S;
        struct quota_rest rest = quota_look(&usage, QUOTA_MINUTE, maxima[m], 1, &now);
        assert_int_equal(rest.remaining, maxima[m]);
        assert_int_equal(rest.reset_ms, 0);
    }
}

static void windows_begin_with_the_hour_the_day_and_the_month(void **state)
{
    (void)state;
    struct quota_usage usage = {0};
    struct quota_clock now = {.unix_ms = NOON + 1000};
    uint64_t wait_ms;
    assert_true(take(&usage, QUOTA_HOUR, 1, now, &wait_ms));
    assert_false(take(&usage, QUOTA_HOUR, 1, now, &wait_ms));
    assert_int_equal(wait_ms, HOUR_MS - 1000);
    now.unix_ms += (int64_t)wait_ms;
    assert_true(take(&usage, QUOTA_HOUR, 1, now, &wait_ms));
    assert_int_equal(quota_window_end(QUOTA_DAY, NOON), NOON + 12 * HOUR_MS);
    assert_int_equal(quota_window_start(QUOTA_COST_MONTH, NOON), NOON - 12 * HOUR_MS);
    assert_int_equal(quota_window_end(QUOTA_COST_MONTH, NOON), NOON + (30 * 24 + 12) * (int64_t)HOUR_MS);
}

static void clock_that_is_set_back_opens_no_new_window(void **state)
{
    (void)state;
    struct quota_usage usage = {0};
    struct quota_clock now = {.unix_ms = NOON}, before = {.unix_ms = NOON - HOUR_MS};
    uint64_t wait_ms;
    assert_true(take(&usage, QUOTA_HOUR, 1, now, &wait_ms));
    assert_false(take(&usage, QUOTA_HOUR, 1, before, &wait_ms));
    assert_int_equal(wait_ms, 2 * HOUR_MS);
}

static void clock_that_was_far_ahead_once_closes_no_window_for_long(void **state)
{
    (void)state;
    for (enum quota_unit unit = QUOTA_HOUR; unit <= QUOTA_COST_MONTH; unit++) {
        if (unit == QUOTA_CONCURRENCY)
            continue;
        struct quota_usage usage = {0};
        struct quota_clock ahead = {.unix_ms = NOON + 365LL * 24 * HOUR_MS}, now = {.unix_ms = NOON};
        uint64_t wait_ms;
        assert_true(take(&usage, unit, 1, ahead, &wait_ms));
        assert_true(take(&usage, unit, 1, now, &wait_ms));
        assert_false(take(&usage, unit, 1, now, &wait_ms));
        assert_int_equal(wait_ms, quota_window_end(unit, NOON) - NOON);
    }
}

static void what_is_given_back_counts_in_its_own_window_only(void **state)
{
    (void)state;
    struct quota_usage usage = {0};
    struct quota_clock now = {.unix_ms = NOON};
    int64_t start_ms = quota_window_start(QUOTA_COST_DAY, NOON);
    quota_look(&usage, QUOTA_COST_DAY, 100, 80, &now);
    quota_take(&usage, QUOTA_COST_DAY, 100, 80, &now);
    assert_int_equal(quota_look(&usage, QUOTA_COST_DAY, 100, 30, &now).wait_ms, 12 * HOUR_MS);
    quota_give_back(&usage, QUOTA_COST_DAY, start_ms - 1, 80);
    assert_int_equal(quota_look(&usage, QUOTA_COST_DAY, 100, 30, &now).remaining, 20);
    quota_give_back(&usage, QUOTA_COST_DAY, start_ms, 75);
    assert_int_equal(quota_look(&usage, QUOTA_COST_DAY, 100, 30, &now).remaining, 95);
    quota_take(&usage, QUOTA_CONCURRENCY, 1, 1, &now);
    assert_int_equal(quota_look(&usage, QUOTA_CONCURRENCY, 1, 1, &now).wait_ms, 1000);
    quota_give_back(&usage, QUOTA_CONCURRENCY, 0, 1);
    assert_int_equal(quota_look(&usage, QUOTA_CONCURRENCY, 1, 1, &now).wait_ms, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(minutes_bucket_gives_its_whole_and_then_one_at_a_time),
        cmocka_unit_test(windows_begin_with_the_hour_the_day_and_the_month),
        cmocka_unit_test(clock_that_is_set_back_opens_no_new_window),
        cmocka_unit_test(clock_that_was_far_ahead_once_closes_no_window_for_long),
        cmocka_unit_test(what_is_given_back_counts_in_its_own_window_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
