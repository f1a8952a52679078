// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/namespaces.h"

#include "runtime/zygote/user_namespace.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/host.h"
#include "tests/support/in_child.h"

#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/utsname.h>

// The power to make the others, where the test is not run as root.
static int become_able(void)
{
    struct layer_report report;
    if (geteuid() != 0) {
        user_namespace_enter(&report);
        CHECK(report.state == LAYER_ACTIVE);
    }
    return 0;
}

static int network(void *context)
{
    (void)context;
    CHECK(become_able() == 0);
    struct layer_report report;
    network_namespace_enter(&report);
    CHECK(report.state == LAYER_ACTIVE);
    struct if_nameindex *interfaces = if_nameindex();
    CHECK(interfaces != NULL);
    CHECK(interfaces[0].if_index != 0 && strcmp(interfaces[0].if_name, "lo") == 0);
    CHECK(interfaces[1].if_index == 0);
    int socket_fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct ifreq request = {.ifr_name = "lo"};
    CHECK(socket_fd >= 0 && ioctl(socket_fd, SIOCGIFFLAGS, &request) == 0);
    CHECK((request.ifr_flags & IFF_UP) == 0);
    struct sockaddr_in loopback = {.sin_family = AF_INET, .sin_port = htons(9)};
    loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(connect(socket_fd, (struct sockaddr *)&loopback, sizeof loopback) != 0);
    return 0;
}

static void network_namespace_has_nothing_but_a_loopback_that_is_down(void **state)
{
    (void)state;
    need_host("network_namespace", host_has_namespace(CLONE_NEWNET));
    assert_int_equal(in_child(network, NULL), 0);
}

static int pid_is_one(void *context)
{
    (void)context;
    CHECK(getpid() == 1);
    CHECK(getppid() == 0);
    return 0;
}

static int pid(void *context)
{
    (void)context;
    CHECK(become_able() == 0);
    struct layer_report report;
    pid_namespace_enter(&report);
    CHECK(report.state == LAYER_ACTIVE);
    return in_child(pid_is_one, NULL);
}

static void pid_namespace_makes_the_next_child_pid_one(void **state)
{
    (void)state;
    need_host("pid_namespace", host_has_namespace(CLONE_NEWPID));
    assert_int_equal(in_child(pid, NULL), 0);
}

static int ipc(void *context)
{
    CHECK(become_able() == 0);
    struct layer_report report;
    ipc_namespace_enter(&report);
    CHECK(report.state == LAYER_ACTIVE);
    // The segment of the outer namespace exists no more.
    CHECK(shmat(*(int *)context, NULL, 0) == (void *)-1);
    return 0;
}

static void ipc_namespace_hides_shared_memory(void **state)
{
    (void)state;
    need_host("ipc_namespace", host_has_namespace(CLONE_NEWIPC));
    int segment = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
    assert_true(segment >= 0);
    int told = in_child(ipc, &segment);
    shmctl(segment, IPC_RMID, NULL);
    assert_int_equal(told, 0);
}

static int uts(void *context)
{
    (void)context;
    CHECK(become_able() == 0);
    struct layer_report report;
    uts_namespace_enter(&report);
    CHECK(report.state == LAYER_ACTIVE);
    struct utsname names;
    CHECK(uname(&names) == 0);
    CHECK(strcmp(names.nodename, "sandbox") == 0 && strcmp(names.domainname, "sandbox") == 0);
    return 0;
}

static void uts_namespace_hides_the_hosts_name(void **state)
{
    (void)state;
    need_host("uts_namespace", host_has_namespace(CLONE_NEWUTS));
    assert_int_equal(in_child(uts, NULL), 0);
}

static int cgroup(void *context)
{
    (void)context;
    CHECK(become_able() == 0);
    struct layer_report report;
    cgroup_namespace_enter(&report);
    CHECK(report.state == LAYER_ACTIVE);
    return 0;
}

static void cgroup_namespace_is_made(void **state)
{
    (void)state;
    need_host("cgroup_namespace", host_has_namespace(CLONE_NEWCGROUP));
    assert_int_equal(in_child(cgroup, NULL), 0);
}

static int refused(void *context)
{
    (void)context;
    if (geteuid() == 0)
        CHECK(setresuid(65533, 65533, 65533) == 0);
    struct layer_report report;
    network_namespace_enter(&report);
    CHECK(report.state == LAYER_MISSING);
    CHECK(strstr(report.reason, "Operation not permitted") != NULL);
    return 0;
}

static void namespace_that_the_kernel_refuses_is_missing_with_the_reason(void **state)
{
    (void)state;
    assert_int_equal(in_child(refused, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(network_namespace_has_nothing_but_a_loopback_that_is_down),
        cmocka_unit_test(pid_namespace_makes_the_next_child_pid_one),
        cmocka_unit_test(ipc_namespace_hides_shared_memory),
        cmocka_unit_test(uts_namespace_hides_the_hosts_name),
        cmocka_unit_test(cgroup_namespace_is_made),
        cmocka_unit_test(namespace_that_the_kernel_refuses_is_missing_with_the_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
