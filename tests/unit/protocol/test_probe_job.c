// SPDX-License-Identifier: Apache-2.0
#include "runtime/protocol/probe_job.h"
#include "tests/support/cmocka_all.h"

static void order_comes_back_as_it_was(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < PROBE_ORDER_COUNT; kind++) {
        struct probe_order order = {.kind = (enum probe_order_kind)kind, .attempt = 17}, back;
        struct buffer text = buffer_make(64);
        probe_order_encode(&text, &order);
        assert_true(probe_order_decode(bytes_of(text.data, text.length), &back));
        assert_int_equal(back.kind, order.kind);
        assert_int_equal(back.attempt, 17);
        buffer_free(&text);
    }
}

static void order_refuses_what_no_attacker_sends(void **state)
{
    (void)state;
    static const char *const codes[] = {"",       "try",         "try ",     "try x",    "try -1",
                                        "try 1 ", "try 1234567", "return 1", "attempt 1"};
    struct probe_order order;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        assert_false(probe_order_decode(bytes_of_text(codes[i]), &order));
}

static void baits_come_back_as_they_were(void **state)
{
    (void)state;
    struct probe_baits baits, back;
    for (int i = 0; i < BAIT_COUNT; i++)
        baits.value[i] = INT64_C(4026531835) * (i - 2);
    struct buffer text = buffer_make(1024);
    probe_baits_encode(&text, &baits);
    assert_true(probe_baits_decode(bytes_of(text.data, text.length), &back));
    assert_memory_equal(&back, &baits, sizeof baits);
    buffer_free(&text);
}

static void baits_refuse_another_count_or_type(void **state)
{
    (void)state;
    static const char *const texts[] = {"null",
                                        "[]",
                                        "[1,2]",
                                        "{}",
                                        "[0,0,0,0,0,0,0,0,0,0,0,0,0]",
                                        "[0,0,0,0,0,0,0,0,0,0,0,\"0\"]",
                                        "[0,0,0,0,0,0,0,0,0,0,0,0.5]"};
    struct probe_baits baits;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(probe_baits_decode(bytes_of_text(texts[i]), &baits));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_comes_back_as_it_was),
        cmocka_unit_test(order_refuses_what_no_attacker_sends),
        cmocka_unit_test(baits_come_back_as_they_were),
        cmocka_unit_test(baits_refuse_another_count_or_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
