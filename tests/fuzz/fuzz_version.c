// SPDX-License-Identifier: Apache-2.0
// A version and a range, with a space between them: what was read lies within the text, and the order and the
// ranges agree with each other.
#include "base/cleanup.h"
#include "packaging/version_range.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static void check_within(struct bytes text, struct bytes piece)
{
    require(piece.length == 0 ||
            (piece.data >= text.data && piece.data + piece.length <= text.data + text.length));
}

static void check_version(struct bytes text, const struct semver *version)
{
    for (unsigned i = 0; i < 3; i++) {
        require(version->part[i].length > 0);
        check_within(text, version->part[i]);
    }
    check_within(text, version->prerelease);
    check_within(text, version->build);
    require(semver_compare(version, version) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    autofree char *copy = malloc(size + 1); // its end is guarded, unlike that of a text within a larger one
    require(copy != NULL);
    memcpy(copy, data, size);
    const char *space = memchr(copy, ' ', size);
    size_t length = space != NULL ? (size_t)(space - copy) : size;
    struct bytes version_text = bytes_of(copy, length);
    struct bytes range_text = space != NULL ? bytes_of(space + 1, size - length - 1) : version_text;
    struct semver version;
    struct version_range range;
    struct error err;
    if (!semver_parse(version_text, &version, &err))
        return 0;
    check_version(version_text, &version);
    // A version is a range of its own.
    require(version_range_parse(version_text, &range, &err) && version_range_is_exact(&range));
    require(version_range_has(&range, &version));
    if (!version_range_parse(range_text, &range, &err))
        return 0;
    bool inside = version_range_has(&range, &version);
    if (version_range_is_exact(&range))
        require(inside == (semver_compare(&version, &range.term[0].version) == 0));
    return 0;
}
