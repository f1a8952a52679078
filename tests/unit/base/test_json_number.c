// SPDX-License-Identifier: Apache-2.0
#include "base/cleanup.h"
#include "base/json_number.h"
#include "tests/support/cmocka_all.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    double value;
    const char *text;
} shortest[] = {
    {0, "0"},
    {-0.0, "-0"},
    {1, "1"},
    {-2.5, "-2.5"},
    {0.1, "0.1"},
    {0.001, "0.001"},
    {1e-7, "1e-7"},
    {123456.789, "123456.789"},
    {0.30000000000000004, "0.30000000000000004"},
    {1e15, "1e15"},
    {1e21, "1e21"},
    {9007199254740993.0, "9007199254740992"},
    {5e-324, "5e-324"},
    {2.2250738585072014e-308, "2.2250738585072014e-308"},
    {DBL_MAX, "1.7976931348623157e308"},
    {-1e300, "-1e300"},
    {0x1p-1017,
     "7.120236347223045e-307"}, // the nearest of 16 digits is a little below and does not read back
    {-0x1p-1017, "-7.120236347223045e-307"},
};

static void json_number_text_is_the_shortest_that_reads_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof shortest / sizeof *shortest; i++) {
        char text[JSON_DOUBLE_TEXT_SIZE];
        size_t length = json_number_text(shortest[i].value, text);
        assert_string_equal(text, shortest[i].text);
        assert_int_equal(length, strlen(text));
    }
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void json_number_text_and_value_are_inverse(void **state)
{
    (void)state;
    uint64_t random = 88172645463325252u;
    for (int i = 0; i < 200000; i++) {
        uint64_t bits = next_random(&random);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (i % 2 == 1)
            value = (double)(int64_t)bits / 1e3; // numbers as people write them
        if (!isfinite(value))
            continue;
        char text[JSON_DOUBLE_TEXT_SIZE];
        size_t length = json_number_text(value, text);
        double back = json_number_to_double(bytes_of(text, length));
        assert_memory_equal(&back, &value, sizeof value);
    }
}

static void json_number_to_double_rounds_as_strtod_does(void **state)
{
    (void)state;
    uint64_t random = 1234567;
    for (int i = 0; i < 100000; i++) {
        char text[80];
        int length = snprintf(text, sizeof text, "%s%llu.%llue%d", i % 3 == 0 ? "-" : "",
                              (unsigned long long)next_random(&random) >> (i % 64),
                              (unsigned long long)next_random(&random) >> (i % 60),
                              (int)(next_random(&random) % 700) - 350);
        double expected = strtod(text, NULL);
        double value = json_number_to_double(bytes_of(text, (size_t)length));
        assert_memory_equal(&value, &expected, sizeof value);
        assert_int_equal(json_number_overflows(bytes_of(text, (size_t)length)), isinf(expected) != 0);
    }
}

// More digits than fit any buffer, where only the very last one decides the rounding.
static void json_number_to_double_heeds_digits_however_late(void **state)
{
    (void)state;
    enum { SIZE = 5000 };
    autofree char *text = malloc(SIZE + 1);
    memset(text, '0', SIZE);
    text[SIZE] = '\0';
    memcpy(text, "9007199254740993.", 17);
    assert_true(json_number_to_double(bytes_of(text, SIZE)) == 9007199254740992.0);
    text[SIZE - 1] = '1';
    assert_true(json_number_to_double(bytes_of(text, SIZE)) == 9007199254740994.0);
}

static void json_number_overflow_begins_half_way_above_the_largest_double(void **state)
{
    (void)state;
    char digits[400];
    // 2^1024 - 2^970, exactly.
    snprintf(digits, sizeof digits, "%.0f", DBL_MAX);
    assert_false(json_number_overflows(bytes_of_text(digits)));
    static const struct {
        const char *text;
        bool overflows;
    } rows[] = {
        {"1.7976931348623157e308", false},
        {"1.7976931348623158e308", false},
        {"1.7976931348623159e308", true},
        {"17976931348623159e292", true},
        {"-1e309", true},
        {"0e999999999999", false},
        {"0.0000e99999", false},
        {"1e-99999999999999", false},
        {"1e99999999999999999999", true},
        {"0.00001e313", false},
        {"0.00001e314", true},
        {"1e400", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(json_number_overflows(bytes_of_text(rows[i].text)), rows[i].overflows);
        assert_int_equal(isinf(strtod(rows[i].text, NULL)) != 0, rows[i].overflows);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_number_text_is_the_shortest_that_reads_back),
        cmocka_unit_test(json_number_text_and_value_are_inverse),
        cmocka_unit_test(json_number_to_double_rounds_as_strtod_does),
        cmocka_unit_test(json_number_to_double_heeds_digits_however_late),
        cmocka_unit_test(json_number_overflow_begins_half_way_above_the_largest_double),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
