// SPDX-License-Identifier: Apache-2.0
#include "base/json_number.h"

#include "base/require.h"

#include <fenv.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// 2^1024 - 2^970, half way between the largest double and the next power of two: from here on, a number
// rounds to infinity.
static const char INFINITE_FROM[] =
    "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017"
    "977587207096330286416692887910946555547851940402630657488671505820681908902000708383676273"
    "854845817711531764475730270069855571366959622842914819860834936475292719074168444365510704"
    "342711559699508093042880177904174497792";
enum { INFINITE_DIGITS = sizeof INFINITE_FROM - 1 };

// The longest decimal that can decide how a double rounds has 767 significant digits; of those after it only
// matters whether one is not zero.
enum { DIGITS_KEPT = 768, EXPONENT_BOUND = 100000000 };

static const double powers_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                       1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// A number as 0.d1d2d3... times 10^exponent with d1 not zero; no digits for zero.
struct decimal {
    bool negative;
    const char *first; // the first digit that is not zero
    const char *end;   // behind the last digit of the mantissa
    int64_t exponent;
};

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

// Saturates: no exponent of a double needs more than four digits, but a mantissa may be long too.
static int64_t read_exponent(const char *at, const char *end)
{
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    int64_t exponent = 0;
    for (; at < end; at++)
        if (exponent < (int64_t)EXPONENT_BOUND * 100)
            exponent = exponent * 10 + (*at - '0');
    return negative ? -exponent : exponent;
}

static struct decimal take_apart(struct bytes text)
{
    const char *at = text.data;
    const char *end = text.data + text.length;
    struct decimal decimal = {.negative = at < end && *at == '-'};
    if (decimal.negative)
        at++;
    bool in_fraction = false;
    for (; at < end && (is_digit(*at) || *at == '.'); at++) {
        if (*at == '.') {
            in_fraction = true;
            continue;
        }
        if (decimal.first == NULL && *at != '0')
            decimal.first = at;
        if (decimal.first != NULL && !in_fraction)
            decimal.exponent++;
        if (decimal.first == NULL && in_fraction)
            decimal.exponent--;
    }
    decimal.end = at;
    if (at < end)
        decimal.exponent += read_exponent(at + 1, end);
    return decimal;
}

static char next_digit(const char **at, const char *end)
{
    if (*at < end && **at == '.')
        (*at)++;
    return *at < end ? *(*at)++ : '0';
}

bool json_number_overflows(struct bytes text)
{
    struct decimal decimal = take_apart(text);
    if (decimal.first == NULL || decimal.exponent < INFINITE_DIGITS)
        return false;
    if (decimal.exponent > INFINITE_DIGITS)
        return true;
    const char *at = decimal.first;
    for (int i = 0; i < INFINITE_DIGITS; i++) {
        char digit = next_digit(&at, decimal.end);
        if (digit != INFINITE_FROM[i])
            return digit > INFINITE_FROM[i];
    }
    return true;
}

// Up to 15 digits and a small power of ten: both are exact doubles, so one division or product rounds once.
static bool value_of_short(const struct decimal *decimal, double *ret_value)
{
    uint64_t mantissa = 0;
    int64_t count = 0;
    const char *at = decimal->first;
    for (; at < decimal->end; at++) {
        if (*at == '.')
            continue;
        if (++count > 15)
            return false;
        mantissa = mantissa * 10 + (uint64_t)(*at - '0');
    }
    int64_t scale = decimal->exponent - count;
    if (scale < -22 || scale > 22)
        return false;
    double value =
        scale < 0 ? (double)mantissa / powers_of_ten[-scale] : (double)mantissa * powers_of_ten[scale];
    *ret_value = decimal->negative ? -value : value;
    return true;
}

double json_number_to_double(struct bytes text)
{
    struct decimal decimal = take_apart(text);
    if (decimal.first == NULL)
        return decimal.negative ? -0.0 : 0.0;
    double value;
    if (value_of_short(&decimal, &value))
        return value;
    char copy[DIGITS_KEPT + 40];
    size_t used = 0;
    if (decimal.negative)
        copy[used++] = '-';
    copy[used++] = '.';
    const char *at = decimal.first;
    for (int i = 0; i < DIGITS_KEPT && at < decimal.end; i++)
        copy[used++] = next_digit(&at, decimal.end);
    bool more = false;
    while (at < decimal.end && !more)
        more = next_digit(&at, decimal.end) != '0';
    if (more)
        copy[used++] = '1';
    int64_t exponent = decimal.exponent;
    if (exponent > EXPONENT_BOUND)
        exponent = EXPONENT_BOUND;
    if (exponent < -EXPONENT_BOUND)
        exponent = -EXPONENT_BOUND;
    snprintf(copy + used, sizeof copy - used, "e%d", (int)exponent);
    return strtod(copy, NULL);
}

// Most numbers that people write have few decimals: m / 10^k with m below 10^15 is the value itself if one
// division gives it back, and the smallest such k is the shortest text.
static size_t text_of_short(double value, char *text)
{
    double magnitude = fabs(value);
    if (magnitude >= 1e15 || magnitude < 1e-3)
        return 0;
    for (int decimals = 0; decimals <= 6; decimals++) {
        double scaled = nearbyint(magnitude * powers_of_ten[decimals]);
        if (scaled >= 1e15)
            return 0;
        if (scaled / powers_of_ten[decimals] != magnitude)
            continue;
        char digits[24];
        int count = snprintf(digits, sizeof digits, "%0*llu", decimals + 1, (unsigned long long)scaled);
        size_t whole = (size_t)(count - decimals);
        size_t used = 0;
        if (value < 0)
            text[used++] = '-';
        memcpy(text + used, digits, whole);
        used += whole;
        if (decimals > 0) {
            text[used++] = '.';
            memcpy(text + used, digits + whole, (size_t)decimals);
            used += (size_t)decimals;
        }
        text[used] = '\0';
        return used;
    }
    return 0;
}

// "1e+300" to "1e300", "1e-07" to "1e-7".
static size_t shorten_exponent(char *text)
{
    char *exponent = strchr(text, 'e');
    if (exponent == NULL)
        return strlen(text);
    char *to = exponent + 1;
    const char *from = exponent + 1;
    if (*from == '-')
        *to++ = '-';
    from++;
    while (*from == '0')
        from++;
    while (*from != '\0')
        *to++ = *from++;
    *to = '\0';
    return (size_t)(to - text);
}

// Prints with the given rounding, and tells whether that is the same number again.
static bool reads_back(double value, int digits, int rounding, char *text)
{
    int before = fegetround();
    fesetround(rounding);
    snprintf(text, JSON_DOUBLE_TEXT_SIZE, "%.*g", digits, value);
    fesetround(before);
    return strtod(text, NULL) == value;
}

// The doubles above a power of two are twice as far apart as those below it, so the decimal that is next away
// from zero may read back where the nearest does not.
static bool reads_back_away(double value, int digits, char *text)
{
    int exponent;
    return fabs(frexp(value, &exponent)) == 0.5 && digits < 17 &&
           reads_back(value, digits, value < 0 ? FE_DOWNWARD : FE_UPWARD, text);
}

size_t json_number_text(double value, char text[JSON_DOUBLE_TEXT_SIZE])
{
    require(isfinite(value));
    if (value == 0) {
        memcpy(text, "-0", 3);
        if (signbit(value))
            return 2;
        memcpy(text, "0", 2);
        return 1;
    }
    size_t length = text_of_short(value, text);
    if (length > 0)
        return length;
    // Where 15 digits read back, stripping their zeros leaves the shortest; but subnormal numbers have fewer
    // digits that count, so those are tried from 1.
    for (int digits = isnormal(value) ? 15 : 1; digits <= 17; digits++)
        if (reads_back(value, digits, FE_TONEAREST, text) || reads_back_away(value, digits, text))
            break;
    return shorten_exponent(text);
}
