// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "policies/units.h"

#include <string.h>

static uint64_t parsed(const char *text, enum limit_unit unit)
{
    struct error err = {0};
    uint64_t value = 0;
    if (!units_parse(bytes_of_text(text), unit, &value, &err))
        fail_msg("%s: %s", text, err.text);
    return value;
}

static void sizes_and_times_are_read_in_every_unit(void **state)
{
    (void)state;
    assert_int_equal(parsed("7B", UNIT_BYTES), 7);
    assert_int_equal(parsed("64KiB", UNIT_BYTES), 65536);
    assert_int_equal(parsed("256 MiB", UNIT_BYTES), 268435456);
    assert_int_equal(parsed("4GiB", UNIT_BYTES), 4294967296);
    assert_int_equal(parsed("1TiB", UNIT_BYTES), 1099511627776);
    assert_int_equal(parsed("500ms", UNIT_MS), 500);
    assert_int_equal(parsed("10s", UNIT_MS), 10000);
    assert_int_equal(parsed("5 min", UNIT_MS), 300000);
    assert_int_equal(parsed("1h", UNIT_MS), 3600000);
    assert_int_equal(parsed("18446744073709551615B", UNIT_BYTES), UINT64_MAX);
}

static void what_is_not_exactly_a_size_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",       "MiB",   "1",      "1 ",     "1  MiB",
                                        " 1MiB",  "1MiB ", "1.5MiB", "-1MiB",  "+1MiB",
                                        "0x1KiB", "1MiB2", "1s",     "1\tMiB", "99999999999999999999B"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        uint64_t value = 42;
        struct error err = {0};
        assert_false(units_parse(bytes_of_text(wrong[i]), UNIT_BYTES, &value, &err));
        assert_int_equal(err.kind, ERROR_INVALID);
        assert_int_equal(value, 42);
    }
    assert_false(units_parse(bytes_of("1MiB\0", 5), UNIT_BYTES, &(uint64_t){0}, NULL));
}

static void an_ambiguous_unit_names_the_one_meant(void **state)
{
    (void)state;
    struct error err = {0};
    uint64_t value;
    assert_false(units_parse(bytes_of_text("256MB"), UNIT_BYTES, &value, &err));
    assert_non_null(strstr(err.text, "did you mean \"MiB\"?"));
    assert_false(units_parse(bytes_of_text("5m"), UNIT_MS, &value, &err));
    assert_non_null(strstr(err.text, "did you mean \"min\"?"));
}

static void counts_have_no_units(void **state)
{
    (void)state;
    struct error err = {0};
    uint64_t value;
    assert_false(units_parse(bytes_of_text("64"), UNIT_COUNT, &value, &err));
    assert_false(units_parse(bytes_of_text("10M"), UNIT_COUNT, &value, &err));
}

static void assert_format(uint64_t value, enum limit_unit unit, const char *expected)
{
    char text[UNITS_TEXT_SIZE];
    units_format(value, unit, text);
    assert_string_equal(text, expected);
}

static void values_are_written_exactly_in_the_largest_unit(void **state)
{
    (void)state;
    assert_format(0, UNIT_BYTES, "0 B");
    assert_format(1023, UNIT_BYTES, "1,023 B");
    assert_format(65536, UNIT_BYTES, "64 KiB");
    assert_format(268435456, UNIT_BYTES, "256 MiB");
    assert_format(268435457, UNIT_BYTES, "268,435,457 B");
    assert_format(100, UNIT_MS, "100 ms");
    assert_format(1500, UNIT_MS, "1,500 ms");
    assert_format(90000, UNIT_MS, "90 s");
    assert_format(600000, UNIT_MS, "10 min");
    assert_format(10000000, UNIT_COUNT, "10,000,000");
    assert_format(UINT64_MAX, UNIT_COUNT, "18,446,744,073,709,551,615");
    assert_format(UINT64_MAX, UNIT_BYTES, "18,446,744,073,709,551,615 B");
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    static const uint64_t values[] = {1, 64, 512, 1500, 2048, 65536, 1536 << 10, 268435456, 1ULL << 40, 0};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char text[UNITS_TEXT_SIZE];
        units_spell(values[i], UNIT_BYTES, text);
        assert_int_equal(parsed(text, UNIT_BYTES), values[i]);
        units_spell(values[i], UNIT_MS, text);
        assert_int_equal(parsed(text, UNIT_MS), values[i]);
    }
}

static void rounded_figures_have_three_digits(void **state)
{
    (void)state;
    char text[UNITS_TEXT_SIZE];
    units_format_rounded(1250, UNIT_MS, text);
    assert_string_equal(text, "1.25 s");
    units_format_rounded(12897485, UNIT_BYTES, text);
    assert_string_equal(text, "12.3 MiB");
    units_format_rounded(268435456, UNIT_BYTES, text);
    assert_string_equal(text, "256 MiB");
    units_format_rounded(7, UNIT_MS, text);
    assert_string_equal(text, "7 ms");
}

static void rounding_goes_up_to_the_next_readable_figure(void **state)
{
    (void)state;
    assert_int_equal(units_round_up(0, UNIT_MS), 0);
    assert_int_equal(units_round_up(7, UNIT_MS), 7);
    assert_int_equal(units_round_up(11, UNIT_MS), 15);
    assert_int_equal(units_round_up(97, UNIT_MS), 100);
    assert_int_equal(units_round_up(101, UNIT_MS), 150);
    assert_int_equal(units_round_up(1, UNIT_BYTES), 1024);
    assert_int_equal(units_round_up(1025, UNIT_BYTES), 1536);
    assert_int_equal(units_round_up(5 << 20, UNIT_BYTES), 6 << 20);
    assert_int_equal(units_round_up(7 << 20, UNIT_BYTES), 8 << 20);
    for (uint64_t value = 1; value < 100000; value += 37) {
        assert_true(units_round_up(value, UNIT_MS) >= value);
        assert_true(units_round_up(value, UNIT_BYTES) >= value);
        assert_true(units_round_up(value, UNIT_MS) <= value + value / 2 + 1);
    }
    assert_true(units_round_up(UINT64_MAX, UNIT_COUNT) == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_and_times_are_read_in_every_unit),
        cmocka_unit_test(what_is_not_exactly_a_size_is_refused),
        cmocka_unit_test(an_ambiguous_unit_names_the_one_meant),
        cmocka_unit_test(counts_have_no_units),
        cmocka_unit_test(values_are_written_exactly_in_the_largest_unit),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(rounded_figures_have_three_digits),
        cmocka_unit_test(rounding_goes_up_to_the_next_readable_figure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
