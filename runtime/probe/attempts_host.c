// SPDX-License-Identifier: Apache-2.0
// Whether the things that the attacker laid out on the host can be reached: for each namespace, something of
// the one that it must not be in.
#include "runtime/probe/attempt.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#define GROUP "host"

// Newer than the headers of some distributions that we build on: _IO(0xff, 1) and on.
enum {
    PIDFD_GET_CGROUP = 0xff01,
    PIDFD_GET_IPC,
    PIDFD_GET_MOUNT,
    PIDFD_GET_NETWORK,
    PIDFD_GET_PID,
    PIDFD_GET_USER = 0xff09,
    PIDFD_GET_UTS,
};

static int is_namespace(const struct probe_baits *baits, unsigned question, enum probe_bait bait)
{
    struct stat status;
    int self = (int)syscall(SYS_pidfd_open, (pid_t)baits->value[BAIT_OWN_PID], 0);
    if (self < 0)
        return errno;
    // Before Linux 6.11 it cannot be asked so; then it cannot be told, and is no way out.
    int own = (int)syscall(SYS_ioctl, self, question, 0);
    if (own < 0 || fstat(own, &status) != 0)
        return errno;
    return (int64_t)status.st_ino == baits->value[bait] ? 0 : EXDEV;
}

static int is_cgroup_namespace(const struct probe_baits *baits)
{
    return is_namespace(baits, PIDFD_GET_CGROUP, BAIT_CGROUP_NAMESPACE);
}

static int is_ipc_namespace(const struct probe_baits *baits)
{
    return is_namespace(baits, PIDFD_GET_IPC, BAIT_IPC_NAMESPACE);
}

static int is_mount_namespace(const struct probe_baits *baits)
{
    return is_namespace(baits, PIDFD_GET_MOUNT, BAIT_MOUNT_NAMESPACE);
}

static int is_network_namespace(const struct probe_baits *baits)
{
    return is_namespace(baits, PIDFD_GET_NETWORK, BAIT_NETWORK_NAMESPACE);
}

static int is_pid_namespace(const struct probe_baits *baits)
{
    return is_namespace(baits, PIDFD_GET_PID, BAIT_PID_NAMESPACE);
}

static int is_user_namespace(const struct probe_baits *baits)
{
    return is_namespace(baits, PIDFD_GET_USER, BAIT_USER_NAMESPACE);
}

static int is_uts_namespace(const struct probe_baits *baits)
{
    return is_namespace(baits, PIDFD_GET_UTS, BAIT_UTS_NAMESPACE);
}

static int read_host_name(const struct probe_baits *baits)
{
    (void)baits;
    struct utsname names;
    if (syscall(SYS_uname, &names) != 0)
        return errno;
    return strcmp(names.nodename, "sandbox") != 0 ? 0 : ENOENT;
}

static int look_at_shared_memory(const struct probe_baits *baits)
{
    struct shmid_ds segment;
    return syscall(SYS_shmctl, (int)baits->value[BAIT_SHM_ID], IPC_STAT, &segment) == 0 ? 0 : errno;
}

static int send_to_loopback(const struct probe_baits *baits)
{
    struct sockaddr_in there = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)baits->value[BAIT_UDP_PORT]),
                                .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int own = (int)syscall(SYS_socket, AF_INET, SOCK_DGRAM, 0);
    if (own < 0)
        return errno;
    return syscall(SYS_sendto, own, "x", 1, 0, &there, sizeof there) == 1 ? 0 : errno;
}

#define NAMESPACE(name, function, layer) \
    { \
        GROUP, "the host's " name " namespace", SYS_pidfd_open, {0}, function, .layers = HELD_BY(layer), \
                                                                               .takes_descriptor = true \
    }

static const struct attempt table[] = {
    NAMESPACE("cgroup", is_cgroup_namespace, CGROUP_NAMESPACE),
    NAMESPACE("ipc", is_ipc_namespace, IPC_NAMESPACE),
    NAMESPACE("mount", is_mount_namespace, MOUNT_NAMESPACE),
    NAMESPACE("network", is_network_namespace, NETWORK_NAMESPACE),
    NAMESPACE("pid", is_pid_namespace, PID_NAMESPACE),
    NAMESPACE("user", is_user_namespace, USER_NAMESPACE),
    NAMESPACE("uts", is_uts_namespace, UTS_NAMESPACE),
    {GROUP, "the host's name", SYS_uname, {0}, read_host_name, .layers = HELD_BY(UTS_NAMESPACE)},
    {GROUP,
     "shared memory of the host",
     SYS_shmctl,
     {0},
     look_at_shared_memory,
     .layers = HELD_BY(IPC_NAMESPACE)},
    {GROUP,
     "a UDP port of the host",
     SYS_socket,
     {0},
     send_to_loopback,
     .layers = HELD_BY(NETWORK_NAMESPACE),
     .takes_descriptor = true},
};

struct attempts attempts_on_host(void)
{
    return ATTEMPTS(table);
}
