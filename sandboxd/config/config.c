// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/config/config.h"

#include "base/closest.h"
#include "runtime/engine/locations.h"
#include "sandboxd/config/options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t half_of_ram(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page_size = sysconf(_SC_PAGESIZE);
    return pages > 0 && page_size > 0 ? (uint64_t)pages / 2 * (uint64_t)page_size : UINT64_C(1) << 30;
}

static void set_defaults(struct config *config)
{
    memset(config, 0, sizeof(*config));
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    config->listen.count = 1;
    strcpy(config->listen.item[0], "127.0.0.1:8080");
    strcpy(config->state_dir, "/var/lib/sandboxd");
    config->auth = AUTH_ON;
    config->log_level = LOG_INFO;
    config->log_format = CONFIG_LOG_AUTO;
    config->max_running = 4 * (uint64_t)(cpus > 0 ? cpus : 1);
    config->queue = 1024;
    config->memory_budget_bytes = half_of_ram();
    config->http_threads = 2;
    config->http_max_connections = 4096;
    config->http_idle_timeout_ms = 30000;
    config->http_max_body_bytes = 8 << 20;
    config->history_max_runs = 1000000;
    config->history_max_age_days = 30;
    config->history_audit_max_age_days = 400;
    config->plugin_cache_bytes = UINT64_C(128) << 20;
    config->stop_timeout_ms = 10000;
    config->health_interval_ms = 5000;
}

struct command_line {
    int argc;
    char *const *argv;
    struct config_request *request;
    struct diagnostics *faults;
};

static void fault(struct diagnostics *faults, const char *where, const char *text)
{
    diagnostics_add(faults, where, 0, 0, "", "%s", text);
}

static bool plain_action(const char *argument, enum config_action *ret_action)
{
    static const struct {
        const char *flag;
        enum config_action action;
    } actions[] = {{"--check-config", ACTION_CHECK},
                   {"--print-config", ACTION_PRINT},
                   {"--help", ACTION_HELP},
                   {"-h", ACTION_HELP},
                   {"--version", ACTION_VERSION}};
    for (unsigned i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (strcmp(argument, actions[i].flag) == 0) {
            *ret_action = actions[i].action;
            return true;
        }
    }
    return false;
}

// The value of `flag` at argv[*index], either after '=' or as the next argument. NULL: another flag, or (with
// a fault) no value.
static const char *flag_value(struct command_line *line, int *index, const char *flag)
{
    const char *argument = line->argv[*index];
    size_t length = strlen(flag);
    if (strncmp(argument, flag, length) != 0 || (argument[length] != '\0' && argument[length] != '='))
        return NULL;
    if (argument[length] == '=')
        return argument + length + 1;
    if (*index + 1 < line->argc)
        return line->argv[++*index];
    fault(line->faults, flag, "it needs a value");
    return "";
}

static void unknown_flag(struct command_line *line, const char *argument)
{
    size_t length = strcspn(argument, "=");
    struct closest closest = closest_make(argument, length);
    char flags[CONFIG_OPTIONS_MAX][OPTION_FLAG_SIZE];
    for (unsigned i = 0; i < config_option_count; i++) {
        option_flag(&config_options[i], flags[i]);
        closest_offer(&closest, flags[i]);
    }
    const char *meant = closest_text(&closest);
    diagnostics_add(line->faults, "command line", 0, 0, "", "unknown argument \"%s\"%s%s%s; --help lists all",
                    argument, meant != NULL ? ", did you mean " : "", meant != NULL ? meant : "",
                    meant != NULL ? "?" : "");
}

// Sets the option that the argument names. A list's flag may be repeated: each adds to the first.
static bool take_option(struct command_line *line, int *index, struct config *config)
{
    for (unsigned i = 0; i < config_option_count; i++) {
        const struct config_option *option = &config_options[i];
        char flag[OPTION_FLAG_SIZE];
        option_flag(option, flag);
        const char *value = flag_value(line, index, flag);
        if (value == NULL)
            continue;
        struct error err = {0};
        bool repeated = option->type == OPTION_LIST && config->origin[i] == CONFIG_FROM_FLAG;
        bool set = repeated ? option_add_item(option, config, bytes_of_text(value), &err)
                            : option_set_text(option, config, bytes_of_text(value), &err);
        if (!set)
            fault(line->faults, flag, err.text);
        config->origin[i] = CONFIG_FROM_FLAG;
        return true;
    }
    return false;
}

// First pass (config == NULL): actions and --config. Second pass: the options, over everything weaker.
static void take_command_line(struct command_line *line, struct config *config)
{
    struct config ignored = {.listen.count = 0};
    for (int i = 1; i < line->argc; i++) {
        const char *argument = line->argv[i];
        struct diagnostics *faults = line->faults;
        const char *file = flag_value(line, &i, "--config");
        if (file != NULL) {
            snprintf(line->request->file, sizeof(line->request->file), "%s", file);
            continue;
        }
        if (plain_action(argument, &line->request->action))
            continue;
        struct diagnostics unheard;
        diagnostics_init(&unheard);
        line->faults = config != NULL ? faults : &unheard;
        if (!take_option(line, &i, config != NULL ? config : &ignored))
            unknown_flag(line, argument);
        line->faults = faults;
        diagnostics_free(&unheard);
    }
}

static const char *environment_value(char *const environment[], const char *name)
{
    size_t length = strlen(name);
    for (; environment != NULL && *environment != NULL; environment++)
        if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
            return *environment + length + 1;
    return NULL;
}

static void take_environment(char *const environment[], struct config *config, struct diagnostics *faults)
{
    for (unsigned i = 0; i < config_option_count; i++) {
        const struct config_option *option = &config_options[i];
        const char *value = environment_value(environment, option->environment);
        if (value == NULL || *value == '\0') // an empty variable is an unset one
            continue;
        struct error err = {0};
        if (!option_set_text(option, config, bytes_of_text(value), &err))
            fault(faults, option->environment, err.text);
        config->origin[i] = CONFIG_FROM_ENVIRONMENT;
    }
}

bool config_read(int argc, char *const argv[], char *const environment[], struct config *ret_config,
                 struct config_request *ret_request, struct diagnostics *faults)
{
    struct command_line line = {.argc = argc, .argv = argv, .request = ret_request, .faults = faults};
    *ret_request = (struct config_request){.action = ACTION_SERVE};
    set_defaults(ret_config);
    take_command_line(&line, NULL);
    if (ret_request->action == ACTION_HELP || ret_request->action == ACTION_VERSION)
        return true;
    if (ret_request->file[0] != '\0')
        config_file_read(ret_request->file, ret_config, faults);
    take_environment(environment, ret_config, faults);
    take_command_line(&line, ret_config);
    struct error err = {0};
    if (ret_config->policy_dir[0] == '\0' && !location_of_policies(ret_config->policy_dir, &err))
        fault(faults, "policy_dir", err.text);
    return !diagnostics_any(faults);
}

void config_take_reloadable(struct config *config, const struct config *fresh, char *rest, size_t rest_size)
{
    rest[0] = '\0';
    for (unsigned i = 0; i < config_option_count; i++) {
        const struct config_option *option = &config_options[i];
        if (option_equal(option, config, fresh))
            continue;
        if (option->reloadable) {
            option_copy(option, config, fresh);
            config->origin[i] = fresh->origin[i];
            continue;
        }
        size_t length = strlen(rest);
        snprintf(rest + length, rest_size - length, "%s%s", length > 0 ? ", " : "", option->member);
    }
}
