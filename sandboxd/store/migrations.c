// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/store/migrations.h"

const char *const migration_table[] = {
    // Run history, policies put over HTTP, their versions, and the audit log. Ids of runs are UUIDv7, so that
    // rows are appended, and the key is also the order in time.
    "CREATE TABLE runs ("
    "  id BLOB PRIMARY KEY CHECK (length(id) = 16),"
    "  tenant TEXT, plugin TEXT, plugin_version TEXT,"
    "  policy TEXT NOT NULL, policy_version TEXT NOT NULL,"
    "  status TEXT NOT NULL,"
    "  queue_us INTEGER NOT NULL, wall_us INTEGER NOT NULL, cpu_us INTEGER NOT NULL,"
    "  memory_bytes INTEGER NOT NULL, rss_bytes INTEGER NOT NULL, instructions INTEGER,"
    "  output_bytes INTEGER NOT NULL, log_bytes INTEGER NOT NULL,"
    "  limits BLOB NOT NULL,"
    "  error_message TEXT, error_source TEXT, error_line INTEGER, error_function TEXT,"
    "  limit_name TEXT, limit_observed INTEGER, limit_set_by TEXT, syscall INTEGER,"
    "  code_sha256 BLOB, trace_id TEXT"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX runs_by_policy ON runs (policy, id);"
    "CREATE INDEX runs_by_tenant ON runs (tenant, id) WHERE tenant IS NOT NULL;"
    "CREATE INDEX runs_by_plugin ON runs (plugin, id) WHERE plugin IS NOT NULL;"
    "CREATE INDEX runs_failed ON runs (status, id) WHERE status <> 'ok';"

    "CREATE TABLE policy_documents ("
    "  name TEXT PRIMARY KEY, document TEXT NOT NULL,"
    "  file_sha256 TEXT," // of the file that it took the place of; NULL if there was none
    "  at_ms INTEGER NOT NULL, actor TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE policy_versions ("
    "  serial INTEGER PRIMARY KEY,"
    "  name TEXT NOT NULL, version TEXT NOT NULL,"
    "  document TEXT NOT NULL,"  // as it was written
    "  canonical TEXT NOT NULL," // as it was resolved
    "  at_ms INTEGER NOT NULL, actor TEXT NOT NULL, reason TEXT NOT NULL"
    ") STRICT;"
    "CREATE INDEX policy_versions_by_name ON policy_versions (name, serial);"

    "CREATE TABLE audit_log ("
    "  serial INTEGER PRIMARY KEY,"
    "  at_ms INTEGER NOT NULL, actor TEXT NOT NULL, remote TEXT, request_id TEXT,"
    "  action TEXT NOT NULL, target TEXT NOT NULL,"
    "  before_version TEXT, after_version TEXT, detail TEXT NOT NULL"
    ") STRICT;"
    "CREATE INDEX audit_log_by_target ON audit_log (target, serial);",

    // Who may ask, and on which terms. The tenant is the first part of every key, so that a store that is
    // divided by tenant keeps each one's rows together; an admin's keys are of the tenant ''. A tenant that
    // was deleted keeps its row: another one of its name would see its runs.
    "CREATE TABLE tenants ("
    "  id TEXT PRIMARY KEY, name TEXT NOT NULL,"
    "  suspended TEXT," // why; NULL: it is not
    "  created_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL, deleted_ms INTEGER"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE api_keys ("
    "  tenant_id TEXT NOT NULL, id TEXT NOT NULL,"
    "  role TEXT NOT NULL CHECK (role IN ('admin', 'tenant')), name TEXT NOT NULL,"
    "  secret_sha256 BLOB NOT NULL CHECK (length(secret_sha256) = 32),"
    "  created_ms INTEGER NOT NULL, expires_ms INTEGER, last_used_ms INTEGER,"
    "  PRIMARY KEY (tenant_id, id)"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE plans ("
    "  name TEXT PRIMARY KEY, document TEXT NOT NULL, changed_ms INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE subscriptions ("
    "  tenant_id TEXT NOT NULL REFERENCES tenants (id), id TEXT NOT NULL,"
    "  plan TEXT NOT NULL REFERENCES plans (name),"
    "  started_ms INTEGER NOT NULL, ended_ms INTEGER,"
    "  PRIMARY KEY (tenant_id, id)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX subscriptions_current ON subscriptions (tenant_id) WHERE ended_ms IS NULL;",

    // The plugin registry. A version is never changed but to be yanked; a content is of one version or more.
    "CREATE TABLE plugin_namespaces ("
    "  name TEXT PRIMARY KEY, tenant_id TEXT NOT NULL," // who publishes there; '': the operator
    "  created_ms INTEGER NOT NULL, actor TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE plugin_contents ("
    "  sha256 TEXT PRIMARY KEY CHECK (length(sha256) = 64), content TEXT NOT NULL"
    ") STRICT;"

    "CREATE TABLE plugin_versions ("
    "  plugin TEXT NOT NULL, version TEXT NOT NULL,"
    "  sha256 TEXT NOT NULL REFERENCES plugin_contents (sha256),"
    "  code_bytes INTEGER NOT NULL, published_ms INTEGER NOT NULL, yanked_ms INTEGER,"
    "  description TEXT, actor TEXT NOT NULL,"
    "  PRIMARY KEY (plugin, version)"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE plugin_installs ("
    "  tenant_id TEXT NOT NULL, plugin TEXT NOT NULL, range TEXT NOT NULL,"
    "  installed_ms INTEGER NOT NULL, actor TEXT NOT NULL,"
    "  PRIMARY KEY (tenant_id, plugin)"
    ") STRICT, WITHOUT ROWID;",

    // What each run cost, the sums of all runs, and what was counted of limits that outlast the process.
    "ALTER TABLE runs ADD COLUMN plan TEXT;"
    "ALTER TABLE runs ADD COLUMN memory_kib_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE runs ADD COLUMN cost_micros INTEGER NOT NULL DEFAULT 0;"

    "CREATE TABLE usage_daily ("
    "  tenant_id TEXT NOT NULL, day INTEGER NOT NULL," // days since 1970, by when a run began
    "  plan TEXT NOT NULL, plugin TEXT NOT NULL,"      // '': none
    "  runs INTEGER NOT NULL, failures INTEGER NOT NULL,"
    "  cpu_us INTEGER NOT NULL, memory_kib_ms INTEGER NOT NULL, cost_micros INTEGER NOT NULL,"
    "  PRIMARY KEY (tenant_id, day, plan, plugin)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX usage_daily_by_day ON usage_daily (day);"

    "CREATE TABLE limit_marks ("
    "  tenant_id TEXT NOT NULL, scope TEXT NOT NULL, id TEXT NOT NULL, unit TEXT NOT NULL,"
    "  window_ms INTEGER NOT NULL, mark INTEGER NOT NULL,"
    "  PRIMARY KEY (tenant_id, scope, id, unit)"
    ") STRICT, WITHOUT ROWID;",

    // Answers kept for Idempotency-Keys, sealed with what only the one who sent the key has.
    "CREATE TABLE replies ("
    "  tenant_id TEXT NOT NULL, id BLOB NOT NULL CHECK (length(id) = 32),"
    "  body_sha256 BLOB NOT NULL CHECK (length(body_sha256) = 32),"
    "  at_ms INTEGER NOT NULL, sealed BLOB NOT NULL,"
    "  PRIMARY KEY (tenant_id, id)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX replies_by_age ON replies (at_ms);",

    // Every column that runs are filtered by is in every index, so that a filter that few of many runs match
    // reads no more than the index. That costs the writer bytes at places where it writes anyway.
    // runs_by_time
    // is written at its end alone, and is where a trace is looked for: an index in the order of trace ids,
    // which
    // are random, would double what a run costs the writer.
    "DROP INDEX runs_by_policy;"
    "DROP INDEX runs_by_tenant;"
    "DROP INDEX runs_by_plugin;"
    "DROP INDEX runs_failed;"
    "CREATE INDEX runs_by_time ON runs (id, trace_id, status, tenant, policy, plugin);"
    "CREATE INDEX runs_by_policy ON runs (policy, id, status, plugin, tenant);"
    "CREATE INDEX runs_by_tenant ON runs (tenant, id, status, policy, plugin) WHERE tenant IS NOT NULL;"
    "CREATE INDEX runs_by_plugin ON runs (plugin, id, status, policy, tenant) WHERE plugin IS NOT NULL;"
    "CREATE INDEX runs_failed ON runs (status, id, policy, tenant, plugin) WHERE status <> 'ok';",

    // How far the journal of runs is in the store (run_journal.h).
    ("CREATE TABLE run_journal (passed INTEGER NOT NULL) STRICT;"
     "INSERT INTO run_journal VALUES (0);"),
};
const unsigned migration_count = sizeof migration_table / sizeof *migration_table;
