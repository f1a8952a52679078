// SPDX-License-Identifier: Apache-2.0
#include "base/json_string.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

// Scans `text`, which is what stands behind the opening quote.
static bool scan(const char *text, struct json_string *ret_string)
{
    return json_string_scan(bytes_of_text(text), 0, ret_string);
}

static const struct {
    const char *escaped;
    const char *plain;
    size_t plain_length;
} escapes[] = {
    {"\"", "", 0},
    {"abc\"", "abc", 3},
    {"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8},
    {"\\u0000\"", "\0", 1},
    {"\\u007f\\u0080\\u07FF\\u0800\\uffff\"", "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf", 11},
    {"\\ud800\\udc00\\uDBFF\\uDFFF\"", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 8},
    {"x\\u00e9y\"", "x\xc3\xa9y", 4},
};

static void json_unescape_resolves_every_escape(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
        struct json_string string;
        char out[64];
        assert_true(scan(escapes[i].escaped, &string));
        assert_int_equal(string.end, strlen(escapes[i].escaped));
        assert_int_equal(string.has_escapes, strchr(escapes[i].escaped, '\\') != NULL);
        size_t length = json_unescape(string.span, out);
        assert_int_equal(length, escapes[i].plain_length);
        assert_memory_equal(out, escapes[i].plain, length);
    }
}

static void json_unescape_works_in_place(void **state)
{
    (void)state;
    char text[] = "a\\nb\\ud83d\\ude00c\"";
    struct json_string string;
    assert_true(scan(text, &string));
    size_t length = json_unescape(string.span, text);
    assert_int_equal(length, 8);
    assert_memory_equal(text,
                        "a\nb\xf0\x9f\x98\x80"
                        "c",
                        8);
}

static const struct {
    const char *text;
    const char *fault;
    size_t offset;
} faults[] = {
    {"", "the text ends within a string", 0},
    {"abc", "the text ends within a string", 3},
    {"ab\\", "the text ends within a string", 3},
    {"ab\\u12", "the text ends within a string", 6},
    {"ab\\x\"", "unknown escape in a string", 3},
    {"\\u12g4\"", "expected four hex digits after \\u", 4},
    {"\\u 123\"", "expected four hex digits after \\u", 2},
    {"ab\n\"", "a control character in a string must be escaped", 2},
    {"\x1f\"", "a control character in a string must be escaped", 0},
    {"\\udc00\"", "a low surrogate without a high one before it", 0},
    {"\\ud800\"", "a high surrogate without a low one after it", 0},
    {"\\ud800x", "a high surrogate without a low one after it", 0},
    {"\\ud800\\n\"", "a high surrogate without a low one after it", 0},
    {"\\ud800\\ud800\"", "a high surrogate without a low one after it", 0},
    {"\\ud800\\u0041\"", "a high surrogate without a low one after it", 0},
    {"\\ud800\\u00", "the text ends within a string", 10},
    {"\\ud800", "the text ends within a string", 6},
    {"a\xff\"", "the text is not valid UTF-8", 1},
    {"a\xc3\"", "the text is not valid UTF-8", 1},
    {"\xed\xa0\x80\"", "the text is not valid UTF-8", 0},
    {"\xc0\xaf\"", "the text is not valid UTF-8", 0},
};

static void json_string_scan_tells_each_fault_and_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct json_string string;
        assert_false(scan(faults[i].text, &string));
        assert_string_equal(string.fault, faults[i].fault);
        assert_int_equal(string.fault_offset, faults[i].offset);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_unescape_resolves_every_escape),
        cmocka_unit_test(json_unescape_works_in_place),
        cmocka_unit_test(json_string_scan_tells_each_fault_and_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
