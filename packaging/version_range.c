// SPDX-License-Identifier: Apache-2.0
// Where a term gives fewer than three numbers, only those are compared: nothing has to be counted up, and
// numbers may be of any size.
#include "packaging/version_range.h"

#include "policies/quote.h"

static const struct {
    const char *text; // a longer one before those that begin it
    enum range_operator operator;
} operators[] = {{">=", RANGE_GE},   {"<=", RANGE_LE},   {">", RANGE_GT},  {"<", RANGE_LT},
                 {"^", RANGE_CARET}, {"~", RANGE_TILDE}, {"=", RANGE_SAME}};

static void skip_spaces(struct bytes text, size_t *at)
{
    while (*at < text.length && text.data[*at] == ' ')
        ++*at;
}

static enum range_operator take_operator(struct bytes text, size_t *at)
{
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        size_t length = strlen(operators[i].text);
        if (text.length - *at >= length && memcmp(text.data + *at, operators[i].text, length) == 0) {
            *at += length;
            skip_spaces(text, at);
            return operators[i].operator;
        }
    }
    return RANGE_SAME;
}

static bool take_wildcard(struct bytes text, size_t *at)
{
    if (*at >= text.length || memchr("xX*", text.data[*at], 3) == NULL)
        return false;
    ++*at;
    return true;
}

// "1", "1.2", "1.2.3", "1.x", "1.2.*", "*". After a wildcard come only wildcards.
static bool take_parts(struct bytes text, size_t *at, struct range_term *term)
{
    bool wild = false;
    for (unsigned i = 0; i < 3; i++) {
        if (i > 0) {
            if (*at >= text.length || text.data[*at] != '.')
                return true;
            ++*at;
        }
        if (take_wildcard(text, at))
            wild = true;
        else if (wild || !semver_take_number(text, at, &term->version.part[i]))
            return false;
        else
            term->part_count++;
    }
    return true;
}

static bool take_term(struct bytes text, size_t *at, struct range_term *ret_term, struct error *err)
{
    struct range_term term = {.operator= take_operator(text, at)};
    if (!take_parts(text, at, &term))
        return error_set(err, ERROR_INVALID,
                         "expected a version, or a part of one, as in \"1.2\" or \"1.x\"");
    if (term.part_count == 3 && !semver_take_suffixes(text, at, &term.version, err))
        return false;
    if (*at < text.length && text.data[*at] != ' ')
        return error_set(err, ERROR_INVALID, "expected a space or the end after byte %zu", *at);
    *ret_term = term;
    return true;
}

static bool take_terms(struct bytes text, struct version_range *range, struct error *err)
{
    size_t at = 0;
    for (skip_spaces(text, &at); at < text.length; skip_spaces(text, &at)) {
        if (range->count == RANGE_TERMS_MAX)
            return error_set(err, ERROR_INVALID, "expected at most %d terms", RANGE_TERMS_MAX);
        if (!take_term(text, &at, &range->term[range->count], err))
            return false;
        range->count++;
    }
    return range->count > 0 ||
           error_set(err, ERROR_INVALID, "expected a version or a range such as \"^1.2\"; \"*\" is any");
}

bool version_range_parse(struct bytes text, struct version_range *ret_range, struct error *err)
{
    struct version_range range = {0};
    char quoted[QUOTE_SIZE];
    if (text.length > RANGE_TEXT_MAX)
        return error_set(err, ERROR_INVALID, "expected a version or a range of at most %d bytes",
                         RANGE_TEXT_MAX);
    if (!take_terms(text, &range, err))
        return text.length > 0 ? error_prefix(err, "%s", quote(text, quoted)) : false;
    *ret_range = range;
    return true;
}

static int order_to(const struct semver *version, const struct range_term *term)
{
    return term->part_count == 3 ? semver_compare(version, &term->version)
                                 : semver_compare_parts(version, &term->version, term->part_count);
}

// How many numbers a caret holds fast: up to the first that is not 0.
static unsigned caret_parts(const struct range_term *term)
{
    for (unsigned i = 0; i < term->part_count; i++)
        if (!bytes_equal_text(term->version.part[i], "0"))
            return i + 1;
    return term->part_count;
}

static bool in_term(const struct semver *version, const struct range_term *term)
{
    unsigned fast = 0;
    switch (term->operator) {
    case RANGE_SAME:
        return order_to(version, term) == 0;
    case RANGE_LT:
        return order_to(version, term) < 0;
    case RANGE_LE:
        return order_to(version, term) <= 0;
    case RANGE_GT:
        return order_to(version, term) > 0;
    case RANGE_GE:
        return order_to(version, term) >= 0;
    case RANGE_TILDE:
        fast = term->part_count < 2 ? term->part_count : 2;
        break;
    case RANGE_CARET:
        fast = caret_parts(term);
        break;
    }
    return order_to(version, term) >= 0 && semver_compare_parts(version, &term->version, fast) == 0;
}

// Whether somebody who wrote this term thought of pre-releases of these three numbers.
static bool means_prerelease(const struct range_term *term, const struct semver *version)
{
    return term->part_count == 3 && semver_is_prerelease(&term->version) &&
           semver_compare_parts(&term->version, version, 3) == 0;
}

bool version_range_has(const struct version_range *range, const struct semver *version)
{
    bool meant = !semver_is_prerelease(version);
    for (unsigned i = 0; i < range->count; i++) {
        if (!in_term(version, &range->term[i]))
            return false;
        meant = meant || means_prerelease(&range->term[i], version);
    }
    return meant;
}

bool version_range_is_exact(const struct version_range *range)
{
    return range->count == 1 && range->term[0].operator== RANGE_SAME && range->term[0].part_count == 3;
}
