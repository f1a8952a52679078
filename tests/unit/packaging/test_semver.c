// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "packaging/semver.h"

#include <string.h>

static struct semver parsed(const char *text)
{
    struct semver version;
    struct error err = {0};
    if (!semver_parse(bytes_of_text(text), &version, &err))
        fail_msg("%s: %s", text, err.text);
    return version;
}

// The examples that semver.org gives with its regular expression.
static void the_specifications_good_examples_are_read(void **state)
{
    (void)state;
    static const char *const good[] = {"0.0.4",
                                       "1.2.3",
                                       "10.20.30",
                                       "1.1.2-prerelease+meta",
                                       "1.1.2+meta",
                                       "1.1.2+meta-valid",
                                       "1.0.0-alpha",
                                       "1.0.0-beta",
                                       "1.0.0-alpha.beta",
                                       "1.0.0-alpha.beta.1",
                                       "1.0.0-alpha.1",
                                       "1.0.0-alpha0.valid",
                                       "1.0.0-alpha.0valid",
                                       "1.0.0-alpha-a.b-c-somethinglong+build.1-aef.1-its-okay",
                                       "1.0.0-rc.1+build.1",
                                       "2.0.0-rc.1+build.123",
                                       "1.2.3-beta",
                                       "10.2.3-DEV-SNAPSHOT",
                                       "1.2.3-SNAPSHOT-123",
                                       "1.0.0",
                                       "2.0.0",
                                       "1.1.7",
                                       "2.0.0+build.1848",
                                       "2.0.1-alpha.1227",
                                       "1.0.0-alpha+beta",
                                       "1.2.3----RC-SNAPSHOT.12.9.1--.12+788",
                                       "1.2.3----R-S.12.9.1--.12+meta",
                                       "1.2.3----RC-SNAPSHOT.12.9.1--.12",
                                       "1.0.0+0.build.1-rc.10000aaa-kk-0.1",
                                       "99999999999999999999999.999999999999999999.99999999999999999",
                                       "1.0.0-0A.is.legal"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        parsed(good[i]);
}

static void the_specifications_bad_examples_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"1",
                                      "1.2",
                                      "1.2.3-0123",
                                      "1.2.3-0123.0123",
                                      "1.1.2+.123",
                                      "+invalid",
                                      "-invalid",
                                      "-invalid+invalid",
                                      "-invalid.01",
                                      "alpha",
                                      "alpha.beta",
                                      "alpha.beta.1",
                                      "alpha.1",
                                      "alpha+beta",
                                      "alpha_beta",
                                      "alpha.",
                                      "alpha..",
                                      "beta",
                                      "1.0.0-alpha_beta",
                                      "-alpha.",
                                      "1.0.0-alpha..",
                                      "1.0.0-alpha..1",
                                      "1.0.0-alpha...1",
                                      "01.1.1",
                                      "1.01.1",
                                      "1.1.01",
                                      "1.2",
                                      "1.2.3.DEV",
                                      "1.2-SNAPSHOT",
                                      "1.2.31.2.3----RC-SNAPSHOT.12.09.1--..12+788",
                                      "1.2-RC-SNAPSHOT",
                                      "-1.0.3-gamma+b7718",
                                      "+justmeta",
                                      "9.8.7+meta+meta",
                                      "9.8.7-whatever+meta+meta",
                                      "",
                                      "v1.2.3",
                                      " 1.2.3",
                                      "1.2.3 ",
                                      "1.2.3-",
                                      "1.2.3+"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct semver version;
        struct error err = {0};
        if (semver_parse(bytes_of_text(bad[i]), &version, &err))
            fail_msg("\"%s\" was read", bad[i]);
        assert_int_equal(err.kind, ERROR_INVALID);
        assert_true(strlen(err.text) > 0);
    }
    assert_false(semver_parse(bytes_of("1.0.0\0", 6), &(struct semver){0}, NULL));
}

static void a_version_has_a_longest_text(void **state)
{
    (void)state;
    char text[VERSION_TEXT_MAX + 2] = "1.0.0-";
    memset(text + 6, 'a', VERSION_TEXT_MAX - 6);
    parsed(text);
    text[VERSION_TEXT_MAX] = 'a';
    assert_false(semver_parse(bytes_of_text(text), &(struct semver){0}, NULL));
}

static void the_parts_are_told_apart(void **state)
{
    (void)state;
    struct semver version = parsed("1.22.333-rc.1+build-5");
    assert_true(bytes_equal_text(version.part[0], "1") && bytes_equal_text(version.part[1], "22") &&
                bytes_equal_text(version.part[2], "333"));
    assert_true(bytes_equal_text(version.prerelease, "rc.1") && bytes_equal_text(version.build, "build-5"));
    assert_true(semver_is_prerelease(&version));
}

// Items 11.2 to 11.4 of the specification, in ascending order.
static void versions_are_in_the_specifications_order(void **state)
{
    (void)state;
    static const char *const ascending[] = {"0.9.99",
                                            "1.0.0-1",
                                            "1.0.0-2",
                                            "1.0.0-11",
                                            "1.0.0-alpha",
                                            "1.0.0-alpha.1",
                                            "1.0.0-alpha.beta",
                                            "1.0.0-beta",
                                            "1.0.0-beta.2",
                                            "1.0.0-beta.11",
                                            "1.0.0-rc.1",
                                            "1.0.0",
                                            "1.9.0",
                                            "1.10.0",
                                            "1.11.0",
                                            "2.0.0",
                                            "2.1.0",
                                            "2.1.1",
                                            "99999999999999999999.0.0"};
    size_t count = sizeof ascending / sizeof *ascending;
    for (size_t i = 0; i < count; i++) {
        struct semver one = parsed(ascending[i]);
        for (size_t j = 0; j < count; j++) {
            struct semver other = parsed(ascending[j]);
            int order = semver_compare(&one, &other);
            if ((order > 0) - (order < 0) != (i > j) - (i < j))
                fail_msg("%s against %s: %d", ascending[i], ascending[j], order);
        }
    }
}

static void builds_say_nothing_of_order(void **state)
{
    (void)state;
    struct semver one = parsed("1.0.0+1"), other = parsed("1.0.0+2");
    assert_int_equal(semver_compare(&one, &other), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_specifications_good_examples_are_read),
        cmocka_unit_test(the_specifications_bad_examples_are_refused),
        cmocka_unit_test(a_version_has_a_longest_text),
        cmocka_unit_test(the_parts_are_told_apart),
        cmocka_unit_test(versions_are_in_the_specifications_order),
        cmocka_unit_test(builds_say_nothing_of_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
