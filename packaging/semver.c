// SPDX-License-Identifier: Apache-2.0
#include "packaging/semver.h"

#include "policies/quote.h"

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_identifier(char byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '-';
}

bool semver_take_number(struct bytes text, size_t *at, struct bytes *ret_number)
{
    size_t begin = *at, end = begin;
    while (end < text.length && is_digit(text.data[end]))
        end++;
    if (end == begin || (text.data[begin] == '0' && end > begin + 1))
        return false;
    *ret_number = bytes_of(text.data + begin, end - begin);
    *at = end;
    return true;
}

static bool all_digits(struct bytes text)
{
    for (size_t i = 0; i < text.length; i++)
        if (!is_digit(text.data[i]))
            return false;
    return true;
}

// The next of identifiers between dots; false at the end.
static bool next_identifier(struct bytes *rest, struct bytes *ret_identifier)
{
    if (rest->length == 0)
        return false;
    const char *dot = memchr(rest->data, '.', rest->length);
    size_t length = dot ? (size_t)(dot - rest->data) : rest->length;
    *ret_identifier = bytes_of(rest->data, length);
    size_t passed = dot ? length + 1 : length;
    *rest = bytes_of(rest->data + passed, rest->length - passed);
    return true;
}

static bool leading_zero(struct bytes identifier)
{
    return identifier.length > 1 && identifier.data[0] == '0' && all_digits(identifier);
}

// Identifiers between dots, none of them empty.
static bool take_identifiers(struct bytes text, size_t *at, bool numbers_are_plain, struct bytes *ret_all,
                             struct error *err)
{
    size_t begin = *at, end = begin;
    while (end < text.length && (is_identifier(text.data[end]) || text.data[end] == '.'))
        end++;
    struct bytes all = bytes_of(text.data + begin, end - begin), rest = all, identifier;
    bool good = all.length > 0 && all.data[all.length - 1] != '.';
    while (good && next_identifier(&rest, &identifier))
        good = identifier.length > 0 && !(numbers_are_plain && leading_zero(identifier));
    if (!good)
        return error_set(err, ERROR_INVALID,
                         "expected identifiers of letters, digits and '-' between dots%s after '%c'",
                         numbers_are_plain ? ", numbers without a 0 before them," : "", text.data[begin - 1]);
    *ret_all = all;
    *at = end;
    return true;
}

bool semver_take_suffixes(struct bytes text, size_t *at, struct semver *version, struct error *err)
{
    version->prerelease = version->build = bytes_of(NULL, 0);
    if (*at < text.length && text.data[*at] == '-') {
        ++*at;
        if (!take_identifiers(text, at, true, &version->prerelease, err))
            return false;
    }
    if (*at < text.length && text.data[*at] == '+') {
        ++*at;
        if (!take_identifiers(text, at, false, &version->build, err))
            return false;
    }
    return true;
}

bool semver_parse(struct bytes text, struct semver *ret_version, struct error *err)
{
    struct semver version = {0};
    char quoted[QUOTE_SIZE];
    size_t at = 0;
    if (text.length == 0 || text.length > VERSION_TEXT_MAX)
        return error_set(err, ERROR_INVALID, "expected a version such as \"1.2.0\", of at most %d bytes",
                         VERSION_TEXT_MAX);
    for (unsigned i = 0; i < 3; i++) {
        bool dotted = i == 0 || (at < text.length && text.data[at++] == '.');
        if (!dotted || !semver_take_number(text, &at, &version.part[i]))
            return error_set(err, ERROR_INVALID,
                             "%s: expected three numbers, none with a 0 before it, as in \"1.2.0\"",
                             quote(text, quoted));
    }
    if (!semver_take_suffixes(text, &at, &version, err))
        return error_prefix(err, "%s", quote(text, quoted));
    if (at < text.length)
        return error_set(err, ERROR_INVALID, "%s: expected nothing, '-' or '+' after the third number",
                         quote(text, quoted));
    *ret_version = version;
    return true;
}

static int compare_numbers(struct bytes left, struct bytes right)
{
    if (left.length != right.length)
        return left.length < right.length ? -1 : 1;
    return memcmp(left.data, right.data, left.length);
}

static int compare_texts(struct bytes left, struct bytes right)
{
    size_t shorter = left.length < right.length ? left.length : right.length;
    int order = memcmp(left.data, right.data, shorter);
    return order != 0 ? order : (left.length > right.length) - (left.length < right.length);
}

static int compare_identifiers(struct bytes left, struct bytes right)
{
    bool left_number = all_digits(left), right_number = all_digits(right);
    if (left_number != right_number)
        return left_number ? -1 : 1;
    return left_number ? compare_numbers(left, right) : compare_texts(left, right);
}

static int compare_prereleases(struct bytes left, struct bytes right)
{
    if (left.length == 0 || right.length == 0) // a release comes after its pre-releases
        return (left.length == 0) - (right.length == 0);
    struct bytes one = {0}, other = {0}; // both are set where they are compared; gcc 12 at -O3 asks
    for (;;) {
        bool more = next_identifier(&left, &one), other_more = next_identifier(&right, &other);
        if (!more || !other_more)
            return more - other_more;
        int order = compare_identifiers(one, other);
        if (order != 0)
            return order;
    }
}

int semver_compare_parts(const struct semver *left, const struct semver *right, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        int order = compare_numbers(left->part[i], right->part[i]);
        if (order != 0)
            return order;
    }
    return 0;
}

int semver_compare(const struct semver *left, const struct semver *right)
{
    int order = semver_compare_parts(left, right, 3);
    return order != 0 ? order : compare_prereleases(left->prerelease, right->prerelease);
}
