// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "base/cleanup.h"
#include "sandboxd/system/listen.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>

static void address_is_host_and_port_or_a_path(void **state)
{
    (void)state;
    struct listen_address address;
    assert_true(listen_address_parse("[::1]:8080", &address, NULL));
    assert_string_equal(address.host, "::1");
    assert_string_equal(address.port, "8080");
    assert_true(address.is_local);
    assert_true(listen_address_parse("unix:/run/s.sock", &address, NULL));
    assert_true(address.is_unix && address.is_local);
    assert_true(listen_address_parse("0.0.0.0:1", &address, NULL));
    assert_false(address.is_local);
    const char *const bad[] = {"",       "8080",  "127.0.0.1", "127.0.0.1:",     "127.0.0.1:x",
                               "::1:80", "unix:", "unix:x",    "127.0.0.1:65536"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(listen_address_parse(bad[i], &address, NULL));
}

static void listening_on_port_0_tells_the_real_one(void **state)
{
    (void)state;
    struct listen_address address;
    char name[LISTEN_NAME_SIZE];
    assert_true(listen_address_parse("127.0.0.1:0", &address, NULL));
    autoclose int fd = listen_open(&address, NULL);
    assert_true(fd >= 0);
    listen_name(fd, name);
    assert_memory_equal(name, "127.0.0.1:", 10);
    assert_true(atoi(name + 10) > 0);
    assert_true(listen_is_local(fd));
    struct error err;
    assert_true(listen_address_parse(name, &address, NULL));
    assert_int_equal(listen_open(&address, &err), -1); // taken
    assert_int_equal(err.kind, ERROR_SYSTEM);
}

static void a_left_over_socket_file_is_replaced_and_a_live_one_is_not(void **state)
{
    (void)state;
    char folder[] = "/tmp/sandboxd-listen-XXXXXX", text[64];
    assert_non_null(mkdtemp(folder));
    snprintf(text, sizeof(text), "unix:%s/s", folder);
    struct listen_address address;
    assert_true(listen_address_parse(text, &address, NULL));
    int first = listen_open(&address, NULL);
    assert_true(first >= 0);
    struct error err;
    assert_int_equal(listen_open(&address, &err), -1);
    assert_int_equal(err.kind, ERROR_CONFLICT);
    close(first);
    autoclose int second = listen_open(&address, NULL);
    assert_true(second >= 0);
    struct stat status;
    assert_int_equal(stat(address.path, &status), 0);
    assert_int_equal(status.st_mode & 0007, 0);
    unlink(address.path);
    rmdir(folder);
}

static void sockets_of_systemd_are_for_the_named_process_only(void **state)
{
    (void)state;
    int fds[4];
    setenv("LISTEN_PID", "1", 1);
    setenv("LISTEN_FDS", "1", 1);
    assert_int_equal(listen_inherited(fds, 4, NULL), 0);
    assert_null(getenv("LISTEN_FDS"));
    char pid[16];
    snprintf(pid, sizeof(pid), "%d", (int)getpid());
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", "9", 1);
    assert_int_equal(listen_inherited(fds, 4, NULL), -1); // too many
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(address_is_host_and_port_or_a_path),
        cmocka_unit_test(listening_on_port_0_tells_the_real_one),
        cmocka_unit_test(a_left_over_socket_file_is_replaced_and_a_live_one_is_not),
        cmocka_unit_test(sockets_of_systemd_are_for_the_named_process_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
