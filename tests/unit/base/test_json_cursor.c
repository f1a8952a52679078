// SPDX-License-Identifier: Apache-2.0
#include "base/cleanup.h"
#include "base/json_cursor.h"
#include "tests/support/cmocka_all.h"
#include "tests/unit/base/json_texts.h"

#include <stdio.h>
#include <string.h>

static void json_check_accepts_what_the_rfc_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) {
        struct json_fault fault;
        if (!json_check(bytes_of_text(accepted[i]), JSON_DEPTH_MAX, &fault))
            fail_msg("refused: %s: %s", accepted[i], fault.what);
    }
}

static void json_check_rejects_everything_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rejected / sizeof *rejected; i++) {
        struct json_fault fault = {0};
        struct bytes text = bytes_of_text(rejected[i]);
        if (json_check(text, JSON_DEPTH_MAX, &fault))
            fail_msg("accepted: %s", rejected[i]);
        assert_non_null(fault.what);
        assert_true(fault.offset <= text.length);
        assert_true(fault.line >= 1 && fault.column >= 1);
    }
    assert_false(json_check(bytes_of("1\0", 2), 1, NULL));
    assert_false(json_check(bytes_of("\"\0\"", 3), 1, NULL));
    assert_false(json_check(bytes_of("[\0]", 3), 1, NULL));
}

static const char document[] = "{\"a\":[1,-2.5e3,\"x\\u00e9\\ud83d\\ude00y\\n\",true,false,null,{}],"
                               "\"b\":{\"c\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\",\"d\":[[]]}}";

// Each prefix in a block of exactly its size, so that a sanitizer sees one byte too many.
static void json_check_rejects_a_document_cut_at_every_byte(void **state)
{
    (void)state;
    size_t length = sizeof document - 1;
    assert_true(json_check(bytes_of(document, length), 8, NULL));
    for (size_t cut = 0; cut < length; cut++) {
        autofree char *copy = malloc(cut + 1);
        char *begin = copy + 1; // the block's end is the text's end
        memcpy(begin, document, cut);
        struct json_fault fault;
        assert_false(json_check(bytes_of(begin, cut), 8, &fault));
        assert_true(fault.offset <= cut);
    }
}

static void json_check_rejects_or_accepts_every_one_byte_change_without_harm(void **state)
{
    (void)state;
    size_t length = sizeof document - 1;
    for (size_t at = 0; at < length; at++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            autofree char *copy = malloc(length);
            memcpy(copy, document, length);
            copy[at] = (char)byte;
            struct json_fault fault;
            if (!json_check(bytes_of(copy, length), 8, &fault))
                assert_true(fault.offset <= length);
        }
    }
}

static void json_next_gives_each_token_in_turn(void **state)
{
    (void)state;
    static const enum json_token expected[] = {
        JSON_OBJECT_BEGIN, JSON_NAME,       JSON_ARRAY_BEGIN, JSON_INTEGER,      JSON_FLOAT,
        JSON_STRING,       JSON_TRUE,       JSON_FALSE,       JSON_NULL,         JSON_OBJECT_BEGIN,
        JSON_OBJECT_END,   JSON_ARRAY_END,  JSON_NAME,        JSON_OBJECT_BEGIN, JSON_NAME,
        JSON_STRING,       JSON_NAME,       JSON_ARRAY_BEGIN, JSON_ARRAY_BEGIN,  JSON_ARRAY_END,
        JSON_ARRAY_END,    JSON_OBJECT_END, JSON_OBJECT_END,  JSON_END,          JSON_END,
    };
    struct json_cursor cursor;
    json_cursor_init(&cursor, bytes_of_text(document), 4);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_int_equal(json_next(&cursor), expected[i]);
        if (i == 1)
            assert_true(bytes_equal_text(cursor.span, "a"));
        if (i == 3)
            assert_int_equal(cursor.integer, 1);
        if (i == 4)
            assert_true(bytes_equal_text(cursor.span, "-2.5e3"));
        if (i == 5)
            assert_true(cursor.has_escapes && cursor.depth == 2);
        if (i == 15)
            assert_false(cursor.has_escapes);
    }
}

static enum json_token only_token(const char *text, struct json_cursor *cursor)
{
    json_cursor_init(cursor, bytes_of_text(text), 1);
    enum json_token token = json_next(cursor);
    assert_int_equal(json_next(cursor), JSON_END);
    return token;
}

static void json_integers_are_those_that_fit_64_bits(void **state)
{
    (void)state;
    struct json_cursor cursor;
    assert_int_equal(only_token("9223372036854775807", &cursor), JSON_INTEGER);
    assert_true(cursor.integer == INT64_MAX);
    assert_int_equal(only_token("-9223372036854775808", &cursor), JSON_INTEGER);
    assert_true(cursor.integer == INT64_MIN);
    assert_int_equal(only_token("-0", &cursor), JSON_INTEGER);
    assert_int_equal(cursor.integer, 0);
    assert_int_equal(only_token("9223372036854775808", &cursor), JSON_FLOAT);
    assert_int_equal(only_token("-9223372036854775809", &cursor), JSON_FLOAT);
    assert_int_equal(only_token("1.0", &cursor), JSON_FLOAT);
    assert_int_equal(only_token("1e0", &cursor), JSON_FLOAT);
}

static char *nested(unsigned depth, char open, char close)
{
    char *text = malloc(2 * (size_t)depth + 1);
    memset(text, open, depth);
    memset(text + depth, close, depth);
    text[2 * depth] = '\0';
    return text;
}

static void json_depth_is_bounded_exactly(void **state)
{
    (void)state;
    static const unsigned depths[] = {1, 2, 63, 64, 65, 1000, JSON_DEPTH_MAX};
    for (size_t i = 0; i < sizeof depths / sizeof *depths; i++) {
        autofree char *text = nested(depths[i], '[', ']');
        struct json_fault fault;
        assert_true(json_check(bytes_of_text(text), depths[i], NULL));
        if (depths[i] == 1)
            continue;
        assert_false(json_check(bytes_of_text(text), depths[i] - 1, &fault));
        assert_string_equal(fault.what, "nested too deep");
        assert_int_equal(fault.offset, depths[i] - 1);
    }
    autofree char *bomb = nested(100000, '[', ']');
    assert_false(json_check(bytes_of_text(bomb), JSON_DEPTH_MAX, NULL));
}

// Arrays and objects share one bit array: every close must be told from the other kind at any depth.
static void json_levels_keep_their_kind(void **state)
{
    (void)state;
    enum { LEVELS = 300 };
    struct buffer text = buffer_make(10000);
    for (int i = 0; i < LEVELS; i++)
        buffer_append_text(&text, i % 3 == 0 ? "[" : "{\"k\":");
    buffer_append_text(&text, "1");
    for (int i = LEVELS - 1; i >= 0; i--)
        buffer_append_text(&text, i % 3 == 0 ? "]" : "}");
    assert_true(json_check(bytes_of(text.data, text.length), LEVELS, NULL));
    for (size_t i = text.length - LEVELS; i < text.length; i++) {
        char was = text.data[i];
        text.data[i] = was == ']' ? '}' : ']';
        assert_false(json_check(bytes_of(text.data, text.length), LEVELS, NULL));
        text.data[i] = was;
    }
    buffer_free(&text);
}

static void json_fault_tells_line_and_column(void **state)
{
    (void)state;
    struct json_fault fault;
    assert_false(json_check(bytes_of_text("{\n  \"a\": 1,\n  \"b\": nope\n}"), 8, &fault));
    assert_int_equal(fault.line, 3);
    assert_int_equal(fault.column, 8);
    assert_int_equal(fault.offset, 19);
    assert_string_equal(fault.what, "expected a value");
}

static void json_fault_stays(void **state)
{
    (void)state;
    struct json_cursor cursor;
    json_cursor_init(&cursor, bytes_of_text("[x]"), 8);
    assert_int_equal(json_next(&cursor), JSON_ARRAY_BEGIN);
    assert_int_equal(json_next(&cursor), JSON_FAULT);
    assert_int_equal(json_next(&cursor), JSON_FAULT);
    struct bytes text;
    assert_false(json_skip_value(&cursor, &text));
}

static void json_skip_value_gives_the_exact_text(void **state)
{
    (void)state;
    static const char *const values[] = {"1",     "-2.5e1", "\"a\\\"b\"", "true",
                                         "false", "null",   "[1, [2]]",   "{\"a\": {}}"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char text[100];
        snprintf(text, sizeof text, " { \"skip\" :  %s  , \"next\" : 1 } ", values[i]);
        struct json_cursor cursor;
        json_cursor_init(&cursor, bytes_of_text(text), 8);
        assert_int_equal(json_next(&cursor), JSON_OBJECT_BEGIN);
        assert_int_equal(json_next(&cursor), JSON_NAME);
        struct bytes value;
        assert_true(json_skip_value(&cursor, &value));
        assert_true(bytes_equal_text(value, values[i]));
        assert_int_equal(json_next(&cursor), JSON_NAME);
        assert_true(bytes_equal_text(cursor.span, "next"));
    }
}

static void json_skip_value_refuses_where_there_is_none(void **state)
{
    (void)state;
    static const char *const texts[] = {"[]", "[1,", "[", "[x]", "[[1}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct json_cursor cursor;
        struct bytes value;
        json_cursor_init(&cursor, bytes_of_text(texts[i]), 8);
        assert_int_equal(json_next(&cursor), JSON_ARRAY_BEGIN);
        bool first = json_skip_value(&cursor, &value);
        assert_int_equal(first, i == 1);
        if (first)
            assert_false(json_skip_value(&cursor, &value));
        assert_non_null(cursor.fault.what);
        assert_int_equal(json_next(&cursor), JSON_FAULT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_check_accepts_what_the_rfc_does),
        cmocka_unit_test(json_check_rejects_everything_else),
        cmocka_unit_test(json_check_rejects_a_document_cut_at_every_byte),
        cmocka_unit_test(json_check_rejects_or_accepts_every_one_byte_change_without_harm),
        cmocka_unit_test(json_next_gives_each_token_in_turn),
        cmocka_unit_test(json_integers_are_those_that_fit_64_bits),
        cmocka_unit_test(json_depth_is_bounded_exactly),
        cmocka_unit_test(json_levels_keep_their_kind),
        cmocka_unit_test(json_fault_tells_line_and_column),
        cmocka_unit_test(json_fault_stays),
        cmocka_unit_test(json_skip_value_gives_the_exact_text),
        cmocka_unit_test(json_skip_value_refuses_where_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
