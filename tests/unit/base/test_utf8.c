// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"
#include "tests/support/cmocka_all.h"

static const char *const good[] = {
    "",
    "plain ASCII, longer than one word",
    "\xc2\x80",
    "\xdf\xbf",
    "\xe0\xa0\x80",
    "\xed\x9f\xbf",
    "\xee\x80\x80",
    "\xef\xbf\xbf",
    "\xf0\x90\x80\x80",
    "\xf4\x8f\xbf\xbf",
    "two bytes between whole words: \xc3\xa9, and on",
};

static const struct {
    const char *text;
    const char *clean;
} bad[] = {
    {"\x80", "\xef\xbf\xbd"},
    {"\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd"},
    {"\xc1\xbf", "\xef\xbf\xbd\xef\xbf\xbd"},
    {"a\xc3", "a\xef\xbf\xbd"},
    {"\xe0\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"\xe2\x82z", "\xef\xbf\xbdz"},
    {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"\xf0\x80\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"\xf0\x9f\x98", "\xef\xbf\xbd"},
    {"\xf0\x9f\x98\xf0\x9f\x98\x80", "\xef\xbf\xbd\xf0\x9f\x98\x80"},
    {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"\xf5\x80", "\xef\xbf\xbd\xef\xbf\xbd"},
    {"12345678\xff"
     "12345678",
     "12345678\xef\xbf\xbd"
     "12345678"},
};

static void utf8_takes_every_well_formed_sequence(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(utf8_valid(bytes_of_text(good[i])));
    assert_true(utf8_valid(bytes_of("a\0b", 3)));
}

// Every code point, against the definition: surrogates are the only ones below U+110000 without a form.
static void utf8_takes_exactly_the_code_points(void **state)
{
    (void)state;
    for (uint32_t code = 0x800; code < 0x110000; code++) {
        char text[4];
        size_t length = code < 0x10000 ? 3 : 4;
        uint32_t left = code;
        for (size_t i = length - 1; i > 0; i--, left >>= 6)
            text[i] = (char)(0x80 | (left & 0x3f));
        text[0] = (char)((length == 3 ? 0xe0 : 0xf0) | left);
        assert_int_equal(utf8_valid(bytes_of(text, length)), code < 0xd800 || code > 0xdfff);
        assert_false(utf8_valid(bytes_of(text, length - 1)));
    }
}

static void utf8_put_clean_replaces_ill_formed_parts_as_decoders_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(utf8_valid(bytes_of_text(bad[i].text)));
        struct buffer out = buffer_make(100);
        utf8_put_clean(&out, bytes_of_text(bad[i].text), 100);
        assert_string_equal(out.data, bad[i].clean);
        buffer_free(&out);
    }
}

static void utf8_put_clean_never_exceeds_its_maximum_nor_cuts_a_sequence(void **state)
{
    (void)state;
    const char *text = "a\xc3\xa9\xf0\x9f\x98\x80\xff\xff z";
    for (size_t maximum = 0; maximum < 20; maximum++) {
        struct buffer out = buffer_make(100);
        utf8_put_clean(&out, bytes_of_text(text), maximum);
        assert_true(out.length <= maximum);
        assert_true(utf8_valid(bytes_of(out.data, out.length)));
        buffer_free(&out);
    }
}

static void utf8_cut_keeps_whole_sequences(void **state)
{
    (void)state;
    struct bytes text = bytes_of_text("ab\xf0\x9f\x98\x80");
    assert_int_equal(utf8_cut(text, 6), 6);
    assert_int_equal(utf8_cut(text, 5), 2);
    assert_int_equal(utf8_cut(text, 3), 2);
    assert_int_equal(utf8_cut(text, 2), 2);
    assert_int_equal(utf8_cut(text, 0), 0);
    assert_int_equal(utf8_cut(bytes_of_text("\x80\x80\x80\x80\x80\x80"), 5), 5);
}

// Each byte that needs a look, at each place within a word and its neighbours.
static void utf8_plain_run_stops_at_every_byte_that_needs_a_look(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        bool special = byte < 0x20 || byte > 0x7f || byte == '"' || byte == '\\';
        for (size_t at = 0; at < 20; at++) {
            uint8_t text[20];
            memset(text, '#', sizeof text);
            text[at] = (uint8_t)byte;
            size_t found = utf8_plain_run(text, 0, sizeof text);
            assert_int_equal(found, special ? at : sizeof text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_takes_every_well_formed_sequence),
        cmocka_unit_test(utf8_takes_exactly_the_code_points),
        cmocka_unit_test(utf8_put_clean_replaces_ill_formed_parts_as_decoders_do),
        cmocka_unit_test(utf8_put_clean_never_exceeds_its_maximum_nor_cuts_a_sequence),
        cmocka_unit_test(utf8_cut_keeps_whole_sequences),
        cmocka_unit_test(utf8_plain_run_stops_at_every_byte_that_needs_a_look),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
