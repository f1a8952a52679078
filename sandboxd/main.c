// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/config/config.h"
#include "sandboxd/service.h"
#include "sandboxd/system/journal.h"
#include "sandboxd/version.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { EXIT_CONFIGURATION = 2 };

extern char **environ;

static void print_faults(const struct diagnostics *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        char text[DIAGNOSTIC_TEXT_SIZE];
        diagnostic_format(&faults->items[i], text);
        fprintf(stderr, "sandboxd: %s\n", text);
    }
}

static int check_everything(const struct config *config, struct diagnostics *faults)
{
    struct error err = {0};
    struct policy_set *set = policy_set_load(config->policy_dir, faults, &err);
    if (set == NULL && !diagnostics_any(faults))
        diagnostics_add(faults, "policy_dir", 0, 0, "", "%s", err.text);
    policy_set_free(set);
    print_faults(faults);
    if (diagnostics_any(faults))
        return EXIT_CONFIGURATION;
    puts("configuration and policies are fine");
    return EXIT_SUCCESS;
}

static int serve(struct service *service)
{
    bool text = service->config.log_format == CONFIG_LOG_TEXT ||
                (service->config.log_format == CONFIG_LOG_AUTO && isatty(STDERR_FILENO));
    service->logger = (struct logger){.fd = STDERR_FILENO,
                                      .format = text ? LOG_FORMAT_TEXT : LOG_FORMAT_JSON,
                                      .service = "sandboxd",
                                      .version = SANDBOXD_VERSION,
                                      .priorities = journal_reads(STDERR_FILENO)};
    log_levels_set(&service->logger.levels, service->config.log_level, service->config.log_modules, NULL);
    return service_main(service);
}

static int act(struct service *service, struct diagnostics *faults)
{
    bool fine = config_read(service->argc, service->argv, service->environment, &service->config,
                            &service->invocation, faults);
    switch (service->invocation.action) {
    case ACTION_HELP:
        config_help(stdout);
        return EXIT_SUCCESS;
    case ACTION_VERSION:
        puts("sandboxd " SANDBOXD_VERSION);
        return EXIT_SUCCESS;
    case ACTION_PRINT:
        print_faults(faults);
        config_print(&service->config, stdout);
        return fine ? EXIT_SUCCESS : EXIT_CONFIGURATION;
    case ACTION_CHECK:
        config_check(&service->config, faults);
        return check_everything(&service->config, faults);
    case ACTION_SERVE:
        break;
    }
    if (!config_check(&service->config, faults) || !fine) {
        print_faults(faults);
        return EXIT_CONFIGURATION;
    }
    return serve(service);
}

int main(int argc, char *argv[])
{
    json_object_seed(0);
    struct service *service = calloc(1, sizeof(*service));
    if (service == NULL || sodium_init() < 0) {
        fputs("sandboxd: cannot start: no memory, or no random numbers\n", stderr);
        return EXIT_FAILURE;
    }
    service->argc = argc;
    service->argv = argv;
    service->environment = environ;
    struct diagnostics faults;
    diagnostics_init(&faults);
    int status = act(service, &faults);
    diagnostics_free(&faults);
    free(service);
    return status;
}
