// SPDX-License-Identifier: Apache-2.0
#include "base/fd.h"
#include "runtime/engine/zygote_start.h"
#include "tests/support/engine_tests.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
    const char *policy;
    const char *reason; // a part of the error's text
} table[] = {
    {"refuses", "no namespaces here"},
    {"dies_at_start", "ended before it was ready"},
    {"mumbles", "malformed"},
    {"never_ready", "not ready in time"},
};

static void a_zygote_that_does_not_get_ready_is_an_error_that_says_why(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path});
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct policy *policy = fixture_policy(table[i].policy);
        struct error err = {0};
        assert_false(engine_set_policy(fixture.engine, policy, 300, &err));
        if (strstr(err.text, table[i].reason) == NULL || strstr(err.text, table[i].policy) == NULL)
            fail_msg("%s: %s", table[i].policy, err.text);
        assert_null(engine_policy(fixture.engine, table[i].policy));
        policy_unref(policy);
    }
    fixture_stop(&fixture);
}

static void a_missing_executable_is_named(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = "/nonexistent/sandbox-zygote"});
    struct policy *policy = fixture_policy("plain");
    struct error err = {0};
    assert_false(engine_set_policy(fixture.engine, policy, 1000, &err));
    assert_non_null(strstr(err.text, "/nonexistent/sandbox-zygote"));
    assert_non_null(strstr(err.text, "No such file"));
    policy_unref(policy);
    fixture_stop(&fixture);
}

static void a_zygote_that_waits_for_its_policy_tells_of_its_start_as_any_other(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct fixture fixture;
        fixture_start(&fixture, &(struct fixture_options){.zygote_path = zygote_path, .one_run = true});
        struct policy *policy = fixture_policy(table[i].policy);
        struct error err = {0};
        assert_false(engine_set_policy(fixture.engine, policy, 300, &err));
        if (strstr(err.text, table[i].reason) == NULL || strstr(err.text, table[i].policy) == NULL)
            fail_msg("%s: %s", table[i].policy, err.text);
        policy_unref(policy);
        fixture_stop(&fixture);
    }
}

static void the_last_words_are_heard_of_a_zygote_that_left_something_unread(void **state)
{
    (void)state;
    int pair[2];
    assert_true(fd_socket_pair(SOCK_SEQPACKET, pair, NULL));
    struct zygote zygote = {.control = pair[0]};
    assert_true(fd_send_packet(pair[0], "unread", 6, NULL, 0, NULL));
    struct buffer packet = buffer_make(ZYGOTE_PACKET_MAX);
    zygote_failed_encode(&packet, &(struct zygote_failed){.reason = bytes_of_text("no namespaces here")});
    assert_true(fd_send_packet(pair[1], packet.data, packet.length, NULL, 0, NULL));
    close(pair[1]);
    struct error err = {0};
    assert_false(zygote_await_ready(&zygote, UINT64_MAX, &err));
    assert_string_equal(err.text, "no namespaces here");
    buffer_free(&packet);
    close(pair[0]);
}

// A zygote that ends at once, and a policy for it: right away, or when it has ended.
static void expect_ended(bool waits, const char *words)
{
    struct fixture fixture;
    fixture_start(&fixture, &(struct fixture_options){.zygote_path = "/bin/false", .one_run = true});
    siginfo_t ended;
    if (waits)
        assert_int_equal(waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT), 0);
    struct policy *policy = fixture_policy("plain");
    struct error err = {0};
    assert_false(engine_set_policy(fixture.engine, policy, 60000, &err));
    assert_non_null(strstr(err.text, words));
    policy_unref(policy);
    fixture_stop(&fixture);
}

static void a_zygote_that_ends_without_a_policy_is_an_error(void **state)
{
    (void)state;
    expect_ended(false, "the zygote ended before"); // before or after it was told: whichever came first
    expect_ended(true, "the zygote ended before it had its policy");
}

ENGINE_TESTS_MAIN(cmocka_unit_test(a_zygote_that_does_not_get_ready_is_an_error_that_says_why),
                  cmocka_unit_test(a_missing_executable_is_named),
                  cmocka_unit_test(the_last_words_are_heard_of_a_zygote_that_left_something_unread),
                  cmocka_unit_test(a_zygote_that_waits_for_its_policy_tells_of_its_start_as_any_other),
                  cmocka_unit_test(a_zygote_that_ends_without_a_policy_is_an_error), )
