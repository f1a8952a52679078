// SPDX-License-Identifier: Apache-2.0
// Semantic versions (semver.org, 2.0.0): read and put in order. Numbers are kept as digits, which the
// specification does not bound. Any thread; allocates nothing.
#pragma once

#include "base/bytes.h"
#include "base/error.h"

#include <stdbool.h>

enum { VERSION_TEXT_MAX = 64 };

// Borrows from the text that it was read from.
struct semver {
    struct bytes part[3];    // major, minor, patch: digits
    struct bytes prerelease; // "rc.1"; empty for a release
    struct bytes build;      // "20261121"; says nothing of order
};

// Reads exactly one version of at most VERSION_TEXT_MAX bytes. ERROR_INVALID tells what was expected.
bool semver_parse(struct bytes text, struct semver *ret_version, struct error *err);
// Negative, 0 or positive, as the specification's item 11 has it: 1.0.0-rc.1 < 1.0.0, and builds are equal.
int semver_compare(const struct semver *left, const struct semver *right);
// The same for the first `count` numbers alone.
int semver_compare_parts(const struct semver *left, const struct semver *right, unsigned count);
static inline bool semver_is_prerelease(const struct semver *version)
{
    return version->prerelease.length > 0;
}

// For the reader of ranges. Reads the digits of one number at `text[*at]`; false if there are none, or there
// is a 0 before others.
bool semver_take_number(struct bytes text, size_t *at, struct bytes *ret_number);
// Reads "-rc.1+build" or less of it, up to the end of `text` or a space. False: `err` is set.
bool semver_take_suffixes(struct bytes text, size_t *at, struct semver *version, struct error *err);
