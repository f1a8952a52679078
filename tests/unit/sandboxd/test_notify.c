// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "base/cleanup.h"
#include "sandboxd/system/notify.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

static void notify_reaches_the_service_manager(void **state)
{
    (void)state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length =
        snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "sandboxd-notify-%d", (int)getpid());
    autoclose int manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(manager, (struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length)),
                     0);
    address.sun_path[0] = '@';
    setenv("NOTIFY_SOCKET", address.sun_path, 1);
    notify_send("READY=1");
    char text[128] = "";
    assert_int_equal(recv(manager, text, sizeof(text) - 1, MSG_DONTWAIT), 7);
    assert_string_equal(text, "READY=1");
    notify_reloading();
    assert_true(recv(manager, text, sizeof(text) - 1, MSG_DONTWAIT) > 0);
    assert_memory_equal(text, "RELOADING=1\nMONOTONIC_USEC=", 27);
    unsetenv("NOTIFY_SOCKET");
    notify_send("READY=1"); // nobody asked
    assert_int_equal(recv(manager, text, sizeof(text) - 1, MSG_DONTWAIT), -1);
}

static void watchdog_is_half_of_what_systemd_allows(void **state)
{
    (void)state;
    unsetenv("WATCHDOG_USEC");
    assert_int_equal(notify_watchdog_ms(), 0);
    setenv("WATCHDOG_USEC", "30000000", 1);
    assert_int_equal(notify_watchdog_ms(), 15000);
    setenv("WATCHDOG_PID", "1", 1);
    assert_int_equal(notify_watchdog_ms(), 0); // meant for another process
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notify_reaches_the_service_manager),
        cmocka_unit_test(watchdog_is_half_of_what_systemd_allows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
