// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/config/options.h"

#include "base/require.h"
#include "policies/units.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const auth_choices[] = {"on", "off", NULL};
static const char *const level_choices[] = {"trace", "debug", "info", "warn", "error", "fatal", NULL};
static const char *const format_choices[] = {"auto", "json", "text", NULL};

#define FIELD(field_) offsetof(struct config, field_)

const struct config_option config_options[] = {
    {"listen", "SANDBOXD_LISTEN", OPTION_LIST, FIELD(listen), .default_text = "127.0.0.1:8080",
     .help = "where to serve: host:port or unix:/path, several of them; port 0 takes a free one"},
    {"metrics_listen", "SANDBOXD_METRICS_LISTEN", OPTION_TEXT, FIELD(metrics_listen),
     .default_text = "the same listener",
     .help = "a listener of its own for /metrics and the probes, so that they answer under any load"},
    {"state_dir", "SANDBOXD_STATE_DIR", OPTION_TEXT, FIELD(state_dir), .default_text = "/var/lib/sandboxd",
     .help = "folder for what has to last"},
    {"policy_dir", "SANDBOXD_POLICY_DIR", OPTION_TEXT, FIELD(policy_dir),
     .default_text = "the installed policies", .help = "folder with one JSON file per policy"},
    {"auth", "SANDBOXD_AUTH", OPTION_CHOICE, FIELD(auth), auth_choices, .default_text = "on",
     .help = "whether requests need an API key; off only where every listener is loopback or a Unix socket"},
    {"log.level", "SANDBOXD_LOG_LEVEL", OPTION_CHOICE, FIELD(log_level), level_choices, .reloadable = true,
     .default_text = "info", .help = "least severe level that is logged"},
    {"log.format", "SANDBOXD_LOG_FORMAT", OPTION_CHOICE, FIELD(log_format), format_choices,
     .default_text = "auto", .help = "JSON lines or text for people; auto: text on a terminal"},
    {"log.modules", "SANDBOXD_LOG_MODULES", OPTION_TEXT, FIELD(log_modules), .reloadable = true,
     .default_text = "as log.level", .help = "levels of single modules, such as \"store=debug,http=warn\""},
    {"log.plugin_file", "SANDBOXD_LOG_PLUGIN_FILE", OPTION_TEXT, FIELD(log_plugin_file),
     .default_text = "none",
     .help = "file for what plugins log, apart from the service's own log; \"-\" for standard error"},
    {"workers.max_running", "SANDBOXD_MAX_RUNNING", OPTION_COUNT, FIELD(max_running), NULL, 1, 100000,
     .default_text = "4 x CPUs", .help = "runs at once, all policies together"},
    {"workers.queue", "SANDBOXD_QUEUE", OPTION_COUNT, FIELD(queue), NULL, 0, 1000000, .default_text = "1024",
     .help = "runs that may wait; beyond it requests are answered 503"},
    {"workers.memory_budget", "SANDBOXD_MEMORY_BUDGET", OPTION_BYTES, FIELD(memory_budget_bytes), NULL,
     1 << 20, UINT64_C(1) << 50, .default_text = "half of RAM",
     .help = "memory that the runs going on at once may take: each its limit 2.5 times and its stack; others "
             "wait"},
    {"http.threads", "SANDBOXD_HTTP_THREADS", OPTION_COUNT, FIELD(http_threads), NULL, 1, 256,
     .default_text = "2", .help = "threads per listener"},
    {"http.max_connections", "SANDBOXD_HTTP_MAX_CONNECTIONS", OPTION_COUNT, FIELD(http_max_connections), NULL,
     1, 100000, .default_text = "4096",
     .help = "open connections; requests on those beyond it are answered 503"},
    {"http.idle_timeout_ms", "SANDBOXD_HTTP_IDLE_TIMEOUT_MS", OPTION_MS, FIELD(http_idle_timeout_ms), NULL,
     100, 3600000, .default_text = "30000",
     .help = "how long a connection may be idle, a request take to arrive, and an answer to be fetched"},
    {"http.max_body_bytes", "SANDBOXD_HTTP_MAX_BODY_BYTES", OPTION_BYTES, FIELD(http_max_body_bytes), NULL,
     1024, UINT64_C(1) << 30, .default_text = "8 MiB", .help = "largest body of a request"},
    {"history.max_runs", "SANDBOXD_HISTORY_MAX_RUNS", OPTION_COUNT, FIELD(history_max_runs), NULL, 0,
     1000000000, .default_text = "1000000", .help = "runs kept in the history"},
    {"history.max_age_days", "SANDBOXD_HISTORY_MAX_AGE_DAYS", OPTION_COUNT, FIELD(history_max_age_days), NULL,
     1, 36500, .default_text = "30", .help = "days that a run is kept"},
    {"history.audit_max_age_days", "SANDBOXD_HISTORY_AUDIT_MAX_AGE_DAYS", OPTION_COUNT,
     FIELD(history_audit_max_age_days), NULL, 1, 36500, .default_text = "400",
     .help = "days that a line of the audit log is kept; the last one of each policy stays"},
    {"plugins.cache_bytes", "SANDBOXD_PLUGINS_CACHE_BYTES", OPTION_BYTES, FIELD(plugin_cache_bytes), NULL,
     1 << 20, UINT64_C(1) << 50, .default_text = "128 MiB",
     .help = "contents of plugins kept in memory; one that is not there is read from the store first, one "
             "that is larger for each run"},
    {"limits.requests_per_minute", "SANDBOXD_LIMITS_REQUESTS_PER_MINUTE", OPTION_COUNT,
     FIELD(limits_per_minute), NULL, 0, UINT64_C(1000000000000), .default_text = "0",
     .help = "requests to what a tenant's key may call, of everybody together; 0: no limit"},
    {"limits.requests_per_hour", "SANDBOXD_LIMITS_REQUESTS_PER_HOUR", OPTION_COUNT, FIELD(limits_per_hour),
     NULL, 0, UINT64_C(1000000000000), .default_text = "0", .help = "the same for an hour of UTC"},
    {"limits.requests_per_day", "SANDBOXD_LIMITS_REQUESTS_PER_DAY", OPTION_COUNT, FIELD(limits_per_day), NULL,
     0, UINT64_C(1000000000000), .default_text = "0", .help = "the same for a day of UTC"},
    {"limits.cost_per_day_micros", "SANDBOXD_LIMITS_COST_PER_DAY_MICROS", OPTION_COUNT,
     FIELD(limits_cost_per_day_micros), NULL, 0, UINT64_C(1000000000000), .default_text = "0",
     .help = "what all tenants' runs may cost in a day of UTC, in millionths; stops a runaway; 0: no limit"},
    {"stop_timeout_ms", "SANDBOXD_STOP_TIMEOUT_MS", OPTION_MS, FIELD(stop_timeout_ms), NULL, 0, 3600000,
     .reloadable = true, .default_text = "10000",
     .help = "after SIGTERM: how long runs may go on before they are cancelled"},
    {"health_interval_ms", "SANDBOXD_HEALTH_INTERVAL_MS", OPTION_MS, FIELD(health_interval_ms), NULL, 10,
     3600000, .default_text = "5000", .help = "time between two looks of the health checks"},
};
const unsigned config_option_count = sizeof(config_options) / sizeof(config_options[0]);
_Static_assert(sizeof(config_options) / sizeof(config_options[0]) <= CONFIG_OPTIONS_MAX,
               "origin[] is too short");

void option_flag(const struct config_option *option, char flag[OPTION_FLAG_SIZE])
{
    snprintf(flag, OPTION_FLAG_SIZE, "--%s", option->environment + strlen("SANDBOXD_"));
    for (char *c = flag; *c != '\0'; c++)
        *c = *c == '_' ? '-' : (char)tolower((unsigned char)*c);
}

static void *field_of(const struct config_option *option, struct config *config)
{
    return (char *)config + option->offset;
}

static bool set_text(char out[CONFIG_TEXT_SIZE], struct bytes text, struct error *err)
{
    if (text.length >= CONFIG_TEXT_SIZE)
        return error_set(err, ERROR_INVALID, "it is longer than %d bytes", CONFIG_TEXT_SIZE - 1);
    if (memchr(text.data, '\0', text.length) != NULL)
        return error_set(err, ERROR_INVALID, "it has a NUL");
    memcpy(out, text.data, text.length);
    out[text.length] = '\0';
    return true;
}

static bool set_choice(const struct config_option *option, int *out, struct bytes text, struct error *err)
{
    char expected[128] = "";
    for (int i = 0; option->choices[i] != NULL; i++) {
        if (bytes_equal_text(text, option->choices[i])) {
            *out = i;
            return true;
        }
        size_t length = strlen(expected);
        snprintf(expected + length, sizeof(expected) - length, "%s%s", i > 0 ? ", " : "", option->choices[i]);
    }
    return error_set(err, ERROR_INVALID, "\"%.*s\" is not one of %s",
                     (int)(text.length < 40 ? text.length : 40), text.data, expected);
}

static enum limit_unit unit_of(const struct config_option *option)
{
    return option->type == OPTION_MS ? UNIT_MS : option->type == OPTION_BYTES ? UNIT_BYTES : UNIT_COUNT;
}

static bool set_number(const struct config_option *option, struct config *config, uint64_t number,
                       struct error *err)
{
    if (number < option->minimum || number > option->maximum) {
        char minimum[UNITS_TEXT_SIZE], maximum[UNITS_TEXT_SIZE];
        units_format(option->minimum, unit_of(option), minimum);
        units_format(option->maximum, unit_of(option), maximum);
        return error_set(err, ERROR_INVALID, "it must be from %s to %s", minimum, maximum);
    }
    *(uint64_t *)field_of(option, config) = number;
    return true;
}

bool option_set_number(const struct config_option *option, struct config *config, int64_t number,
                       struct error *err)
{
    if (option->type == OPTION_LIST || option->type == OPTION_TEXT || option->type == OPTION_CHOICE)
        return error_set(err, ERROR_INVALID, "expected a text in quotes, not a number");
    return set_number(option, config, number < 0 ? 0 : (uint64_t)number, err);
}

static bool plain_number(struct bytes text, uint64_t *ret_number)
{
    if (text.length == 0 || text.length > 18)
        return false;
    uint64_t number = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(text.data[i] - '0');
    }
    *ret_number = number;
    return true;
}

static bool set_list(const struct config_option *option, struct config *config, struct bytes text,
                     struct error *err)
{
    option_clear_list(option, config);
    while (text.length > 0) {
        const char *comma = memchr(text.data, ',', text.length);
        size_t length = comma != NULL ? (size_t)(comma - text.data) : text.length;
        if (!option_add_item(option, config, bytes_of(text.data, length), err))
            return false;
        size_t used = comma != NULL ? length + 1 : length;
        text = bytes_of(text.data + used, text.length - used);
    }
    return true;
}

bool option_set_text(const struct config_option *option, struct config *config, struct bytes text,
                     struct error *err)
{
    uint64_t number = 0;
    switch (option->type) {
    case OPTION_LIST:
        return set_list(option, config, text, err);
    case OPTION_TEXT:
        return set_text(field_of(option, config), text, err);
    case OPTION_CHOICE:
        return set_choice(option, field_of(option, config), text, err);
    case OPTION_COUNT:
    case OPTION_BYTES:
    case OPTION_MS:
        if (!plain_number(text, &number) && !units_parse(text, unit_of(option), &number, err))
            return false;
        return set_number(option, config, number, err);
    }
    require(false);
    return false;
}

bool option_clear_list(const struct config_option *option, struct config *config)
{
    if (option->type != OPTION_LIST)
        return false;
    ((struct config_list *)field_of(option, config))->count = 0;
    return true;
}

bool option_add_item(const struct config_option *option, struct config *config, struct bytes text,
                     struct error *err)
{
    struct config_list *list = field_of(option, config);
    if (list->count == CONFIG_LISTEN_MAX)
        return error_set(err, ERROR_INVALID, "it has more than %d items", CONFIG_LISTEN_MAX);
    if (text.length == 0)
        return error_set(err, ERROR_INVALID, "it has an empty item");
    if (!set_text(list->item[list->count], text, err))
        return false;
    list->count++;
    return true;
}

bool option_equal(const struct config_option *option, const struct config *a, const struct config *b)
{
    const void *left = (const char *)a + option->offset, *right = (const char *)b + option->offset;
    if (option->type == OPTION_TEXT)
        return strcmp(left, right) == 0;
    if (option->type == OPTION_CHOICE)
        return *(const int *)left == *(const int *)right;
    if (option->type != OPTION_LIST)
        return *(const uint64_t *)left == *(const uint64_t *)right;
    const struct config_list *x = left, *y = right;
    bool equal = x->count == y->count;
    for (unsigned i = 0; equal && i < x->count; i++)
        equal = strcmp(x->item[i], y->item[i]) == 0;
    return equal;
}

void option_copy(const struct config_option *option, struct config *to, const struct config *from)
{
    static const size_t sizes[] = {[OPTION_LIST] = sizeof(struct config_list),
                                   [OPTION_TEXT] = CONFIG_TEXT_SIZE,
                                   [OPTION_CHOICE] = sizeof(int),
                                   [OPTION_COUNT] = sizeof(uint64_t),
                                   [OPTION_BYTES] = sizeof(uint64_t),
                                   [OPTION_MS] = sizeof(uint64_t)};
    memcpy((char *)to + option->offset, (const char *)from + option->offset, sizes[option->type]);
}
