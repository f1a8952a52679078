// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "packaging/json_schema/pattern.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLENTY = 1000000 };

static enum pattern_verdict find(const char *pattern_text, const char *text, uint64_t work)
{
    struct error err = {0};
    struct pattern *pattern = pattern_read(bytes_of_text(pattern_text), &err);
    if (!pattern)
        fail_msg("%s: %s", pattern_text, err.text);
    enum pattern_verdict verdict = pattern_find(pattern, bytes_of_text(text), &work);
    pattern_free(pattern);
    return verdict;
}

static void what_matches_is_found_and_nothing_else(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *found[5], *not_found[5];
    } rows[] = {
        {"", {"", "a"}, {0}},
        {"b", {"b", "abc"}, {"", "ac"}},
        {"^a*$", {"", "aaa"}, {"b", "ab"}},
        {"^a+b?c$", {"abc", "aac"}, {"bc", "abbc", "ab"}},
        {"^(ab|cd)+$", {"ab", "cdab"}, {"", "abc", "ad"}},
        {"^(?:a|b|cc|)$", {"a", "cc", ""}, {"c", "ab"}},
        {"^a{2}$", {"aa"}, {"a", "aaa"}},
        {"^a{2,}$", {"aa", "aaaa"}, {"a"}},
        {"^(ab){1,3}$", {"ab", "ababab"}, {"", "abababab"}},
        {"^a{0}$", {""}, {"a"}},
        {"^(a*)*$", {"", "aaa"}, {"b"}},
        {"^(a|b*)*c$", {"c", "abbac"}, {"abd"}},
        {"^[A-Za-z0-9]*([-_.][A-Za-z0-9]+)*$", {"hello-world", "a.b_c", ""}, {"a-", "a--b", "a b"}},
        {"^[^a-c]$", {"d", "-", "\xc3\xa4"}, {"b", ""}},
        {"^[a\\-z]$", {"a", "-", "z"}, {"b"}},
        {"^[-a]$", {"-", "a"}, {"b"}},
        {"^[\\]\\\\]$", {"]", "\\"}, {"["}},
        {"^[]$", {0}, {"", "a"}},
        {"^[^]$", {"a", "\n"}, {""}},
        {"^\\d{3}-\\w\\s\\S$", {"123-_ x"}, {"12a-_ x", "123-- x"}},
        {"^\\D\\W$", {"a-"}, {"1-", "ab"}},
        {"^[\\d\\s]+$", {"1 2"}, {"a"}},
        {"^.$", {"a", "\xf0\x9f\x98\x80"}, {"\n", "ab", "\xe2\x80\xa8"}},
        {"^\\u00e4\\x41\\u{1F600}\\ud83d\\ude00$",
         {"\xc3\xa4"
          "A\xf0\x9f\x98\x80\xf0\x9f\x98\x80"},
         {"a"}},
        {"^[\xc3\xa0-\xc3\xbf]+$", {"\xc3\xa4\xc3\xb6"}, {"a"}},
        {"\\bcat\\b", {"a cat!", "cat"}, {"concat", "cats"}},
        {"\\Bcat", {"concat"}, {"cat"}},
        {"a$|^b", {"ca", "bc"}, {"ac", "cb"}},
        {"^\\$\\.\\/\\{\\}$", {"$./{}"}, {"a"}},
        {"^a+?b*?$", {"ab"}, {"b"}},
        {"^(a(b(c)?)?)?$", {"", "a", "abc"}, {"ac", "c"}},
        {"^\\S+@\\S+\\.\\S+$", {"ada@example.org"}, {"ada@example", "a b@c.d"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (const char *const *text = rows[i].found; *text; text++)
            if (find(rows[i].pattern, *text, PLENTY) != PATTERN_FOUND)
                fail_msg("/%s/ is not found in \"%s\"", rows[i].pattern, *text);
        for (const char *const *text = rows[i].not_found; *text; text++)
            if (find(rows[i].pattern, *text, PLENTY) != PATTERN_NOT_FOUND)
                fail_msg("/%s/ is found in \"%s\"", rows[i].pattern, *text);
    }
}

static void what_is_not_supported_is_refused_by_place(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "(",     ")",       "(a",    "a)",    "[a",     "[b-a]",   "*a",  "a**",     "a{2,1}",     "a{",
        "a{1",   "a{x}",    "{1}",   "]",     "}",      "\\",      "\\1", "\\k<a>",  "\\p{L}",     "\\u12",
        "\\xg0", "\\ud83d", "(?=a)", "(?!a)", "(?<=a)", "(?<a>b)", "\\c", "a{1001}", "\\u{110000}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct error err = {0};
        if (pattern_read(bytes_of_text(wrong[i]), &err))
            fail_msg("/%s/ was read", wrong[i]);
        assert_true(err.kind == ERROR_INVALID && strlen(err.text) > 0);
    }
}

static void what_is_too_large_is_refused(void **state)
{
    (void)state;
    struct error err = {0};
    assert_null(pattern_read(bytes_of_text("a{1000}"), &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_null(pattern_read(bytes_of_text("((a{30}){30}){30}"), &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    char deep[300] = "";
    for (unsigned i = 0; i < 100; i++)
        strcat(deep, "(");
    assert_null(pattern_read(bytes_of_text(deep), &err));
    assert_int_equal(err.kind, ERROR_INVALID);
}

static void hostile_patterns_take_time_by_the_text_alone(void **state)
{
    (void)state;
    char text[5001];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(find("^(a+)+$", text, PLENTY), PATTERN_FOUND);
    assert_int_equal(find("^(a|a)*b$", text, PLENTY), PATTERN_NOT_FOUND);
    assert_int_equal(find("(a?){100}a{100}b", text, UINT64_MAX), PATTERN_NOT_FOUND);
    assert_int_equal(find("(a?){100}a{100}b", text, PLENTY / 10), PATTERN_TOO_MUCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_matches_is_found_and_nothing_else),
        cmocka_unit_test(what_is_not_supported_is_refused_by_place),
        cmocka_unit_test(what_is_too_large_is_refused),
        cmocka_unit_test(hostile_patterns_take_time_by_the_text_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
