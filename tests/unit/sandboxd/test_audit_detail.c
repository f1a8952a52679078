// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "sandboxd/store/audit_detail.h"

#include <stdlib.h>

static void assert_kept_as(const char *detail, const char *kept)
{
    struct error err;
    char *text = audit_detail_redacted(detail, &err);
    assert_non_null(text);
    assert_string_equal(text, kept);
    free(text);
}

static void what_looks_like_a_secret_is_taken_out_of_strings(void **state)
{
    (void)state;
    assert_kept_as("{\"suspended\":\"token=x, unpaid\"}", "{\"suspended\":\"token=[redacted], unpaid\"}");
    assert_kept_as("{\"changes\":[{\"before\":\"sbx_0123456789_abc\",\"after\":\"\",\"at\":1}]}",
                   "{\"changes\":[{\"before\":\"[redacted]\",\"after\":\"\",\"at\":1}]}");
}

static void quotes_and_ends_stay_where_they_are(void **state)
{
    (void)state;
    assert_kept_as("{\"a\":\"-----BEGIN PRIVATE KEY-----\",\"b\":\"password=x\\\"\"}",
                   "{\"a\":\"[redacted]\",\"b\":\"password=[redacted]\\\"\"}");
    assert_kept_as("{}", "{}");
}

static void what_is_no_json_is_an_error(void **state)
{
    (void)state;
    struct error err;
    assert_null(audit_detail_redacted("{", &err));
    assert_int_equal(err.kind, ERROR_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_looks_like_a_secret_is_taken_out_of_strings),
        cmocka_unit_test(quotes_and_ends_stay_where_they_are),
        cmocka_unit_test(what_is_no_json_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
