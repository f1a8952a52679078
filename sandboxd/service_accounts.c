// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/service_accounts.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEEP_MS = 10 * 1000 };

static bool write_key(const char *path, const char *text, struct error *err)
{
    char fresh[PATH_MAX + 64], line[API_KEY_SIZE + 1];
    snprintf(fresh, sizeof fresh, "%s.new", path);
    autoclose int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    int length = snprintf(line, sizeof line, "%s\n", text);
    // A file that was there before may have had another mode.
    bool written = fd >= 0 && fchmod(fd, 0600) == 0 && write(fd, line, (size_t)length) == length &&
                   fsync(fd) == 0 && rename(fresh, path) == 0;
    int failed = errno;
    sodium_memzero(line, sizeof line);
    return written || error_system(err, failed, "cannot write the admin's key to %s", path);
}

// The file first: a key in the store that nobody holds would keep the next start from making another.
static bool make_admin_key(struct service *service, struct error *err)
{
    const struct account_author author = {.actor = "system"};
    const struct key_wish wish = {.tenant = "", .name = "made at the first start"};
    char path[PATH_MAX + 32], text[API_KEY_SIZE];
    struct api_key key;
    snprintf(path, sizeof path, "%s/admin.key", service->config.state_dir);
    api_key_make(&key, text);
    bool written = write_key(path, text, err);
    sodium_memzero(text, sizeof text);
    if (!written || !accounts_add_key(service->accounts, &wish, &author, &key, err))
        return false;
    log_to(&service->logger, LOG_INFO, "an admin's key was made", LOG_TEXT("path", path),
           LOG_TEXT("key", key.id));
    return true;
}

bool service_start_accounts(struct service *service, struct error *err)
{
    service->attempts = attempts_new(err);
    service->accounts = service->attempts != NULL ? accounts_open(service->store, err) : NULL;
    service->limits = service->accounts != NULL ? limits_open(service->store, &service->logger, err) : NULL;
    service->replies = service->limits != NULL ? replies_open(service->store, err) : NULL;
    if (service->replies == NULL)
        return false;
    return service->config.auth == AUTH_OFF || accounts_have_admin(service->accounts, clock_unix_ms()) ||
           make_admin_key(service, err);
}

static void keep(void *service_)
{
    struct service *service = service_;
    struct error err;
    unsigned stored;
    if (!accounts_store_denials(service->accounts, &stored, &err))
        log_to(&service->logger, LOG_ERROR, "denials are in force and not on the disk",
               LOG_TEXT("detail", err.text));
    if (stored > 0)
        log_to(&service->logger, LOG_INFO, "denials are on the disk", LOG_INTEGER("count", stored));
    if (!accounts_keep_usage(service->accounts, &err))
        log_to(&service->logger, LOG_WARN, "when keys were used was not kept", LOG_TEXT("detail", err.text));
}

void service_keep_accounts(struct service *service)
{
    uint64_t now_ns = clock_monotonic_ns();
    if (now_ns < service->keep_accounts_at_ns)
        return;
    service->keep_accounts_at_ns = now_ns + KEEP_MS * NS_PER_MS;
    background_add(service->queries, keep, service); // if it is full, then the next time
}

void service_stop_accounts(struct service *service)
{
    if (service->accounts != NULL)
        keep(service);
    replies_close(service->replies);
    limits_close(service->limits);
    accounts_close(service->accounts);
    attempts_free(service->attempts);
}
