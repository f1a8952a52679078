// SPDX-License-Identifier: Apache-2.0
#include "base/fd.h"

#include "base/require.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DESCRIPTORS_MAX = 16 };

bool fd_write_all(int fd, const void *data, size_t length, struct error *err)
{
    const char *at = data;
    while (length > 0) {
        ssize_t written = write(fd, at, length);
        if (written < 0) {
            if (errno == EINTR)
                continue;
            return error_system(err, errno, "cannot write");
        }
        at += written;
        length -= (size_t)written;
    }
    return true;
}

bool fd_read_exact(int fd, void *data, size_t length, struct error *err)
{
    char *at = data;
    while (length > 0) {
        ssize_t got = read(fd, at, length);
        if (got < 0) {
            if (errno == EINTR)
                continue;
            return error_system(err, errno, "cannot read");
        }
        if (got == 0)
            return error_set(err, ERROR_CLOSED, "the peer closed with %zu bytes missing", length);
        at += got;
        length -= (size_t)got;
    }
    return true;
}

bool fd_set_nonblocking(int fd, bool nonblocking, struct error *err)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0)
        return error_system(err, errno, "cannot read the flags of descriptor %d", fd);
    int wanted = nonblocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
    if (wanted != flags && fcntl(fd, F_SETFL, wanted) < 0)
        return error_system(err, errno, "cannot set the flags of descriptor %d", fd);
    return true;
}

bool fd_hold_standard(struct error *err)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            continue;
        // The lowest free number is taken: this one. Programs that are started find it open as well.
        int held = open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
        if (held < 0)
            return error_system(err, errno, "/dev/null");
    }
    return true;
}

bool fd_socket_pair(int type, int ret_fds[2], struct error *err)
{
    int fds[2];
    if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds) < 0)
        return error_system(err, errno, "cannot make a socket pair");
    ret_fds[0] = fds[0];
    ret_fds[1] = fds[1];
    return true;
}

bool fd_send_packet(int socket, const void *data, size_t length, const int *fds, unsigned fd_count,
                    struct error *err)
{
    require(fd_count <= DESCRIPTORS_MAX);
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))];
    } control;
    struct iovec part = {.iov_base = (void *)data, .iov_len = length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (fd_count > 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
        memcpy(CMSG_DATA(header), fds, fd_count * sizeof(int));
    }
    ssize_t sent;
    do {
        sent = sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0) {
        bool peer_is_gone = errno == EPIPE || errno == ECONNRESET;
        error_system(err, errno, "cannot send a packet");
        if (peer_is_gone && err != NULL)
            err->kind = ERROR_CLOSED;
        return false;
    }
    if ((size_t)sent != length)
        return error_set(err, ERROR_PROTOCOL, "a packet was sent in part");
    return true;
}

// Every descriptor that came, up to `capacity` into `fds`; the rest is closed. Returns how many came.
static unsigned take_descriptors(struct msghdr *message, int *fds, unsigned capacity)
{
    unsigned count = 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL;
         header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        size_t came = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < came; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
            if (count < capacity)
                fds[count] = fd;
            else
                close(fd);
            count++;
        }
    }
    return count;
}

bool fd_peer_has_read_all(int socket)
{
    int unread = 0;
    return ioctl(socket, SIOCOUTQ, &unread) != 0 || unread == 0;
}

ssize_t fd_receive_packet(int socket, void *data, size_t size, int *ret_fds, unsigned fd_capacity,
                          unsigned *ret_fd_count, struct error *err)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))];
    } control;
    require(fd_capacity <= DESCRIPTORS_MAX);
    struct iovec part = {.iov_base = data, .iov_len = size};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t length;
    do {
        length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    } while (length < 0 && errno == EINTR);
    if (length < 0) {
        error_system(err, errno, "cannot receive a packet");
        return -1;
    }
    int fds[DESCRIPTORS_MAX];
    unsigned count = take_descriptors(&message, fds, fd_capacity);
    if (count > fd_capacity || (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
        for (unsigned i = 0; i < count && i < fd_capacity; i++)
            close(fds[i]);
        error_set(err, ERROR_PROTOCOL, "a packet was too long, or carried too many descriptors");
        return -1;
    }
    if (count > 0)
        memcpy(ret_fds, fds, count * sizeof *fds);
    if (ret_fd_count != NULL)
        *ret_fd_count = count;
    return length;
}
