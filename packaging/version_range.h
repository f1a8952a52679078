// SPDX-License-Identifier: Apache-2.0
// Ranges of versions as npm and Cargo write them: "1.2.0" (that one), "1.x", "^1.2", "~1.2", ">=1 <2", "*".
// Several with spaces between them hold all at once. Any thread; allocates nothing.
#pragma once

#include "packaging/semver.h"

enum { RANGE_TEXT_MAX = 128, RANGE_TERMS_MAX = 4 };

enum range_operator { RANGE_SAME, RANGE_TILDE, RANGE_CARET, RANGE_LT, RANGE_LE, RANGE_GT, RANGE_GE };

struct range_term {
    enum range_operator operator;
    unsigned part_count; // how many numbers were given: 0 for "*"
    struct semver version;
};

// Borrows from the text that it was read from.
struct version_range {
    unsigned count;
    struct range_term term[RANGE_TERMS_MAX];
};

// ERROR_INVALID tells what was expected.
bool version_range_parse(struct bytes text, struct version_range *ret_range, struct error *err);
// Whether `version` is in it. A pre-release is only if a term names a pre-release of the same three numbers:
// who asks for ^1.2 does not mean 1.3.0-rc.1.
bool version_range_has(const struct version_range *range, const struct semver *version);
// Whether it names one version: "1.2.0".
bool version_range_is_exact(const struct version_range *range);
