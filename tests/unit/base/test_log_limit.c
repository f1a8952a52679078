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
        assert_true(log_limit_pass(&limit, message, 1000, &suppressed));
    for (unsigned i = 0; i < 7; i++)
        assert_false(log_limit_pass(&limit, message, 1000 + LOG_WINDOW_S - 1, &suppressed));
    assert_true(log_limit_pass(&limit, message, 1000 + LOG_WINDOW_S, &suppressed));
    assert_int_equal(suppressed, 7);
    assert_true(log_limit_pass(&limit, message, 1000 + LOG_WINDOW_S, &suppressed));
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
        log_limit_pass(&limit, text, 1000, &suppressed);
    assert_false(log_limit_pass(&limit, text, 1000, &suppressed));
    for (unsigned i = 1; i < 1024; i++) // far more than there is room for: nothing of them is lost
        assert_true(log_limit_pass(&limit, text + i, 1000, &suppressed) || i < LOG_MESSAGES_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_passes_so_often_in_a_window_and_then_says_what_was_left_out),
        cmocka_unit_test(messages_have_bounds_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
