// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/account_remote.h"
#include "sandboxctl/bench.h"
#include "sandboxctl/command.h"
#include "sandboxctl/completion.h"
#include "sandboxctl/config.h"
#include "sandboxctl/cost_remote.h"
#include "sandboxctl/doctor.h"
#include "sandboxctl/health.h"
#include "sandboxctl/manual.h"
#include "sandboxctl/new.h"
#include "sandboxctl/plugin_remote.h"
#include "sandboxctl/policy_local.h"
#include "sandboxctl/policy_remote.h"
#include "sandboxctl/remote.h"
#include "sandboxctl/run.h"
#include "sandboxctl/runs_remote.h"
#include "sandboxctl/test.h"
#include "sandboxctl/top.h"
#include "sandboxctl/validate.h"
#include "sandboxctl/watch.h"

#include <stdint.h>

const struct option_spec global_options[] = {
    {"json", 0, NULL,
     "print JSON, a stable form for programs; what is refused is {\"error\": ...}, or the server's problem",
     NULL},
    {"no-color", 0, NULL, "no colours (also: NO_COLOR)", NULL},
    {"help", 'h', NULL, "show help", NULL},
    {0},
};

static const struct option_spec no_options[] = {{0}};

static const char subscription_change_details[] =
    "It counts from the next run on. Plans have no order of their own, so both verbs move the tenant to the "
    "plan "
    "that is named. What it used already counts against the new plan's limits of the day and the month.";

const struct command command_table[] = {
    {"run", "FILE|DIR", "Run a plugin exactly as the server would",
     "The output goes to standard output; logs, errors and usage against limits go to standard error.",
     "  sandboxctl run main.lua --context '{\"a\": 2}'\n"
     "  sandboxctl run greeter --policy strict --limit cpu_ms=50\n"
     "  sandboxctl run greeter --profile greeter.svg\n"
     "  sandboxctl run main.lua --remote --url http://127.0.0.1:8080\n",
     1, 1, run_options, run_command},
    {"validate", "FILE|DIR", "Check a plugin without running it",
     "Each line says file:line:column: severity: message [code], and shows the place. Errors are what would "
     "fail when it runs, warnings what is worth a look; the status is 3 if there is an error.",
     "  sandboxctl validate greeter\n  sandboxctl validate main.lua --policy strict --json\n", 1, 1,
     validate_options, validate_command},
    {"test", "[DIR]", "Run a plugin's test cases, each in the real sandbox",
     "With --coverage every line that runs is counted, which takes time: ceilings on wall_ms and cpu_ms are "
     "not held "
     "then.",
     "  sandboxctl test greeter\n  sandboxctl test --filter rounding --junit report.xml\n"
     "  sandboxctl test greeter --coverage\n",
     0, 1, test_options, test_command},
    {"new", "NAME", "Make a new plugin with a manifest, a test and editor files", NULL,
     "  sandboxctl new greeter\n", 1, 1, new_options, new_command},
    {"watch", "FILE|DIR", "Run a plugin, and again on every change", NULL,
     "  sandboxctl watch greeter --context @sample.json\n", 1, 1, run_options, watch_command},
    {"bench", "FILE|DIR", "Measure a plugin over many runs and suggest limits",
     "Instructions are counted, which costs up to twice the CPU time of a run without an instruction limit.",
     "  sandboxctl bench greeter -n 500 --context '{\"name\": \"Ada\"}'\n", 1, 1, bench_options,
     bench_command},
    {"doctor", "", "Show what isolates plugins on this host, and try to break out",
     "First every isolation layer, with the reason where this host lacks one. Then native code in real "
     "workers of the policy tries some 300 ways out, each in a fresh worker: files, sockets, processes, "
     "signals, memory, privileges, namespaces, what another run left. Every one must fail: exit status 0 "
     "says that. Each is also tried as if the system call filter had a hole, which shows what the layers "
     "behind it hold; what a layer that this host lacks would have stopped there is a warning. No server "
     "and no root are needed; both root's and an ordinary user's answers are worth having.",
     "  sandboxctl doctor\n  sandboxctl doctor --policy strict --json\n", 0, 0, doctor_options,
     doctor_command},
    {"policy check", "FILE...", "Find every fault of policy documents", NULL,
     "  sandboxctl policy check policies/*.json\n", 1, SIZE_MAX, policy_check_options, policy_check_command},
    {"policy show", "NAME|FILE", "Show a resolved policy and where each value comes from", NULL,
     "  sandboxctl policy show strict\n", 1, 1, no_options, policy_show_command},
    {"policy diff", "NAME|FILE NAME|FILE", "Tell two policies apart, member by member", NULL,
     "  sandboxctl policy diff default my.json\n", 2, 2, no_options, policy_diff_command},
    {"policy schema", "", "Print the JSON Schema of policy documents, for editors", NULL,
     "  sandboxctl policy schema > policy.schema.json\n", 0, 0, no_options, policy_schema_command},
    {"policy list", "", "List the server's policies", NULL, "  sandboxctl policy list\n", 0, 0,
     remote_options, policy_list_command},
    {"policy get", "NAME", "Show one of the server's policies", NULL, "  sandboxctl policy get default\n", 1,
     1, remote_options, policy_get_command},
    {"policy apply", "FILE", "Check a document and make it live on the server",
     "The change is refused if somebody else changes the policy meanwhile.",
     "  sandboxctl policy apply my.json --dry-run\n", 1, 1, policy_apply_options, policy_apply_command},
    {"policy versions", "NAME", "List the versions that a policy has had", NULL,
     "  sandboxctl policy versions default\n", 1, 1, remote_options, policy_versions_command},
    {"policy rollback", "NAME [VERSION]", "Make an older version live again", NULL,
     "  sandboxctl policy rollback default\n", 1, 2, remote_options, policy_rollback_command},
    {"policy delete", "NAME", "Take a policy away that was applied; rollback brings it back",
     "A policy that is a file on the server, that another one extends or a plan names,\n"
     "or that is \"default\", stays.",
     "  sandboxctl policy delete imports\n", 1, 1, remote_options, policy_delete_command},
    {"policy advice", "NAME", "Suggest limits from measured runs", NULL,
     "  sandboxctl policy advice default\n", 1, 1, remote_options, policy_advice_command},
    {"tenant list", "", "List the server's tenants", NULL, "  sandboxctl tenant list\n", 0, 0,
     tenant_list_options, tenant_list_command},
    {"tenant create", "ID", "Make a tenant", "An id is lower-case letters, digits, '-' and '_'.",
     "  sandboxctl tenant create acme --name 'Acme Inc.' --plan pro\n", 1, 1, tenant_create_options,
     tenant_create_command},
    {"tenant get", "ID", "Show a tenant", NULL, "  sandboxctl tenant get acme\n", 1, 1, remote_options,
     tenant_get_command},
    {"tenant update", "ID", "Rename a tenant, suspend it, or let it in again", NULL,
     "  sandboxctl tenant update acme --suspend 'the invoice of May is open'\n"
     "  sandboxctl tenant update acme --resume\n",
     1, 1, tenant_update_options, tenant_update_command},
    {"tenant delete", "ID", "Delete a tenant with its keys",
     "What it ran and what that cost is kept, and its id is never given to another one.",
     "  sandboxctl tenant delete acme\n", 1, 1, remote_options, tenant_delete_command},
    {"key list", "[TENANT]", "List a tenant's keys, or those of admins", NULL, "  sandboxctl key list acme\n",
     0, 1, remote_options, key_list_command},
    {"key create", "[TENANT]", "Make a key for a tenant, or for an admin",
     "The key goes to standard output and nowhere else: it cannot be asked for again.",
     "  sandboxctl key create acme --name 'the shop' > acme.key\n", 0, 1, key_create_options,
     key_create_command},
    {"key revoke", "[TENANT] ID", "Revoke a key at once", NULL, "  sandboxctl key revoke acme k3v0u1t2s4x5\n",
     1, 2, remote_options, key_revoke_command},
    {"subscription show", "TENANT", "Show the plan that a tenant is under, and was", NULL,
     "  sandboxctl subscription show acme\n", 1, 1, remote_options, subscription_show_command},
    {"subscription upgrade", "TENANT PLAN", "Move a tenant to a larger plan", subscription_change_details,
     "  sandboxctl subscription upgrade acme enterprise\n", 2, 2, remote_options,
     subscription_change_command},
    {"subscription downgrade", "TENANT PLAN", "Move a tenant to a smaller plan", subscription_change_details,
     "  sandboxctl subscription downgrade acme free\n", 2, 2, remote_options, subscription_change_command},
    {"subscription usage", "TENANT", "Show what a tenant used and what it cost, per day", NULL,
     "  sandboxctl subscription usage acme --from 2026-01-01 --to 2026-01-31\n", 1, 1, usage_options,
     subscription_usage_command},
    {"plan list", "", "List the plans", NULL, "  sandboxctl plan list\n", 0, 0, remote_options,
     plan_list_command},
    {"plan get", "NAME", "Show a plan as a document", NULL, "  sandboxctl plan get pro > pro.json\n", 1, 1,
     remote_options, plan_get_command},
    {"plan apply", "NAME FILE", "Make or change a plan",
     "Its tenants are under the changed plan from their next run on.",
     "  sandboxctl plan apply pro pro.json\n", 2, 2, remote_options, plan_apply_command},
    {"cost daily", "", "Show what all tenants cost, per day", NULL, "  sandboxctl cost daily\n", 0, 0,
     usage_options, cost_daily_command},
    {"cost top", "", "Show the dearest tenants", NULL, "  sandboxctl cost top -n 5\n", 0, 0, cost_top_options,
     cost_top_command},
    {"cost projection", "", "Show what the month will have cost when it ends", NULL,
     "  sandboxctl cost projection\n", 0, 0, remote_options, cost_projection_command},
    {"plugin list", "", "List the server's plugins by name", NULL,
     "  sandboxctl plugin list --namespace acme\n", 0, 0, plugin_list_options, plugin_list_command},
    {"plugin get", "NS/NAME[@VERSION]", "Show a plugin's versions, or one of them", NULL,
     "  sandboxctl plugin get acme/slugify\n  sandboxctl plugin get acme/slugify@1.2.0\n", 1, 1,
     remote_options, plugin_get_command},
    {"plugin publish", "[DIR]", "Publish a plugin's folder as the version that its manifest names",
     "A version never changes: the same content again is fine, another one is refused. The first version in "
     "a "
     "namespace makes it yours.",
     "  sandboxctl plugin publish greeter --namespace acme\n", 0, 1, plugin_publish_options,
     plugin_publish_command},
    {"plugin install", "NS/NAME[@RANGE]", "Install a plugin for a tenant, at a version or a range",
     "Runs of the tenant that name the plugin and no version run the highest version in the range. Without a "
     "range it is what is compatible with the latest version.",
     "  sandboxctl plugin install acme/slugify --tenant shop\n"
     "  sandboxctl plugin install 'acme/slugify@~1.2' --tenant shop\n",
     1, 1, plugin_install_options, plugin_install_command},
    {"plugin installed", "", "List what a tenant has installed, and which version that means now", NULL,
     "  sandboxctl plugin installed --tenant shop\n", 0, 0, plugin_installed_options,
     plugin_installed_command},
    {"plugin uninstall", "NS/NAME", "Uninstall a plugin of a tenant", NULL,
     "  sandboxctl plugin uninstall acme/slugify --tenant shop\n", 1, 1, plugin_install_options,
     plugin_uninstall_command},
    {"plugin yank", "NS/NAME@VERSION", "Take a version out of every range",
     "Whoever names the version exactly goes on running it. It is never taken back: publish the next one.",
     "  sandboxctl plugin yank acme/slugify@1.2.0\n", 1, 1, remote_options, plugin_yank_command},
    {"runs list", "", "List the server's runs, the newest first", NULL,
     "  sandboxctl runs list --status cpu_limit -n 20\n"
     "  sandboxctl runs list --tenant acme --since 2026-01-31T12:00:00Z\n",
     0, 0, runs_list_options, runs_list_command},
    {"runs get", "ID", "Show what the server keeps of one run", NULL,
     "  sandboxctl runs get 01a1fe91-f0dd-7537-a473-25a425e93f3c\n", 1, 1, remote_options, runs_get_command},
    {"runs cancel", "ID", "End a run that goes on", "Its own request is answered with the status cancelled.",
     "  sandboxctl runs cancel 01a1fe91-f0dd-7537-a473-25a425e93f3c\n", 1, 1, remote_options,
     runs_cancel_command},
    {"health", "", "Show the server's checks and isolation layers",
     "The exit status is 0 if the server is healthy or degraded, 1 if it is unhealthy.",
     "  sandboxctl health\n", 0, 0, remote_options, health_command},
    {"top", "", "Watch what the server does",
     "Rate, outcomes, wall time, the queue, and the busiest tenants, plugins and policies by CPU time, of "
     "the "
     "runs that ended since the look before. On a terminal it redraws, and q ends it; with --json it prints "
     "one line per look.",
     "  sandboxctl top\n  sandboxctl top --interval 10 --json >> runs.jsonl\n", 0, 0, top_options,
     top_command},
    {"config show", "", "Show the configuration", NULL, "  sandboxctl config show --origin\n", 0, 0,
     config_options, config_show_command},
    {"completion", "bash|zsh|fish [-- WORD...]", "Print a completion script, or what it would offer",
     "With the words of a command line, the last of which is what is typed of it so far: a line for each "
     "word "
     "that may stand there; \"/\" means files. The scripts ask that.",
     "  source <(sandboxctl completion bash)\n  sandboxctl completion bash -- policy ''\n", 1, SIZE_MAX,
     no_options, completion_command},
    {"manual", "", "Print the manual page sandboxctl(1) as scdoc text", NULL, NULL, 0, 0, no_options,
     manual_command},
    {0},
};
