// SPDX-License-Identifier: Apache-2.0
// What an HTTP echo costs when nothing is checked: reads a request, copies its body once, writes it back. One
// thread per connection, keep-alive, Content-Length only. Prints its port and ends when its standard input
// does.
#include <arpa/inet.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST_MAX = 4 << 20, HEAD_MAX = 128 };

static size_t read_request(int fd, char *request, size_t *ret_head)
{
    size_t length = 0;
    for (;;) {
        ssize_t got = read(fd, request + length, REQUEST_MAX - length);
        if (got <= 0)
            return 0;
        length += (size_t)got;
        request[length] = '\0';
        char *end = strstr(request, "\r\n\r\n");
        char *declared = strcasestr(request, "content-length:");
        if (end == NULL || declared == NULL)
            continue;
        size_t head = (size_t)(end + 4 - request);
        size_t total = head + strtoul(declared + strlen("content-length:"), NULL, 10);
        while (length < total) {
            got = read(fd, request + length, total - length);
            if (got <= 0)
                return 0;
            length += (size_t)got;
        }
        *ret_head = head;
        return total;
    }
}

static bool write_all(int fd, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t put = write(fd, data, length);
        if (put <= 0)
            return false;
        data += put;
        length -= (size_t)put;
    }
    return true;
}

static void *serve(void *argument)
{
    int fd = (int)(long)argument;
    char *request = malloc(REQUEST_MAX + 1), *response = malloc(REQUEST_MAX + HEAD_MAX);
    size_t head, length;
    while (request != NULL && response != NULL && (length = read_request(fd, request, &head)) > 0) {
        int written =
            snprintf(response, HEAD_MAX, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", length - head);
        memcpy(response + written, request + head, length - head);
        if (!write_all(fd, response, (size_t)written + length - head))
            break;
    }
    free(request);
    free(response);
    close(fd);
    return NULL;
}

static void *end_with_input(void *argument)
{
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0)
        continue;
    exit(0);
    return argument;
}

int main(void)
{
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 64) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
        perror("echo_server");
        return 1;
    }
    printf("%u\n", ntohs(address.sin_port));
    fflush(stdout);
    pthread_t thread;
    pthread_create(&thread, NULL, end_with_input, NULL);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd >= 0 && pthread_create(&thread, NULL, serve, (void *)(long)fd) == 0)
            pthread_detach(thread);
    }
}
