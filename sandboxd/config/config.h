// SPDX-License-Identifier: Apache-2.0
// sandboxd's configuration: one value per option, from flag, environment, sandboxd.json or default, in that
// order. docs/configuration.md describes every option; config/options.c is the table. Not thread-safe while
// made; read-only afterwards.
#pragma once

#include "base/error.h"
#include "base/log.h"
#include "policies/diagnostics.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { CONFIG_LISTEN_MAX = 16, CONFIG_TEXT_SIZE = PATH_MAX };

enum config_auth { AUTH_ON, AUTH_OFF };
enum config_log_format { CONFIG_LOG_AUTO, CONFIG_LOG_JSON, CONFIG_LOG_TEXT };

// What an OPTION_LIST fills.
struct config_list {
    unsigned count;
    char item[CONFIG_LISTEN_MAX][CONFIG_TEXT_SIZE];
};

// Where a value came from, the weakest first.
enum config_origin { CONFIG_FROM_DEFAULT, CONFIG_FROM_FILE, CONFIG_FROM_ENVIRONMENT, CONFIG_FROM_FLAG };
enum { CONFIG_OPTIONS_MAX = 32 };

// Every number is a uint64_t, every choice an int, so that the table needs two writers only.
struct config {
    struct config_list listen;
    char metrics_listen[CONFIG_TEXT_SIZE]; // "": the same listener
    char state_dir[CONFIG_TEXT_SIZE];
    char policy_dir[CONFIG_TEXT_SIZE];
    int auth;       // enum config_auth
    int log_level;  // enum severity
    int log_format; // enum config_log_format
    char log_modules[CONFIG_TEXT_SIZE];
    char log_plugin_file[CONFIG_TEXT_SIZE]; // "": none
    uint64_t max_running;
    uint64_t queue;
    uint64_t memory_budget_bytes;
    uint64_t http_threads;
    uint64_t http_max_connections;
    uint64_t http_idle_timeout_ms;
    uint64_t http_max_body_bytes;
    uint64_t history_max_runs;
    uint64_t history_max_age_days;
    uint64_t history_audit_max_age_days;
    uint64_t plugin_cache_bytes;
    uint64_t limits_per_minute; // requests of all tenants together; 0: no limit
    uint64_t limits_per_hour;
    uint64_t limits_per_day;
    uint64_t limits_cost_per_day_micros; // likewise
    uint64_t stop_timeout_ms;
    uint64_t health_interval_ms;
    enum config_origin origin[CONFIG_OPTIONS_MAX]; // in the order of the table
};

enum config_action { ACTION_SERVE, ACTION_CHECK, ACTION_PRINT, ACTION_HELP, ACTION_VERSION };

struct config_request {
    enum config_action action;
    char file[CONFIG_TEXT_SIZE]; // "": no file
};

// Reads the command line, the environment and the file that it names. All faults go to `faults`, each with
// where it is and what to do; false if there was any.
bool config_read(int argc, char *const argv[], char *const environment[], struct config *ret_config,
                 struct config_request *ret_request, struct diagnostics *faults);

// Whether sandboxd has a module of this name: what log.modules may name.
bool config_has_log_module(const char *name);

// What does not fit together although every value is fine: `auth: off` beyond loopback, for one.
bool config_check(const struct config *config, struct diagnostics *faults);

// The whole configuration as a sandboxd.json, with one `//`-free JSON object.
void config_print(const struct config *config, FILE *out);
void config_help(FILE *out);

// Takes over what can change while running from `fresh`, and names what cannot but did change in `rest`
// ("http.threads, listen"; "" if nothing).
void config_take_reloadable(struct config *config, const struct config *fresh, char *rest, size_t rest_size);
