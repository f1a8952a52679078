// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"
#include "validation/findings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FINDING(code, message, numbers) "{\"code\":\"" code "\",\"message\":\"" message "\"," numbers "}"
#define PLACED "\"module\":1,\"line\":3,\"column\":5,\"end_column\":9"
#define OUTPUT(items, omitted) "{\"findings\":[" items "],\"omitted\":" omitted "}"

static void what_the_worker_writes_is_read(void **state)
{
    (void)state;
    struct findings findings = {0};
    static const char output[] =
        OUTPUT(FINDING("syntax", "near \\\"x\\u00e9\\\"", PLACED) "," FINDING(
                   "unused_module", "m", "\"module\":2,\"line\":0,\"column\":0,\"end_column\":0"),
               "7");
    assert_true(findings_read(&findings, bytes_of_text(output), 2));
    assert_int_equal(findings.count, 2);
    assert_int_equal(findings.items[0].code, VALIDATION_CODE_SYNTAX);
    assert_string_equal(findings.items[0].message, "near \"x\xc3\xa9\"");
    assert_int_equal(findings.items[0].line, 3);
    assert_int_equal(findings.items[0].end_column, 9);
    assert_int_equal(findings.items[1].module, 2);
    assert_int_equal(findings.omitted, 7);
    assert_true(findings_any_error(&findings));
    findings_free(&findings);
}

static void anything_else_is_refused_as_a_whole(void **state)
{
    (void)state;
    static const char good[] = FINDING("syntax", "m", PLACED);
    static const char *const rows[] = {
        "",
        "null",
        "[]",
        "{}",
        OUTPUT("", "-1"),
        OUTPUT("", "1e2"),
        OUTPUT("", "99999999999"),
        OUTPUT("", "0") " ,",
        OUTPUT("{}", "0"),
        OUTPUT("1", "0"),
        OUTPUT("[]", "0"),
        OUTPUT(FINDING("syntaxx", "m", PLACED), "0"),
        OUTPUT(FINDING("synta\\u0078", "m", PLACED), "0"),
        OUTPUT(FINDING("syntax", "m\\u0000m", PLACED), "0"),
        OUTPUT(FINDING("syntax", "m", "\"module\":0,\"line\":3,\"column\":5,\"end_column\":9"), "0"),
        OUTPUT(FINDING("syntax", "m", "\"module\":3,\"line\":3,\"column\":5,\"end_column\":9"), "0"),
        OUTPUT(FINDING("syntax", "m", "\"module\":1,\"line\":-3,\"column\":5,\"end_column\":9"), "0"),
        OUTPUT(FINDING("syntax", "m", "\"module\":1,\"line\":0,\"column\":5,\"end_column\":9"), "0"),
        OUTPUT(FINDING("syntax", "m", "\"module\":1,\"line\":3,\"column\":5,\"end_column\":4"), "0"),
        OUTPUT(FINDING("syntax", "m", "\"module\":1,\"line\":3,\"column\":0,\"end_column\":4"), "0"),
        OUTPUT(FINDING("syntax", "m", "\"module\":1,\"line\":4294967296,\"column\":5,\"end_column\":9"), "0"),
        OUTPUT(FINDING("syntax", "m", "\"line\":3,\"module\":1,\"column\":5,\"end_column\":9"), "0"),
        OUTPUT(FINDING("syntax", "m", PLACED ",\"more\":1"), "0"),
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct findings findings = {0};
        char output[1024];
        if (findings_read(&findings, bytes_of_text(rows[i]), 2))
            fail_msg("accepted: %s", rows[i]);
        assert_int_equal(findings.count, 0);
        // Nor after a good one.
        snprintf(output, sizeof output, "{\"findings\":[%s,%s],\"omitted\":0}", good, "{\"code\":1}");
        assert_false(findings_read(&findings, bytes_of_text(output), 2));
        assert_int_equal(findings.count, 0);
        assert_int_equal(findings.omitted, 0);
    }
}

static void a_message_above_its_length_is_refused(void **state)
{
    (void)state;
    struct findings findings = {0};
    char message[FINDING_TEXT_MAX + 2], output[FINDING_TEXT_MAX + 200];
    for (size_t length = FINDING_TEXT_MAX; length <= FINDING_TEXT_MAX + 1; length++) {
        memset(message, 'm', length);
        message[length] = '\0';
        snprintf(output, sizeof output,
                 "{\"findings\":[{\"code\":\"syntax\",\"message\":\"%s\"," PLACED "}],\"omitted\":0}",
                 message);
        assert_int_equal(findings_read(&findings, bytes_of_text(output), 1), length == FINDING_TEXT_MAX);
    }
    findings_free(&findings);
}

static void they_are_sorted_by_place(void **state)
{
    (void)state;
    struct findings findings = {0};
    static const struct finding places[] = {
        {.code = VALIDATION_CODE_GLOBAL_WRITE, .module = 2, .line = 1},
        {.code = VALIDATION_CODE_GLOBAL_WRITE, .module = 1, .line = 10, .column = 2},
        {.code = VALIDATION_CODE_SYNTAX, .module = 1, .line = 10, .column = 2},
        {.code = VALIDATION_CODE_GLOBAL_WRITE, .module = 1, .line = 2, .column = 7},
        {.code = VALIDATION_CODE_MANIFEST, .line = 20},
    };
    for (size_t i = 0; i < 5; i++)
        findings_add(&findings, &places[i], "%zu", i);
    findings_sort(&findings);
    static const char *const order[] = {"4", "3", "2", "1", "0"};
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(findings.items[i].message, order[i]);
    findings_free(&findings);
}

static void those_beyond_the_maximum_are_counted(void **state)
{
    (void)state;
    struct findings findings = {0};
    for (int i = 0; i < FINDINGS_MAX + 3; i++)
        findings_add(&findings, &(struct finding){.code = VALIDATION_CODE_UNUSED_VALUE, .module = 1}, "%d",
                     i);
    assert_int_equal(findings.count, FINDINGS_MAX);
    assert_int_equal(findings.omitted, 3);
    assert_false(findings_any_error(&findings));
    findings_free(&findings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_worker_writes_is_read),
        cmocka_unit_test(anything_else_is_refused_as_a_whole),
        cmocka_unit_test(a_message_above_its_length_is_refused),
        cmocka_unit_test(they_are_sorted_by_place),
        cmocka_unit_test(those_beyond_the_maximum_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
