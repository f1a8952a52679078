// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "packaging/version_range.h"

#include <string.h>

static bool has(const char *range_text, const char *version_text)
{
    struct version_range range;
    struct semver version;
    struct error err = {0};
    if (!version_range_parse(bytes_of_text(range_text), &range, &err) ||
        !semver_parse(bytes_of_text(version_text), &version, &err))
        fail_msg("%s, %s: %s", range_text, version_text, err.text);
    return version_range_has(&range, &version);
}

struct row {
    const char *range;
    const char *inside[6];
    const char *outside[8];
};

static void ranges_have_what_they_say(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"1.2.3", {"1.2.3", "1.2.3+build"}, {"1.2.4", "1.2.2", "1.2.3-rc.1"}},
        {"=1.2.3", {"1.2.3"}, {"1.2.4"}},
        {"1.2.3-rc.1", {"1.2.3-rc.1"}, {"1.2.3", "1.2.3-rc.2"}},
        {"*", {"0.0.1", "9.9.9"}, {"1.0.0-rc.1"}},
        {"1", {"1.0.0", "1.9.9"}, {"0.9.9", "2.0.0"}},
        {"1.x", {"1.0.0", "1.9.9"}, {"0.9.9", "2.0.0", "2.0.0-rc.1"}},
        {"1.2.*", {"1.2.0", "1.2.9"}, {"1.1.9", "1.3.0"}},
        {"1.X.x", {"1.0.0"}, {"2.0.0"}},
        {"^1.2", {"1.2.0", "1.2.1", "1.9.0"}, {"1.1.9", "2.0.0", "2.0.0-rc.1", "1.3.0-rc.1"}},
        {"^1.2.3", {"1.2.3", "1.9.0"}, {"1.2.2", "2.0.0"}},
        {"^0.2.3", {"0.2.3", "0.2.9"}, {"0.2.2", "0.3.0", "1.0.0"}},
        {"^0.0.3", {"0.0.3"}, {"0.0.2", "0.0.4", "0.1.0"}},
        {"^0.0", {"0.0.0", "0.0.9"}, {"0.1.0"}},
        {"^0", {"0.0.1", "0.9.0"}, {"1.0.0"}},
        {"^1.2.3-rc.2", {"1.2.3-rc.2", "1.2.3-rc.3", "1.2.3", "1.9.0"}, {"1.2.3-rc.1", "1.3.0-rc.3"}},
        {"~1.2", {"1.2.0", "1.2.9"}, {"1.1.9", "1.3.0"}},
        {"~1.2.3", {"1.2.3", "1.2.9"}, {"1.2.2", "1.3.0"}},
        {"~1", {"1.0.0", "1.9.0"}, {"2.0.0"}},
        {">=1 <2", {"1.0.0", "1.99.0"}, {"0.9.9", "2.0.0", "2.0.0-rc.1", "1.0.0-rc.1"}},
        {">= 1.2.0  < 1.4", {"1.2.0", "1.3.9"}, {"1.1.9", "1.4.0"}},
        {">1", {"2.0.0"}, {"1.0.0", "1.9.9"}},
        {">1.2.3", {"1.2.4"}, {"1.2.3"}},
        {"<=1.2", {"1.2.9", "0.1.0"}, {"1.3.0"}},
        {"<1.2.3", {"1.2.2"}, {"1.2.3", "1.2.3-rc.1"}},
        {"<1.2.3-rc.2", {"1.2.3-rc.1", "1.2.2"}, {"1.2.3-rc.2", "1.2.2-rc.1"}},
        {"^99999999999999999999", {"99999999999999999999.1.0"}, {"99999999999999999998.1.0"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (const char *const *version = rows[i].inside; *version; version++)
            if (!has(rows[i].range, *version))
                fail_msg("%s is not in %s", *version, rows[i].range);
        for (const char *const *version = rows[i].outside; *version; version++)
            if (has(rows[i].range, *version))
                fail_msg("%s is in %s", *version, rows[i].range);
    }
}

static void what_is_no_range_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",         " ",      "latest", "^",   "1.",     "1..2", "01",   "x.1",       "1.x.2",    "1.2.3.4",
        "1.2-rc.1", ">=1,<2", "1 || 2", "^^1", "1.2.3-", "v1",   "> >1", "1 1 1 1 1", "1.2.3 - 2"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct version_range range;
        struct error err = {0};
        if (version_range_parse(bytes_of_text(wrong[i]), &range, &err))
            fail_msg("\"%s\" was read", wrong[i]);
        assert_int_equal(err.kind, ERROR_INVALID);
        assert_true(strlen(err.text) > 0);
    }
}

static void only_a_whole_version_is_exact(void **state)
{
    (void)state;
    static const char *const texts[] = {"1.2.3", "=1.2.3", "1.2", "^1.2.3", "1.2.3 1.2.3", "*"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct version_range range;
        assert_true(version_range_parse(bytes_of_text(texts[i]), &range, NULL));
        assert_int_equal(version_range_is_exact(&range), i < 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_have_what_they_say),
        cmocka_unit_test(what_is_no_range_is_refused),
        cmocka_unit_test(only_a_whole_version_is_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
