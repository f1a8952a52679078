// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/system/listen.h"

#include "base/cleanup.h"
#include "base/fd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { INHERITED_FIRST_FD = 3 };

static bool sockaddr_is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_UNIX)
        return true;
    if (address->sa_family == AF_INET)
        return (ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >> 24) == 127;
    if (address->sa_family != AF_INET6)
        return false;
    const struct in6_addr *host = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    return IN6_IS_ADDR_LOOPBACK(host) || (IN6_IS_ADDR_V4MAPPED(host) && host->s6_addr[12] == 127);
}

static struct addrinfo *look_up(const struct listen_address *address, struct error *err)
{
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int failed = getaddrinfo(address->host[0] != '\0' ? address->host : NULL, address->port, &hints, &found);
    if (failed != 0) {
        error_set(err, ERROR_INVALID, "cannot listen on \"%s\": %s", address->host, gai_strerror(failed));
        return NULL;
    }
    return found;
}

// Local only if every address that the name stands for is.
static bool host_is_local(const struct listen_address *address)
{
    struct error ignored;
    struct addrinfo *found = look_up(address, &ignored);
    bool local = found != NULL;
    for (const struct addrinfo *item = found; item != NULL; item = item->ai_next)
        local = local && sockaddr_is_loopback(item->ai_addr);
    if (found != NULL)
        freeaddrinfo(found);
    return local;
}

static bool parse_port(const char *text, char port[8])
{
    size_t length = strspn(text, "0123456789");
    if (length == 0 || length > 5 || text[length] != '\0' || strtoul(text, NULL, 10) > 65535)
        return false;
    memcpy(port, text, length + 1);
    return true;
}

bool listen_address_parse(const char *text, struct listen_address *ret_address, struct error *err)
{
    struct listen_address address = {.is_unix = strncmp(text, "unix:", 5) == 0};
    if (address.is_unix) {
        if (text[5] != '/' || strlen(text + 5) >= sizeof(address.path))
            return error_set(err, ERROR_INVALID,
                             "\"%s\" is no address: a Unix socket is unix:/path, absolute, at most %zu bytes",
                             text, sizeof(address.path) - 1);
        strcpy(address.path, text + 5);
        address.is_local = true;
        *ret_address = address;
        return true;
    }
    const char *colon = strrchr(text, ':');
    const char *host = text;
    size_t host_length = colon != NULL ? (size_t)(colon - text) : 0;
    if (host_length >= 2 && host[0] == '[' && host[host_length - 1] == ']') {
        host++;
        host_length -= 2;
    } else if (memchr(host, ':', host_length) != NULL) {
        colon = NULL; // an IPv6 address without brackets
    }
    if (colon == NULL || host_length >= sizeof(address.host) || !parse_port(colon + 1, address.port))
        return error_set(
            err, ERROR_INVALID,
            "\"%s\" is no address: expected host:port, [IPv6]:port or unix:/path, as in 127.0.0.1:8080",
            text);
    memcpy(address.host, host, host_length);
    address.is_local = host_is_local(&address);
    *ret_address = address;
    return true;
}

static int open_internet(const struct listen_address *address, struct error *err)
{
    struct addrinfo *found = look_up(address, err);
    if (found == NULL)
        return -1;
    autoclose int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int one = 1;
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    bool open = fd >= 0 && bind(fd, found->ai_addr, found->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0;
    if (!open)
        error_system(err, errno, "cannot listen on %s:%s", address->host, address->port);
    freeaddrinfo(found);
    return open ? take_fd(&fd) : -1;
}

// True if a server answers on the socket's file.
static bool somebody_listens(const struct sockaddr_un *name)
{
    autoclose int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return fd >= 0 && connect(fd, (const struct sockaddr *)name, sizeof(*name)) == 0;
}

static int open_unix(const struct listen_address *address, struct error *err)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    strcpy(name.sun_path, address->path);
    struct stat status;
    if (lstat(address->path, &status) == 0 && S_ISSOCK(status.st_mode)) {
        if (somebody_listens(&name)) {
            error_set(err, ERROR_CONFLICT, "another server listens on unix:%s", address->path);
            return -1;
        }
        unlink(address->path);
    }
    autoclose int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    // Owner and group, whatever the umask: whoever may connect may run plugins when auth is off. Nobody can
    // before it listens.
    if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof(name)) < 0 || chmod(address->path, 0660) < 0 ||
        listen(fd, SOMAXCONN) < 0) {
        error_system(err, errno, "cannot listen on unix:%s", address->path);
        return -1;
    }
    return take_fd(&fd);
}

int listen_open(const struct listen_address *address, struct error *err)
{
    return address->is_unix ? open_unix(address, err) : open_internet(address, err);
}

void listen_name(int fd, char name[LISTEN_NAME_SIZE])
{
    struct sockaddr_storage bound = {0};
    socklen_t size = sizeof(bound);
    char host[INET6_ADDRSTRLEN] = "", port[8] = "";
    snprintf(name, LISTEN_NAME_SIZE, "descriptor %d", fd);
    if (getsockname(fd, (struct sockaddr *)&bound, &size) < 0)
        return;
    if (bound.ss_family == AF_UNIX)
        snprintf(name, LISTEN_NAME_SIZE, "unix:%s", ((struct sockaddr_un *)(void *)&bound)->sun_path);
    else if (getnameinfo((struct sockaddr *)&bound, size, host, sizeof(host), port, sizeof(port),
                         NI_NUMERICHOST | NI_NUMERICSERV) == 0)
        snprintf(name, LISTEN_NAME_SIZE, bound.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

bool listen_is_local(int fd)
{
    struct sockaddr_storage bound = {0};
    socklen_t size = sizeof(bound);
    return getsockname(fd, (struct sockaddr *)&bound, &size) == 0 &&
           sockaddr_is_loopback((struct sockaddr *)&bound);
}

int listen_inherited(int ret_fds[], int capacity, struct error *err)
{
    const char *pid = getenv("LISTEN_PID"), *count_text = getenv("LISTEN_FDS");
    bool ours = pid != NULL && count_text != NULL && strtol(pid, NULL, 10) == (long)getpid();
    int count = ours ? (int)strtol(count_text, NULL, 10) : 0;
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    if (count < 0 || count > capacity) {
        error_set(err, ERROR_INVALID, "LISTEN_FDS is %d; at most %d sockets can be taken over", count,
                  capacity);
        return -1;
    }
    for (int i = 0; i < count; i++) {
        int fd = INHERITED_FIRST_FD + i, listening = 0;
        socklen_t size = sizeof(listening);
        if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) < 0 || !listening) {
            error_set(err, ERROR_INVALID, "descriptor %d of LISTEN_FDS is not a listening socket", fd);
            return -1;
        }
        if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || !fd_set_nonblocking(fd, true, err))
            return -1;
        ret_fds[i] = fd;
    }
    return count;
}
