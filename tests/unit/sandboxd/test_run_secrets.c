// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "sandboxd/store/run_secrets.h"

#include <stdlib.h>

static void assert_becomes(const char *text, const char *context, const char *expected)
{
    struct buffer out = buffer_make(4096);
    run_secrets_redact(&out, bytes_of_text(text), bytes_of_text(context));
    assert_true(buffer_ok(&out));
    assert_string_equal(out.data != NULL ? out.data : "", expected);
    buffer_free(&out);
}

#define R "[redacted]"

static void values_below_secret_names_are_taken_out(void **state)
{
    (void)state;
    assert_becomes("no hunter2, hunter2!", "{\"password\":\"hunter2\"}", "no " R ", " R "!");
    assert_becomes("hunter2", "[{\"a\":{\"apiKey\":\"hunter2\"}}]", R);
    assert_becomes("u-name p-word", "{\"credentials\":{\"user\":\"u-name\",\"x\":[\"p-word\"]}}", R " " R);
    assert_becomes("pin 123456", "{\"secret\":123456}", "pin " R);
    assert_becomes("a\"b\xc3\xa4-c", "{\"token\":\"a\\\"b\\u00e4-c\"}", R);
    assert_becomes("first then second", "{\"token\":\"first\",\"x\":1,\"cookie\":\"second\"}", R " then " R);
}

static void other_values_stay(void **state)
{
    (void)state;
    assert_becomes("no such item: apple", "{\"item\":\"apple\",\"token\":\"\"}", "no such item: apple");
    assert_becomes("apple pear", "{\"password\":\"apple\",\"b\":\"pear\"}", R " pear");
    assert_becomes("apple pear", "[{\"secret\":{\"x\":\"apple\"}},{\"b\":\"pear\"}]", R " pear");
    assert_becomes("is an abc", "{\"token\":\"an\"}", "is an abc"); // too short to be one
    assert_becomes("kept", "", "kept");
    assert_becomes("", "{\"token\":\"abcdef\"}", "");
}

static void what_looks_like_a_secret_goes_without_a_context(void **state)
{
    (void)state;
    assert_becomes("sbx_1_2 failed", "null", R " failed");
}

static void a_context_that_is_too_large_costs_the_text(void **state)
{
    (void)state;
    char *context = malloc(RUN_CONTEXT_SEARCHED_MAX + 2);
    memset(context, ' ', RUN_CONTEXT_SEARCHED_MAX + 1);
    context[0] = '1';
    context[RUN_CONTEXT_SEARCHED_MAX + 1] = '\0';
    assert_becomes("hunter2", context, "(not kept: the context is too large to be searched for secrets)");
    free(context);
}

static void secrets_are_not_found_in_the_marker(void **state)
{
    (void)state;
    assert_becomes("hunter2 reda", "{\"secret\":[\"hunter2\",\"reda\",\"cted\",\"[reda\",\"acte\"]}",
                   R " " R);
    char context[2048] = "{\"secret\":[\"reda\"";
    for (unsigned i = 1; i < RUN_SECRETS_MAX; i++)
        strcat(context, i % 2 ? ",\"cted\"" : ",\"reda\"");
    strcat(context, "]}");
    assert_becomes("a reda b", context, "a " R " b");
}

static void secrets_that_touch_or_overlap_are_one(void **state)
{
    (void)state;
    assert_becomes("x abcdefgh y", "{\"secret\":[\"abcdef\",\"cdefgh\"]}", "x " R " y");
    assert_becomes("x abcdefgh y", "{\"secret\":[\"abcd\",\"efgh\",\"abcdefgh\"]}", "x " R " y");
}

static void what_is_too_much_to_search_costs_the_text(void **state)
{
    (void)state;
    char context[2048] = "{\"secret\":[\"hunter0\"";
    for (unsigned i = 0; i < RUN_SECRETS_MAX; i++)
        strcat(context, ",\"hunter2\"");
    strcat(context, "]}");
    assert_becomes("hunter2", context, "(not kept: the context has too many secrets to be searched for)");
    char text[RUN_TEXT_SEARCHED_MAX + 2];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_becomes(text, "", "(not kept: too long to be searched for secrets)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_below_secret_names_are_taken_out),
        cmocka_unit_test(other_values_stay),
        cmocka_unit_test(what_looks_like_a_secret_goes_without_a_context),
        cmocka_unit_test(a_context_that_is_too_large_costs_the_text),
        cmocka_unit_test(secrets_are_not_found_in_the_marker),
        cmocka_unit_test(secrets_that_touch_or_overlap_are_one),
        cmocka_unit_test(what_is_too_much_to_search_costs_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
