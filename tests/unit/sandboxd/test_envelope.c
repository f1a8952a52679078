// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "sandboxd/api/envelope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct taken {
    struct bytes text;
    char *owned;
    struct bytes raw;
    bool flag;
    uint64_t number;
    char name[8];
};

static const char *const names[] = {"text", "raw", "flag", "number", "name"};

static bool take(struct envelope *envelope, unsigned index, const char *pointer, void *out)
{
    struct taken *taken = out;
    switch (index) {
    case 0:
        return envelope_take_text(envelope, pointer, &taken->text, &taken->owned);
    case 1:
        return envelope_take_raw(envelope, &taken->raw);
    case 2:
        return envelope_take_boolean(envelope, pointer, &taken->flag);
    case 3:
        return envelope_take_unsigned(envelope, pointer, &taken->number);
    default:
        return envelope_take_short_text(envelope, pointer, taken->name, sizeof(taken->name));
    }
}

static const struct envelope_object object = {.names = names, .count = 5, .take = take};

// The first fault as "pointer: message", "" without one, or "json" for a syntax fault.
static const char *read(const char *text, struct taken *taken)
{
    static char fault[512];
    struct diagnostics faults;
    struct json_fault json_fault;
    diagnostics_init(&faults);
    *taken = (struct taken){.flag = false};
    snprintf(fault, sizeof(fault), "json");
    if (envelope_read(bytes_of_text(text), &object, taken, &faults, &json_fault))
        snprintf(fault, sizeof(fault), "%s%s%s", faults.count > 0 ? faults.items[0].pointer : "",
                 faults.count > 0 ? ": " : "", faults.count > 0 ? faults.items[0].message : "");
    diagnostics_free(&faults);
    return fault;
}

static void envelope_takes_every_kind_of_value(void **state)
{
    (void)state;
    struct taken taken;
    assert_string_equal(read(" { \"text\" : \"a\\n\\u00e4\" , \"raw\":[1,{\"x\": 2 }] ,\"flag\":true,"
                             "\"number\": 7, \"n\\u0061me\":\"bob\"} ",
                             &taken),
                        "");
    assert_true(bytes_equal_text(taken.text, "a\n\xc3\xa4"));
    assert_true(bytes_equal_text(taken.raw, "[1,{\"x\": 2 }]"));
    assert_true(taken.flag);
    assert_int_equal(taken.number, 7);
    assert_string_equal(taken.name, "bob");
    free(taken.owned);
}

static void envelope_borrows_text_without_escapes(void **state)
{
    (void)state;
    struct taken taken;
    const char *text = "{\"text\":\"plain\"}";
    assert_string_equal(read(text, &taken), "");
    assert_ptr_equal(taken.text.data, text + 9);
    assert_null(taken.owned);
}

static void envelope_points_at_what_is_wrong(void **state)
{
    (void)state;
    struct taken taken;
    assert_string_equal(read("[]", &taken), ": expected an object, not an array");
    assert_string_equal(read("{\"flags\":1}", &taken), "/flags: unknown member; did you mean \"flag\"?");
    assert_string_equal(read("{\"a/b~c\":{\"x\":[]}}", &taken), "/a~1b~0c: unknown member");
    assert_string_equal(read("{\"flag\":true,\"fl\\u0061g\":true}", &taken), "/flag: it is there twice");
    assert_string_equal(read("{\"flag\":{\"deep\":[1]}}", &taken),
                        "/flag: expected true or false, not an object");
    assert_string_equal(read("{\"text\":null}", &taken), "/text: expected a text, not null");
    assert_string_equal(read("{\"number\":-1}", &taken), "/number: expected a whole number from 0 to "
                                                         "9223372036854775807");
    assert_string_equal(read("{\"number\":1.5}", &taken), "/number: expected a whole number from 0 to "
                                                          "9223372036854775807");
    assert_string_equal(read("{\"name\":\"\"}", &taken), "/name: expected 1 to 7 bytes, not 0");
    assert_string_equal(read("{\"name\":\"12345678\"}", &taken), "/name: expected 1 to 7 bytes, not 8");
    assert_string_equal(read("{\"name\":\"a\\u0000\"}", &taken), "/name: it has a control character");
}

static void envelope_tells_what_is_no_json(void **state)
{
    (void)state;
    struct taken taken;
    const char *const broken[] = {"",           "{",         "{\"raw\":[1,]}",      "{\"raw\":01}",   "{}x",
                                  "{\"flag\"}", "{\"raw\":", "{\"text\":\"\xff\"}", "{\"flag\":tru}", "{,}"};
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        assert_string_equal(read(broken[i], &taken), "json");
        free(taken.owned);
    }
}

static void envelope_survives_deep_nesting(void **state)
{
    (void)state;
    enum { DEPTH = 100000 };
    char *text = malloc(DEPTH + 16);
    memcpy(text, "{\"raw\":", 7);
    memset(text + 7, '[', DEPTH);
    text[7 + DEPTH] = '\0';
    struct taken taken;
    assert_string_equal(read(text, &taken), "json");
    free(text);
}

static void nesting_counts_brackets_outside_strings(void **state)
{
    (void)state;
    assert_int_equal(json_nesting(bytes_of_text("1")), 0);
    assert_int_equal(json_nesting(bytes_of_text("\"[[\\\"[\"")), 0);
    assert_int_equal(json_nesting(bytes_of_text("[{\"a\":[]},[]]")), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(envelope_takes_every_kind_of_value),
        cmocka_unit_test(envelope_borrows_text_without_escapes),
        cmocka_unit_test(envelope_points_at_what_is_wrong),
        cmocka_unit_test(envelope_tells_what_is_no_json),
        cmocka_unit_test(envelope_survives_deep_nesting),
        cmocka_unit_test(nesting_counts_brackets_outside_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
