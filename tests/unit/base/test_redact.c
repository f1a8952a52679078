// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "base/redact.h"

static void assert_becomes(const char *text, const char *expected)
{
    struct buffer out = buffer_make(4096);
    redact_put(&out, bytes_of_text(text));
    assert_true(buffer_ok(&out));
    assert_string_equal(out.data != NULL ? out.data : "", expected);
    buffer_free(&out);
}

#define R REDACTED

static void our_own_keys_are_taken_out(void **state)
{
    (void)state;
    assert_becomes("key sbx_01_ab-C refused", "key " R " refused");
    assert_becomes("sbx_a,SBX_b", R "," R);
    assert_becomes("xsbx_a", "x" R);
}

static void credentials_of_http_are_taken_out(void **state)
{
    (void)state;
    assert_becomes("Authorization: Bearer abc.def", "Authorization: " R " abc.def");
    assert_becomes("sent bearer abcdefgh12 to", "sent bearer " R " to");
    assert_becomes("basic dXNlcjpwYXNz", "basic " R);
    assert_becomes("basic maths", "basic maths");
    assert_becomes("https://user:pass@host/x?y", "https://" R "@host/x?y");
    assert_becomes("https://host/a@b", "https://host/a@b");
}

static void tokens_and_keys_are_known_by_their_form(void **state)
{
    (void)state;
    assert_becomes("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc!", "got " R "!");
    assert_becomes("eyJ", "eyJ");
    assert_becomes("a -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- b", "a " R " b");
    assert_becomes("-----BEGIN PRIVATE KEY-----\nMIIE", R); // cut
    assert_becomes("-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----");
}

static void values_are_known_by_their_names(void **state)
{
    (void)state;
    assert_becomes("password=hunter2&x=1", "password=" R "&x=1");
    assert_becomes("{\"db_password\": \"hunter 2\", \"n\": 1}", "{\"db_password\": \"" R "\", \"n\": 1}");
    assert_becomes("X-Api-Key: abc", "X-Api-Key: " R);
    assert_becomes("client_secret = 'a b'", "client_secret = '" R "'");
    assert_becomes("{\\\"token\\\":\\\"abc\\\"}", "{\\\"token\\\":\\\"" R "\"}");
    assert_becomes("path=/x status:200 passwordless", "path=/x status:200 passwordless");
    assert_becomes("token=", "token=");
}

static void plain_text_stays(void **state)
{
    (void)state;
    assert_becomes("", "");
    assert_becomes("main.lua:3: attempt to index a nil value (local 'x')",
                   "main.lua:3: attempt to index a nil value (local 'x')");
    assert_becomes("0193d2a4-0000-7000-8000-000000000000", "0193d2a4-0000-7000-8000-000000000000");
}

static void names_of_secrets(void **state)
{
    (void)state;
    const char *const secret[] = {"password", "DB_PASSWORD", "Authorization", "x-api-key",
                                  "apiKey",   "Set-Cookie",  "private_key",   "accessToken"};
    for (size_t i = 0; i < sizeof secret / sizeof *secret; i++)
        assert_true(redact_names_a_secret(bytes_of_text(secret[i])));
    const char *const plain[] = {"", "path", "author", "pass", "key", "keyboard"};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        assert_false(redact_names_a_secret(bytes_of_text(plain[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_own_keys_are_taken_out),
        cmocka_unit_test(credentials_of_http_are_taken_out),
        cmocka_unit_test(tokens_and_keys_are_known_by_their_form),
        cmocka_unit_test(values_are_known_by_their_names),
        cmocka_unit_test(plain_text_stays),
        cmocka_unit_test(names_of_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
