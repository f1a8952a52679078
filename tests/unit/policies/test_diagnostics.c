// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "policies/diagnostics.h"

#include <string.h>

static void faults_keep_their_place_and_text(void **state)
{
    (void)state;
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    assert_false(diagnostics_any(&diagnostics));
    char file[] = "a.json";
    diagnostics_add(&diagnostics, file, 3, 7, "/limits", "%d is %s", 5, "wrong");
    file[0] = 'x'; // nothing of the caller's is kept
    assert_true(diagnostics_any(&diagnostics));
    assert_int_equal(diagnostics.count, 1);
    assert_string_equal(diagnostics.items[0].file, "a.json");
    assert_int_equal(diagnostics.items[0].line, 3);
    assert_int_equal(diagnostics.items[0].column, 7);
    assert_string_equal(diagnostics.items[0].pointer, "/limits");
    assert_string_equal(diagnostics.items[0].message, "5 is wrong");
    diagnostics_free(&diagnostics);
    assert_int_equal(diagnostics.count, 0);
}

static void faults_are_sorted_by_file_line_and_column(void **state)
{
    (void)state;
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    diagnostics_add(&diagnostics, "b", 1, 1, "", "e");
    diagnostics_add(&diagnostics, "a", 10, 1, "", "d");
    diagnostics_add(&diagnostics, "a", 2, 9, "", "c");
    diagnostics_add(&diagnostics, "a", 2, 3, "/y", "b");
    diagnostics_add(&diagnostics, "a", 2, 3, "/x", "a");
    diagnostics_sort(&diagnostics);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(diagnostics.items[i].message[0], "abcde"[i]);
    diagnostics_free(&diagnostics);
}

static void assert_form(const struct diagnostics *diagnostics, const char *json, const char *line)
{
    struct buffer text = buffer_make(4096);
    char formatted[DIAGNOSTIC_TEXT_SIZE];
    diagnostics_put(&text, diagnostics);
    buffer_append_byte(&text, '\0');
    assert_string_equal(text.data, json);
    diagnostic_format(&diagnostics->items[0], formatted);
    assert_string_equal(formatted, line);
    buffer_free(&text);
}

static void faults_have_one_form_as_json_and_one_as_text(void **state)
{
    (void)state;
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    diagnostics_add(&diagnostics, "a.json", 3, 4, "/x", "\"y\" is wrong");
    assert_form(&diagnostics,
                "[{\"file\":\"a.json\",\"line\":3,\"column\":4,\"pointer\":\"/x\","
                "\"detail\":\"\\\"y\\\" is wrong\"}]",
                "a.json:3:4: /x: \"y\" is wrong");
    // What was sent in a request has no name, and what is wrong with all of it has no place.
    diagnostics_rename(&diagnostics, "a.json", DIAGNOSTIC_REQUEST);
    assert_form(&diagnostics,
                "[{\"line\":3,\"column\":4,\"pointer\":\"/x\",\"detail\":\"\\\"y\\\" is wrong\"}]",
                "3:4: /x: \"y\" is wrong");
    diagnostics_free(&diagnostics);
    diagnostics_add(&diagnostics, "a.json", 0, 0, "", "too large");
    assert_form(&diagnostics, "[{\"file\":\"a.json\",\"pointer\":\"\",\"detail\":\"too large\"}]",
                "a.json: too large");
    diagnostics_free(&diagnostics);
    diagnostics_add(&diagnostics, DIAGNOSTIC_REQUEST, 0, 0, "/code", "it is missing");
    diagnostics_add(&diagnostics, DIAGNOSTIC_REQUEST, 0, 0, "/x", "b");
    assert_form(
        &diagnostics,
        "[{\"pointer\":\"/code\",\"detail\":\"it is missing\"},{\"pointer\":\"/x\",\"detail\":\"b\"}]",
        "/code: it is missing");
    diagnostics_free(&diagnostics);
}

static void a_flood_of_faults_is_bounded_and_never_looks_complete(void **state)
{
    (void)state;
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    for (unsigned i = 0; i < DIAGNOSTICS_MAX + 5; i++)
        diagnostics_add(&diagnostics, "a", i, 1, "", "x");
    assert_int_equal(diagnostics.count, DIAGNOSTICS_MAX);
    assert_true(diagnostics.incomplete);
    diagnostics_free(&diagnostics);
    assert_false(diagnostics.incomplete);
}

static void want_of_memory_is_told_apart_from_a_faulty_document(void **state)
{
    (void)state;
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    diagnostics_add(&diagnostics, "a", 1, 1, "", "x");
    assert_false(diagnostics.exhausted);
    diagnostics_exhaust(&diagnostics, "a");
    assert_true(diagnostics.exhausted);
    diagnostics_lose(&diagnostics);
    assert_int_equal(diagnostics.told, 3);
    assert_int_equal(diagnostics.count, 2);
    diagnostics_free(&diagnostics);
    assert_false(diagnostics_any(&diagnostics));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_keep_their_place_and_text),
        cmocka_unit_test(faults_are_sorted_by_file_line_and_column),
        cmocka_unit_test(faults_have_one_form_as_json_and_one_as_text),
        cmocka_unit_test(a_flood_of_faults_is_bounded_and_never_looks_complete),
        cmocka_unit_test(want_of_memory_is_told_apart_from_a_faulty_document),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
