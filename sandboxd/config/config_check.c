// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/config/config.h"
#include "sandboxd/system/listen.h"

static void check_address(const char *option, const char *text, const struct config *config,
                          struct diagnostics *faults)
{
    struct listen_address address;
    struct error err = {0};
    if (!listen_address_parse(text, &address, &err))
        diagnostics_add(faults, option, 0, 0, "", "%s", err.text);
    else if (config->auth == AUTH_OFF && !address.is_local)
        diagnostics_add(
            faults, option, 0, 0, "",
            "auth is off, and \"%s\" can be reached from other hosts: anybody could run plugins. Turn "
            "auth on, or listen on 127.0.0.1, [::1] or unix:/path only",
            text);
}

bool config_check(const struct config *config, struct diagnostics *faults)
{
    size_t before = faults->count;
    for (unsigned i = 0; i < config->listen.count; i++)
        check_address("listen", config->listen.item[i], config, faults);
    if (config->listen.count == 0)
        diagnostics_add(faults, "listen", 0, 0, "", "there is no address to serve on");
    if (config->metrics_listen[0] != '\0')
        check_address("metrics_listen", config->metrics_listen, config, faults);
    return faults->count == before;
}
