// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "sandboxd/http/framing.h"

struct field {
    const char *name, *value;
};

// NULL: fine; else the fault.
static const char *check(const char *method, const char *version, const struct field *fields)
{
    struct framing framing = {.fault = NULL};
    for (; fields != NULL && fields->name != NULL; fields++)
        framing_header(&framing, bytes_of_text(fields->name), bytes_of_text(fields->value));
    framing_check(&framing, method, version);
    return framing.fault;
}

static void framing_takes_an_ordinary_request(void **state)
{
    (void)state;
    const struct field fields[] = {{"Host", "x"}, {"Content-Length", "12"}, {"X-Tab", "a\tb"}, {NULL, NULL}};
    assert_null(check("POST", "HTTP/1.1", fields));
    const struct field chunked[] = {{"transfer-encoding", "Chunked"}, {NULL, NULL}};
    assert_null(check("POST", "HTTP/1.1", chunked));
}

static void framing_refuses_whatever_two_parsers_could_read_differently(void **state)
{
    (void)state;
    const struct field cases[][3] = {
        {{"Content-Length", "3"}, {"Transfer-Encoding", "chunked"}, {NULL, NULL}},
        {{"Content-Length", "3"}, {"Content-Length", "4"}, {NULL, NULL}},
        {{"Content-Length", "3"}, {"content-length", "3"}, {NULL, NULL}},
        {{"Content-Length", "3,3"}, {NULL, NULL}},
        {{"Content-Length", "+3"}, {NULL, NULL}},
        {{"Content-Length", ""}, {NULL, NULL}},
        {{"Content-Length", "0x10"}, {NULL, NULL}},
        {{"Content-Length", "99999999999999999999"}, {NULL, NULL}},
        {{"Transfer-Encoding", "gzip, chunked"}, {NULL, NULL}},
        {{"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}, {NULL, NULL}},
        {{"Transfer-Encoding", "identity"}, {NULL, NULL}},
        {{"Host", "a"}, {"Host", "b"}, {NULL, NULL}},
        {{"X Y", "a"}, {NULL, NULL}},
        {{"", "a"}, {NULL, NULL}},
        {{"X", "a\r\nY: b"}, {NULL, NULL}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_non_null(check("POST", "HTTP/1.1", cases[i]));
}

static void framing_refuses_a_method_that_is_no_token(void **state)
{
    (void)state;
    assert_non_null(check("PO(ST", "HTTP/1.1", NULL));
    assert_non_null(check("", "HTTP/1.1", NULL));
    assert_null(check("M-SEARCH", "HTTP/1.1", NULL));
}

static void framing_refuses_chunks_in_http_1_0(void **state)
{
    (void)state;
    const struct field fields[] = {{"Transfer-Encoding", "chunked"}, {NULL, NULL}};
    assert_non_null(check("POST", "HTTP/1.0", fields));
}

static void framing_keeps_the_declared_length(void **state)
{
    (void)state;
    struct framing framing = {.fault = NULL};
    framing_header(&framing, bytes_of_text("Content-Length"), bytes_of_text("0012"));
    assert_true(framing_check(&framing, "POST", "HTTP/1.1"));
    assert_int_equal(framing.content_length, 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(framing_takes_an_ordinary_request),
        cmocka_unit_test(framing_refuses_whatever_two_parsers_could_read_differently),
        cmocka_unit_test(framing_refuses_a_method_that_is_no_token),
        cmocka_unit_test(framing_refuses_chunks_in_http_1_0),
        cmocka_unit_test(framing_keeps_the_declared_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
