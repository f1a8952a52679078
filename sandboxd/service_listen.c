// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/service_listen.h"

#include "sandboxd/system/listen.h"

#include <unistd.h>

_Static_assert((int)CONFIG_LISTEN_MAX <= (int)LISTENERS_MAX, "every address has an endpoint");
_Static_assert((int)LISTEN_NAME_SIZE <= (int)sizeof(((struct http_endpoint *)0)->name), "a name fits");

static void add_endpoint(struct http_endpoint *endpoints, unsigned *count, int fd, unsigned surfaces,
                         unsigned threads)
{
    struct http_endpoint *endpoint = &endpoints[(*count)++];
    *endpoint = (struct http_endpoint){.fd = fd, .surfaces = surfaces, .threads = threads};
    listen_name(fd, endpoint->name);
}

static bool add_address(const char *text, struct http_endpoint *endpoints, unsigned *count, unsigned surfaces,
                        unsigned threads, struct error *err)
{
    struct listen_address address;
    if (*count == LISTENERS_MAX)
        return error_set(err, ERROR_LIMIT, "there are more than %d listeners", LISTENERS_MAX);
    if (!listen_address_parse(text, &address, err))
        return false;
    int fd = listen_open(&address, err);
    if (fd < 0)
        return false;
    add_endpoint(endpoints, count, fd, surfaces, threads);
    return true;
}

static bool open_all(const struct config *config, struct http_endpoint *endpoints, unsigned *count,
                     struct error *err)
{
    bool separate = config->metrics_listen[0] != '\0';
    unsigned surfaces = separate ? SURFACE_API : SURFACE_API | SURFACE_METRICS;
    unsigned threads = (unsigned)config->http_threads;
    int inherited[LISTENERS_MAX];
    int inherited_count = listen_inherited(inherited, LISTENERS_MAX - 1, err);
    if (inherited_count < 0)
        return false;
    for (int i = 0; i < inherited_count; i++) {
        add_endpoint(endpoints, count, inherited[i], surfaces, threads);
        endpoints[*count - 1].shared = true;
        if (config->auth == AUTH_OFF && !listen_is_local(inherited[i]))
            return error_set(err, ERROR_INVALID,
                             "auth is off, and the inherited socket %s can be reached from other hosts",
                             endpoints[*count - 1].name);
    }
    for (unsigned i = 0; inherited_count == 0 && i < config->listen.count; i++)
        if (!add_address(config->listen.item[i], endpoints, count, surfaces, threads, err))
            return false;
    return !separate || add_address(config->metrics_listen, endpoints, count, SURFACE_METRICS, 1, err);
}

bool service_open_endpoints(const struct config *config, struct http_endpoint ret_endpoints[LISTENERS_MAX],
                            unsigned *ret_count, struct error *err)
{
    unsigned count = 0;
    if (open_all(config, ret_endpoints, &count, err)) {
        *ret_count = count;
        return true;
    }
    for (unsigned i = 0; i < count; i++)
        close(ret_endpoints[i].fd);
    return false;
}
