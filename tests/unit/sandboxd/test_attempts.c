// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "sandboxd/accounts/attempts.h"
#include "tests/support/cmocka_all.h"

#include <stdlib.h>

static void failures_beyond_the_burst_wait_as_long_as_they_are_told(void **state)
{
    (void)state;
    struct attempts *attempts = attempts_new(NULL);
    uint64_t now_ns = 5 * NS_PER_S, wait_ms = 0;
    for (unsigned i = 0; i < ATTEMPTS_BURST; i++)
        assert_true(attempts_take(attempts, "192.0.2.1", now_ns, &wait_ms));
    assert_false(attempts_take(attempts, "192.0.2.1", now_ns, &wait_ms));
    assert_in_range(wait_ms, 1, ATTEMPT_REFILL_MS + 1);
    assert_false(attempts_take(attempts, "192.0.2.1", now_ns + (wait_ms - 2) * NS_PER_MS, &wait_ms));
    now_ns += ATTEMPT_REFILL_MS * NS_PER_MS;
    assert_true(attempts_take(attempts, "192.0.2.1", now_ns, &wait_ms));
    assert_false(attempts_take(attempts, "192.0.2.1", now_ns, &wait_ms));
    attempts_free(attempts);
}

static void addresses_have_limits_of_their_own(void **state)
{
    (void)state;
    struct attempts *attempts = attempts_new(NULL);
    uint64_t wait_ms = 0;
    unsigned refused = 0;
    for (unsigned i = 0; i <= ATTEMPTS_BURST; i++)
        attempts_take(attempts, "192.0.2.1", NS_PER_S, &wait_ms);
    // Some may share the busy one's slot, but not all of them.
    for (char address[] = "a"; address[0] <= 'z'; address[0]++)
        refused += !attempts_take(attempts, address, NS_PER_S, &wait_ms);
    assert_in_range(refused, 0, 5);
    attempts_free(attempts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failures_beyond_the_burst_wait_as_long_as_they_are_told),
        cmocka_unit_test(addresses_have_limits_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
