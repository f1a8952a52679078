// SPDX-License-Identifier: Apache-2.0
// Descriptors: exact reads and writes, socket pairs, passing descriptors. Everything is close-on-exec. Any
// process.
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// Writes all of `data`, going on after EINTR and short writes. Blocking descriptors only. Async-signal-safe
// with err == NULL.
bool fd_write_all(int fd, const void *data, size_t length, struct error *err);
// Reads exactly `length` bytes. ERROR_CLOSED if the peer ended before.
bool fd_read_exact(int fd, void *data, size_t length, struct error *err);
bool fd_set_nonblocking(int fd, bool nonblocking, struct error *err);
// Takes up descriptors 0 to 2 where the caller of this program left them closed, so that none of them comes
// to be a file that this program opens: each with /dev/null the wrong way round, so that using it stays an
// error. To be called before anything is opened.
bool fd_hold_standard(struct error *err);
// A Unix socket pair of `type` (SOCK_STREAM, SOCK_SEQPACKET, plus SOCK_NONBLOCK), close-on-exec.
bool fd_socket_pair(int type, int ret_fds[2], struct error *err);

// Sends one packet with up to 16 descriptors, never blocking and never raising SIGPIPE. Returns false with
// sys_errno EAGAIN if there is no room: send again when the socket is writable. ERROR_CLOSED: the peer is
// gone.
bool fd_send_packet(int socket, const void *data, size_t length, const int *fds, unsigned fd_count,
                    struct error *err);
// Whether the peer of a local socket has taken all that was sent to it.
bool fd_peer_has_read_all(int socket);
// Receives one packet of at most `size` bytes and up to `fd_capacity` descriptors (close-on-exec). A cut
// packet or more descriptors than that is ERROR_PROTOCOL, and none is leaked. Returns the length, 0 at the
// end, -1 on failure (sys_errno EAGAIN: nothing there).
ssize_t fd_receive_packet(int socket, void *data, size_t size, int *ret_fds, unsigned fd_capacity,
                          unsigned *ret_fd_count, struct error *err);
