// SPDX-License-Identifier: Apache-2.0
#include "runtime/probe/attempt.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#define GROUP "network"
#define SOCKET(family, type, protocol) \
    { \
        GROUP, "socket " #family " " #type, SYS_socket, \
        { \
            family, type, protocol \
        } \
    }
#define OWN_SOCKET "its own socket leads to the engine, which takes bytes only"

static struct sockaddr_un abstract = {.sun_family = AF_UNIX, .sun_path = "\0sandbox-probe"};
static struct sockaddr_in loopback = {.sin_family = AF_INET, .sin_port = 0x901f, .sin_addr = {0x0100007f}};
static char scratch[256];
static int one = 1;
static int passed = 0; // the descriptor to pass
static union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
} control = {
    .header = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
static struct iovec vector = {.iov_base = scratch, .iov_len = 1};
static struct msghdr message = {
    .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};

static const struct attempt table[] = {
    SOCKET(AF_UNIX, SOCK_STREAM, 0),
    SOCKET(AF_INET, SOCK_STREAM, 0),
    SOCKET(AF_INET, SOCK_DGRAM, 0),
    SOCKET(AF_INET, SOCK_RAW, 255),
    SOCKET(AF_INET6, SOCK_STREAM, 0),
    SOCKET(AF_NETLINK, SOCK_RAW, 0),
    SOCKET(AF_PACKET, SOCK_RAW, 0x0300),
    SOCKET(AF_VSOCK, SOCK_STREAM, 0),
    SOCKET(AF_ALG, SOCK_SEQPACKET, 0),
    SOCKET(AF_BLUETOOTH, SOCK_RAW, 1),
    SOCKET(AF_XDP, SOCK_RAW, 0),
    {GROUP, "socketpair", SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0, POINTER(scratch)}},
    {GROUP, "connect of its own socket elsewhere", SYS_connect, {0, POINTER(&abstract), sizeof abstract}},
    {GROUP, "connect to loopback", SYS_connect, {0, POINTER(&loopback), sizeof loopback}},
    {GROUP,
     "bind",
     SYS_bind,
     {0, POINTER(&abstract), 16},
     NULL,
     "a name for its own socket, which nobody asks for"},
    {GROUP, "listen", SYS_listen, {0, 1}},
    {GROUP, "accept4", SYS_accept4, {0, 0, 0, 0}},
    {GROUP, "sendto elsewhere", SYS_sendto, {0, POINTER(scratch), 1, 0, POINTER(&abstract), 16}},
    {GROUP, "sendmsg with a descriptor", SYS_sendmsg, {0, POINTER(&message), 0}, NULL, OWN_SOCKET},
    {GROUP, "recvmsg", SYS_recvmsg, {0, POINTER(&message), MSG_DONTWAIT}},
    {GROUP, "setsockopt", SYS_setsockopt, {0, SOL_SOCKET, SO_RCVLOWAT, POINTER(&one), 4}, NULL, OWN_SOCKET},
    {GROUP,
     "getsockopt",
     SYS_getsockopt,
     {0, SOL_SOCKET, SO_PEERCRED, POINTER(scratch), POINTER(&passed)},
     NULL,
     OWN_SOCKET},
    {GROUP, "shutdown", SYS_shutdown, {0, SHUT_RD}, NULL, OWN_SOCKET},
    {GROUP, "ioctl", SYS_ioctl, {0, 0x541b, POINTER(scratch)}, NULL, OWN_SOCKET},
    {GROUP, "ioctl TIOCSTI", SYS_ioctl, {0, 0x5412, POINTER(scratch)}},
    {GROUP, "fcntl F_DUPFD", SYS_fcntl, {0, 0, 3}},
    {GROUP, "fcntl F_SETOWN", SYS_fcntl, {0, 8, VICTIM_PID}, NULL, "tells a process of input, no more"},
};

struct attempts attempts_on_network(void)
{
    return ATTEMPTS(table);
}
