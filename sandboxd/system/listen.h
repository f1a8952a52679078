// SPDX-License-Identifier: Apache-2.0
// Listening sockets: addresses as people write them, opening one, and those that systemd hands over.
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <sys/un.h>

enum { LISTEN_NAME_SIZE = 160 };

struct listen_address {
    bool is_unix;
    bool is_local;               // loopback or a Unix socket: other hosts cannot reach it
    char host[LISTEN_NAME_SIZE]; // "127.0.0.1", "::1", "localhost", "" for every address
    char port[8];                // digits
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)]; // of a Unix socket
};

// "127.0.0.1:8080", "[::1]:8080", "localhost:0", ":8080", "unix:/run/sandboxd.sock".
bool listen_address_parse(const char *text, struct listen_address *ret_address, struct error *err);

// A listening, non-blocking socket. A Unix socket's file that nobody listens on any more is replaced.
int listen_open(const struct listen_address *address, struct error *err); // -1 on failure

// What a listening socket is bound to, as listen_address_parse reads it; with the real port.
void listen_name(int fd, char name[LISTEN_NAME_SIZE]);
bool listen_is_local(int fd);

// Descriptors 3.. that systemd's socket activation passed to this process (sd_listen_fds(3)); 0 if none.
// Makes them close-on-exec and non-blocking, and takes the variables out of the environment.
int listen_inherited(int ret_fds[], int capacity, struct error *err); // -1: something other than sockets
