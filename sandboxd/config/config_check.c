// SPDX-License-Identifier: Apache-2.0
#include "base/closest.h"
#include "sandboxd/config/config.h"
#include "sandboxd/system/listen.h"

#include <string.h>

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

// The folders of sandboxd/, as meson found them, and what is told on others' behalf under a name of its own.
static const char *const log_modules[] = {SANDBOXD_FOLDERS, "engine", "plugin", "run", "service"};

bool config_has_log_module(const char *name)
{
    for (unsigned i = 0; i < sizeof log_modules / sizeof *log_modules; i++)
        if (strcmp(log_modules[i], name) == 0)
            return true;
    return false;
}

static bool check_module(void *context, const char *name, enum severity minimum, struct error *err)
{
    (void)context;
    (void)minimum;
    if (config_has_log_module(name))
        return true;
    struct closest closest = closest_make(name, strlen(name));
    for (unsigned i = 0; i < sizeof log_modules / sizeof *log_modules; i++)
        closest_offer(&closest, log_modules[i]);
    const char *meant = closest_text(&closest);
    return error_set(err, ERROR_INVALID, "there is no module \"%s\"%s%s%s", name,
                     meant ? ", did you mean " : "", meant ? meant : "", meant ? "?" : "");
}

bool config_check(const struct config *config, struct diagnostics *faults)
{
    size_t before = faults->told;
    struct error err = {0};
    if (!log_levels_each(config->log_modules, check_module, NULL, &err))
        diagnostics_add(faults, "log.modules", 0, 0, "", "%s", err.text);
    for (unsigned i = 0; i < config->listen.count; i++)
        check_address("listen", config->listen.item[i], config, faults);
    if (config->listen.count == 0)
        diagnostics_add(faults, "listen", 0, 0, "", "there is no address to serve on");
    if (config->metrics_listen[0] != '\0')
        check_address("metrics_listen", config->metrics_listen, config, faults);
    return faults->told == before;
}
