// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/doctor_baits.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SEGMENT_BYTES = 4096, SEGMENT_MODE = 0666 };

static const struct {
    enum probe_bait bait;
    const char *name;
} namespaces[] = {
    {BAIT_CGROUP_NAMESPACE, "cgroup"}, {BAIT_IPC_NAMESPACE, "ipc"}, {BAIT_MOUNT_NAMESPACE, "mnt"},
    {BAIT_NETWORK_NAMESPACE, "net"},   {BAIT_PID_NAMESPACE, "pid"}, {BAIT_USER_NAMESPACE, "user"},
    {BAIT_UTS_NAMESPACE, "uts"},
};

static void lay_segment(struct doctor_baits *baits)
{
    int id = shmget(IPC_PRIVATE, SEGMENT_BYTES, IPC_CREAT | SEGMENT_MODE);
    if (id < 0)
        return;
    baits->segment = shmat(id, NULL, 0);
    // Marked for removal at once, it lasts exactly as long as somebody holds it.
    shmctl(id, IPC_RMID, NULL);
    if (baits->segment != (void *)-1)
        baits->values.value[BAIT_SHM_ID] = id;
    else
        baits->segment = NULL;
}

static void lay_socket(struct doctor_baits *baits)
{
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof own;
    baits->udp_socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (baits->udp_socket >= 0 && bind(baits->udp_socket, (struct sockaddr *)&own, size) == 0 &&
        getsockname(baits->udp_socket, (struct sockaddr *)&own, &size) == 0)
        baits->values.value[BAIT_UDP_PORT] = ntohs(own.sin_port);
}

void doctor_baits_lay(struct doctor_baits *ret_baits)
{
    *ret_baits = (struct doctor_baits){.udp_socket = -1};
    lay_segment(ret_baits);
    lay_socket(ret_baits);
    for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces; i++) {
        char path[64];
        struct stat status;
        snprintf(path, sizeof path, "/proc/self/ns/%s", namespaces[i].name);
        if (stat(path, &status) == 0)
            ret_baits->values.value[namespaces[i].bait] = (int64_t)status.st_ino;
    }
}

void doctor_baits_take_in(struct doctor_baits *baits)
{
    if (baits->segment != NULL)
        shmdt(baits->segment);
    if (baits->udp_socket >= 0)
        close(baits->udp_socket);
    *baits = (struct doctor_baits){.udp_socket = -1};
}
