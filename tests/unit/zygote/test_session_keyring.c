// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/session_keyring.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/in_child.h"

#include <linux/keyctl.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>

// How many bytes of key ids the session keyring holds; -1 where there are no keyrings.
static long held(void)
{
    int32_t ids[64];
    return syscall(SYS_keyctl, KEYCTL_READ, KEY_SPEC_SESSION_KEYRING, ids, sizeof ids);
}

static int leave(void *context)
{
    (void)context;
    // A session as an engine's might be, with a secret in it.
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0)
        return 0; // this host has no keyrings, so nothing is inherited either
    CHECK(syscall(SYS_add_key, "user", "secret", "x", 1, KEY_SPEC_SESSION_KEYRING) > 0);
    CHECK(held() > 0);
    session_keyring_leave();
    CHECK(held() == 0);
    return 0;
}

static void session_keyring_left_takes_no_key_along(void **state)
{
    (void)state;
    assert_int_equal(in_child(leave, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(session_keyring_left_takes_no_key_along)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
