// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/descriptors.h"

#include "tests/support/cmocka_all.h"
#include "tests/support/in_child.h"

#include <fcntl.h>
#include <sys/socket.h>

enum { LOOKED_AT = 300 };

static int open_count(void)
{
    int count = 0;
    for (int fd = 0; fd < LOOKED_AT; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static int keep_one(void *context)
{
    int keep = *(int *)context;
    CHECK(dup2(0, keep) == keep || dup2(1, keep) == keep);
    dup2(keep, 250);
    struct layer_report report;
    descriptors_close_all_but(keep, &report);
    CHECK(report.state == LAYER_ACTIVE);
    CHECK(fcntl(keep, F_GETFD) >= 0);
    CHECK(open_count() == 1);
    return 0;
}

static void descriptors_close_all_but_the_one_to_keep(void **state)
{
    (void)state;
    for (int keep = 0; keep < 5; keep++)
        assert_int_equal(in_child(keep_one, &keep), 0);
}

static int as_zero(void *context)
{
    int wanted = *(int *)context;
    int pair[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    CHECK(dup2(pair[0], 200) == 200 && dup2(pair[1], wanted) == wanted);
    CHECK(descriptors_keep_as_zero(wanted));
    CHECK(open_count() == 1);
    int type = 0;
    socklen_t size = sizeof type;
    CHECK(getsockopt(0, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM);
    return 0;
}

static void descriptors_keep_as_zero_leaves_the_socket_alone_as_zero(void **state)
{
    (void)state;
    for (int wanted = 0; wanted < 10; wanted++)
        assert_int_equal(in_child(as_zero, &wanted), 0);
}

static int of_nothing(void *context)
{
    (void)context;
    CHECK(!descriptors_keep_as_zero(299));
    return 0;
}

static void descriptors_keep_as_zero_fails_without_a_socket(void **state)
{
    (void)state;
    assert_int_equal(in_child(of_nothing, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptors_close_all_but_the_one_to_keep),
        cmocka_unit_test(descriptors_keep_as_zero_leaves_the_socket_alone_as_zero),
        cmocka_unit_test(descriptors_keep_as_zero_fails_without_a_socket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
