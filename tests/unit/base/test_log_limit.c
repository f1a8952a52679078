// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "base/log_limit.h"

static void a_message_passes_so_often_in_a_window_and_then_says_what_was_left_out(void **state)
{
    (void)state;
    struct log_limit limit = {0};
    static const char message[] = "again";
    uint32_t suppressed;
    for (unsigned i = 0; i < LOG_BURST; i++)
        assert_true(log_limit_pass(&limit, message, LOG_WARN, 1000, &suppressed));
    for (unsigned i = 0; i < 7; i++)
        assert_false(log_limit_pass(&limit, message, LOG_WARN, 1000 + LOG_WINDOW_S - 1, &suppressed));
    assert_true(log_limit_pass(&limit, message, LOG_WARN, 1000 + LOG_WINDOW_S, &suppressed));
    assert_int_equal(suppressed, 7);
    assert_true(log_limit_pass(&limit, message, LOG_WARN, 1000 + LOG_WINDOW_S, &suppressed));
    assert_int_equal(suppressed, 0);
    assert_int_equal(atomic_load(&limit.suppressed), 7);
}

static void messages_have_bounds_of_their_own(void **state)
{
    (void)state;
    struct log_limit limit = {0};
    static const char text[1024];
    uint32_t suppressed;
    for (unsigned i = 0; i < 2 * LOG_BURST; i++)
        log_limit_pass(&limit, text, LOG_WARN, 1000, &suppressed);
    assert_false(log_limit_pass(&limit, text, LOG_WARN, 1000, &suppressed));
    for (unsigned i = 1; i < 1024; i++) // far more than there is room for: nothing of them is lost
        assert_true(log_limit_pass(&limit, text + i, LOG_WARN, 1000, &suppressed) || i < LOG_MESSAGES_MAX);
}

static void what_does_not_come_again_is_told_when_its_window_is_over(void **state)
{
    (void)state;
    struct log_limit limit = {0};
    static const char messages[2][8] = {"again", "ever"};
    struct log_suppressed left_out;
    uint32_t suppressed;
    for (unsigned i = 0; i < LOG_BURST + 7; i++)
        log_limit_pass(&limit, messages[0], LOG_WARN, 1000, &suppressed);
    for (unsigned i = 0; i < LOG_BURST + 3; i++)
        log_limit_pass(&limit, messages[1], LOG_ERROR, 1001, &suppressed);
    assert_false(log_limit_take(&limit, 1000 + LOG_WINDOW_S - 1, &left_out));
    assert_true(log_limit_take(&limit, 1000 + LOG_WINDOW_S, &left_out));
    assert_ptr_equal(left_out.message, messages[0]);
    assert_int_equal(left_out.severity, LOG_WARN);
    assert_int_equal(left_out.count, 7);
    assert_false(log_limit_take(&limit, 1000 + LOG_WINDOW_S, &left_out)); // once, and not the other's
    assert_true(log_limit_take(&limit, UINT64_MAX, &left_out));
    assert_ptr_equal(left_out.message, messages[1]);
    assert_int_equal(left_out.severity, LOG_ERROR);
    assert_int_equal(left_out.count, 3);
    // Who comes again does not tell it twice.
    assert_true(log_limit_pass(&limit, messages[0], LOG_WARN, 1000 + 2 * LOG_WINDOW_S, &suppressed));
    assert_int_equal(suppressed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_passes_so_often_in_a_window_and_then_says_what_was_left_out),
        cmocka_unit_test(what_does_not_come_again_is_told_when_its_window_is_over),
        cmocka_unit_test(messages_have_bounds_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
