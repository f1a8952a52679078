// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/observe/plugin_log.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MESSAGE_SIZE = 4096, RECORDS_BYTES_MAX = 1 << 20 };

static const char STANDARD_ERROR[] = "-";

static int open_file(const char *path, struct error *err)
{
    if (strcmp(path, STANDARD_ERROR) == 0)
        return fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    // A named pipe without a reader is an error, and no reason to wait.
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
    if (fd < 0)
        error_system(err, errno, "cannot open log.plugin_file %s", path);
    return fd;
}

bool plugin_log_open(struct service *service, struct error *err)
{
    service->plugin_log_fd = -1;
    if (service->config.log_plugin_file[0] == '\0')
        return true;
    service->plugin_log_fd = open_file(service->config.log_plugin_file, err);
    return service->plugin_log_fd >= 0;
}

bool plugin_log_reopen(struct service *service, struct error *err)
{
    if (service->plugin_log_fd < 0)
        return true;
    autoclose int fresh = open_file(service->config.log_plugin_file, err);
    // The number stays, so that whoever writes meanwhile writes to the one or the other.
    return fresh >= 0 && (dup3(fresh, service->plugin_log_fd, O_CLOEXEC) >= 0 ||
                          error_system(err, errno, "cannot change to log.plugin_file"));
}

void plugin_log_close(struct service *service)
{
    if (service->plugin_log_fd > STDERR_FILENO)
        close(service->plugin_log_fd);
}

static enum severity severity_of(enum log_level level)
{
    enum severity severity = LOG_INFO;
    (void)severity_by_name(plugin_log_level_name(level), &severity);
    return severity;
}

void plugin_log_gather(const struct service *service, const struct log_context *context,
                       const struct run_result *result, struct buffer *records)
{
    *records = buffer_make(RECORDS_BYTES_MAX);
    if (service->plugin_log_fd < 0)
        return;
    const struct log_site site = {.module = "plugin", .context = context, .every = true};
    for (uint32_t i = 0; i < result->log_count; i++) {
        const struct run_log_line *line = &result->logs[i];
        enum severity severity = severity_of(line->level);
        if (!log_wanted(&service->logger, &site, severity))
            continue;
        char message[MESSAGE_SIZE];
        snprintf(message, sizeof message, "%.*s", (int)line->message.length, line->message.data);
        const struct log_field fields[] = {LOG_TEXT("source", "plugin"),
                                           LOG_DOUBLE("at_ms", (double)line->at_us / 1000)};
        size_t before = records->length;
        log_put(records, &service->logger, &site, severity, message, fields, 2);
        if (!buffer_ok(records)) { // what came before is kept
            records->length = before;
            records->failed = false;
            return;
        }
    }
}

// As the service's own log waits: once, and not again until somebody reads.
static bool can_write(struct service *service)
{
    struct pollfd out = {.fd = service->plugin_log_fd, .events = POLLOUT};
    bool ready = poll(&out, 1, atomic_load(&service->plugin_log_stalled) ? 0 : LOG_PATIENCE_MS) == 1;
    if (ready == atomic_load(&service->plugin_log_stalled))
        atomic_store(&service->plugin_log_stalled, !ready);
    return ready;
}

// A pipe that takes anything takes PIPE_BUF bytes without waiting. Whole lines, as many as that is, since
// other threads write between two pieces; at least one.
static size_t piece(const char *data, size_t length)
{
    if (length <= PIPE_BUF)
        return length;
    const char *end = memrchr(data, '\n', PIPE_BUF);
    if (end == NULL)
        end = memchr(data, '\n', length);
    return end != NULL ? (size_t)(end - data) + 1 : length;
}

// How much was written, going on after EINTR and short writes.
static size_t write_most(struct service *service, const char *data, size_t length)
{
    size_t done = 0;
    while (done < length && can_write(service)) {
        ssize_t written = write(service->plugin_log_fd, data + done, piece(data + done, length - done));
        if (written < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (written <= 0)
            break;
        done += (size_t)written;
    }
    return done;
}

void plugin_log_write(struct service *service, struct buffer *records)
{
    if (records->length == 0) {
        buffer_free(records);
        return;
    }
    struct buffer whole = buffer_make(SIZE_MAX);
    bool was_torn = atomic_exchange(&service->plugin_log_torn, false);
    if (was_torn) // in one piece with what follows: others write too
        buffer_append_byte(&whole, '\n');
    buffer_append(&whole, records->data, records->length);
    struct buffer *out = buffer_ok(&whole) ? &whole : records;
    size_t done = write_most(service, out->data, out->length);
    if (done < out->length && (done > 0 ? out->data[done - 1] != '\n' : was_torn))
        atomic_store(&service->plugin_log_torn, true);
    for (size_t at = done; at < out->length; at++)
        if (out->data[at] == '\n' && !(at == 0 && was_torn && out == &whole))
            atomic_fetch_add(&service->plugin_log_lost, 1);
    buffer_free(&whole);
    buffer_free(records);
}
