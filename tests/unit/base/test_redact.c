// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "base/redact.h"

#include <stdlib.h>

static void assert_becomes(const char *text, const char *expected)
{
    struct buffer out = buffer_make(4096);
    redact_put(&out, bytes_of_text(text));
    assert_true(buffer_ok(&out));
    assert_string_equal(out.data != NULL ? out.data : "", expected);
    struct buffer again = buffer_make(4096);
    redact_put(&again, bytes_of(out.data, out.length));
    assert_string_equal(again.data != NULL ? again.data : "", expected);
    buffer_free(&again);
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
    assert_becomes("Authorization: Bearer abc.def", "Authorization: " R);
    assert_becomes("Authorization: Bearer S3CRETaaaaaaaaaa\nHost: x", "Authorization: " R "\nHost: x");
    assert_becomes("Proxy-Authorization: Basic dTpw\r\n", "Proxy-Authorization: " R "\r\n");
    assert_becomes("authorization: ApiKey X", "authorization: " R);
    assert_becomes("Authorization: Digest username=\"u\", response=\"X\"", "Authorization: " R);
    assert_becomes("Cookie: a=1; session=X", "Cookie: " R);
    assert_becomes("{\"Authorization\":\"Bearer X\",\"n\":1}", "{\"Authorization\":\"" R "\",\"n\":1}");
    assert_becomes("X-Auth-Token: Bearer X", "X-Auth-Token: " R);
    assert_becomes("Bearer  abcdefgh12", "Bearer  " R);
    assert_becomes("sent bearer abcdefgh12 to", "sent bearer " R " to");
    assert_becomes("basic dXNlcjpwYXNz", "basic " R);
    assert_becomes("basic maths", "basic maths");
    assert_becomes("https://user:pass@host/x?y", "https://" R "@host/x?y");
    assert_becomes("https://host/a@b", "https://host/a@b");
    assert_becomes("https://host:8080/a?m=a@b", "https://host:8080/a?m=a@b");
    assert_becomes("https://host:8080/a, b@c", "https://host:8080/a, b@c");
    // A port and a path, or a password? Nobody can tell.
    assert_becomes("postgres://u:123/X@host/db", "postgres://" R "@host/db");
    assert_becomes("https://host:8080/a@b", "https://" R "@b");
    assert_becomes("https://[::1]:8080/a@b", "https://[::1]:8080/a@b");
    assert_becomes("https://u:a@X@host/c@d", "https://" R "@host/c@d");
    assert_becomes("postgres://u:S3/X@host/db?mail=a@b", "postgres://" R "@host/db?mail=a@b");
}

static void tokens_and_keys_are_known_by_their_form(void **state)
{
    (void)state;
    assert_becomes("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc!", "got " R "!");
    assert_becomes("eyJ", "eyJ");
    assert_becomes("id AKIAIOSFODNN7EXAMPLE.", "id " R ".");
    assert_becomes("ghp_0123456789abcdefghij0123456789abcdef at", R " at");
    assert_becomes("github_pat_0123456789abcdefghij_0123456789", R);
    assert_becomes("akiaiosfodnn7example AKIA ghp_x", "akiaiosfodnn7example AKIA ghp_x");
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
    assert_becomes("{\\\"token\\\":\\\"abc\\\"}", "{\\\"token\\\":\\\"" R "\\\"}");
    assert_becomes("path=/x status:200 passwordless", "path=/x status:200 passwordless");
    assert_becomes("token=", "token=");
    assert_becomes("pwd=a passphrase: b session_id=c accessKey=d",
                   "pwd=" R " passphrase: " R " session_id=" R " accessKey=" R);
    assert_becomes("password:\nX\nrest", "password:\n" R "\nrest");
    assert_becomes("password=\nname=x", "password=\nname=x");
    assert_becomes("t[\"password\"] = 'a', password => 'b'",
                   "t[\"password\"] = '" R "', password => '" R "'");
}

static void a_comma_ends_a_value_before_another(void **state)
{
    (void)state;
    assert_becomes("password=a,X", "password=" R);
    assert_becomes("password=a,X,user=b", "password=" R ",user=b");
    assert_becomes("{password:a,X,n:1}", "{password:" R ",n:1}");
    assert_becomes("password=a, b", "password=" R ", b");
    assert_becomes("{password:a,\"n\":1}", "{password:" R ",\"n\":1}");
    assert_becomes("password=a,", "password=" R ",");
    assert_becomes("password=" R ",X", "password=" R);
}

static void the_lines_of_a_block_are_taken_out(void **state)
{
    (void)state;
    assert_becomes("password: |\n  X Y\n\n    Z\nnext: n", "password: |\n  " R "\nnext: n");
    assert_becomes("db:\n  password: >-\n    X\n    Y\n  user: u",
                   "db:\n  password: >-\n    " R "\n  user: u");
    assert_becomes("token: |2 \r\n  X\r\nnext: n", "token: |2 \r\n  " R "\r\nnext: n");
    assert_becomes("token: |\n\n\tX", "token: |\n\n\t" R);
    assert_becomes("token: |\nnext: n", "token: " R "\nnext: n");
    assert_becomes("path: |\n  shown", "path: |\n  shown");
}

static void a_quoted_value_ends_at_its_own_quote(void **state)
{
    (void)state;
    assert_becomes("{\"password\":\"ab\\\"X\",\"n\":1}", "{\"password\":\"" R "\",\"n\":1}");
    assert_becomes("{\"password\":\"ab\\\\\",\"n\":1}", "{\"password\":\"" R "\",\"n\":1}");
    assert_becomes("password = 'it\\'s X' .. y", "password = '" R "' .. y");
    assert_becomes("{\"password\":\"it's X\",\"n\":1}", "{\"password\":\"" R "\",\"n\":1}");
    // A string within a string, and one that the string around it cuts.
    assert_becomes("{\\\"token\\\":\\\"a\\\\\\\"X\\\",\\\"n\\\":1}",
                   "{\\\"token\\\":\\\"" R "\\\",\\\"n\\\":1}");
    assert_becomes("\"token=\\\"abc\", n", "\"token=\\\"" R "\", n");
    assert_becomes("password=\"never closed", "password=\"" R);
}

static void a_structure_under_a_secret_name_is_taken_out_whole(void **state)
{
    (void)state;
    assert_becomes("{\"password\":{\"value\":\"}X\"},\"n\":1}", "{\"password\":" R ",\"n\":1}");
    assert_becomes("{\"tokens\":[\"X\",[\"]Y\"]],\"n\":1}", "{\"tokens\":" R ",\"n\":1}");
    assert_becomes("{\"tokens\":[\"X\",\"Y", "{\"tokens\":" R);
    assert_becomes("token={a}b c", "token=" R " c");
}

static void the_marker_is_nothing_to_take_out(void **state)
{
    (void)state;
    assert_becomes("password=" R "&x=1", "password=" R "&x=1");
    assert_becomes("{\"token\":" R "}", "{\"token\":" R "}");
    assert_becomes("password=" R "rest", "password=" R);
    assert_becomes("a " R ": b", "a " R ": b");
}

// Pieces of what the forms are made of, in any order.
static void a_second_pass_changes_nothing(void **state)
{
    (void)state;
    static const char *const pieces[] = {"token",
                                         "password",
                                         "Cookie",
                                         "Authorization",
                                         "bearer ",
                                         "basic ",
                                         "sbx_",
                                         "eyJ",
                                         "=",
                                         ":",
                                         "://",
                                         "@",
                                         "/",
                                         "\"",
                                         "'",
                                         "\\",
                                         "{",
                                         "}",
                                         "[",
                                         "]",
                                         " ",
                                         "\n",
                                         ",",
                                         "&",
                                         "-----BEGIN ",
                                         "PRIVATE KEY",
                                         "-----END ",
                                         "-----",
                                         "abcdefgh12345",
                                         "AKIAIOSFODNN7EXAMPLE",
                                         REDACTED,
                                         "x",
                                         ">",
                                         "|"};
    uint32_t random = 1;
    for (int round = 0; round < 20000; round++) {
        char text[512] = "";
        for (int i = 0; i < 12; i++) {
            random = random * 1664525 + 1013904223;
            strcat(text, pieces[(random >> 8) % (sizeof pieces / sizeof *pieces)]);
        }
        struct buffer once = buffer_make(4096);
        redact_put(&once, bytes_of_text(text));
        assert_becomes(once.data, once.data);
        buffer_free(&once);
    }
}

// Each of these would take minutes if every place looked at all of the rest.
static void a_text_of_beginnings_is_gone_through_once(void **state)
{
    (void)state;
    static const char *const beginnings[] = {
        "://",          "://a:b",    "-----BEGIN ",  "token:",   "token   ",
        "token=\\",     "bearer ",   "eyJ",          "[",        R,
        "token=" R,     ":::",       "\"token\":",   "token=a,", ",",
        "://a:1/",      "token:|\n", "token: |\n\n", "token:|",  "token:| ",
        "token:|\n b\n"};
    enum { LENGTH = 1 << 20 };
    char *text = malloc(LENGTH);
    assert_non_null(text);
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        size_t length = strlen(beginnings[i]);
        for (size_t at = 0; at < LENGTH; at++)
            text[at] = beginnings[i][at % length];
        struct buffer out = buffer_make(4 * LENGTH);
        redact_put(&out, bytes_of(text, LENGTH));
        assert_true(buffer_ok(&out));
        buffer_free(&out);
    }
    free(text);
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
                                  "apiKey",   "Set-Cookie",  "private_key",   "accessToken",
                                  "DB_PWD",   "passphrase",  "accessKey",     "session_id"};
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
        cmocka_unit_test(a_comma_ends_a_value_before_another),
        cmocka_unit_test(the_lines_of_a_block_are_taken_out),
        cmocka_unit_test(a_quoted_value_ends_at_its_own_quote),
        cmocka_unit_test(a_structure_under_a_secret_name_is_taken_out_whole),
        cmocka_unit_test(the_marker_is_nothing_to_take_out),
        cmocka_unit_test(a_second_pass_changes_nothing),
        cmocka_unit_test(a_text_of_beginnings_is_gone_through_once),
        cmocka_unit_test(plain_text_stays),
        cmocka_unit_test(names_of_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
