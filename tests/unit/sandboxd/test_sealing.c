// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "sandboxd/replies/sealing.h"

#include <stdlib.h>
#include <string.h>

static struct reply_key key_of(const char *key)
{
    struct reply_key made;
    reply_key_make("acme", bytes_of_text("/v1/runs"), bytes_of_text(key), bytes_of_text("{}"), &made);
    return made;
}

static void an_answer_is_read_with_its_own_key_alone(void **state)
{
    (void)state;
    struct reply_key key = key_of("k1"), other = key_of("k2");
    struct reply reply = {.status = 201, .content_type = "application/json", .location = "/v1/x"};
    reply.body = (struct buffer){.data = (char *)"secret", .length = 6};
    size_t length;
    unsigned char *sealed = reply_seal(&key, &reply, &length);
    assert_non_null(sealed);
    assert_int_equal(length, REPLY_SEALED_EMPTY + 6);
    assert_null(memmem(sealed, length, "secret", 6));
    struct reply read;
    assert_false(reply_unseal(&other, bytes_of(sealed, length), &read));
    assert_true(reply_unseal(&key, bytes_of(sealed, length), &read));
    assert_int_equal(read.status, 201);
    assert_string_equal(read.location, "/v1/x");
    assert_memory_equal(read.body.data, "secret", 6);
    buffer_free(&read.body);
    sealed[length - 1] ^= 1;
    assert_false(reply_unseal(&key, bytes_of(sealed, length), &read));
    assert_false(reply_unseal(&key, bytes_of(sealed, REPLY_SEALED_EMPTY - 1), &read));
    free(sealed);
}

static void a_promise_says_that_it_was_done_and_no_more(void **state)
{
    (void)state;
    struct reply_key key = key_of("k1");
    const struct reply_row *promise = reply_promise(&key);
    struct reply read;
    assert_string_equal(promise->tenant, "acme");
    assert_ptr_equal(promise->id, key.id);
    assert_true(reply_unseal(&key, promise->sealed, &read));
    assert_int_equal(read.status, 0);
    assert_int_equal(read.body.length, 0);
    buffer_free(&read.body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_read_with_its_own_key_alone),
        cmocka_unit_test(a_promise_says_that_it_was_done_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
