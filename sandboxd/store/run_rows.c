// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/store/run_rows.h"

#include "sandboxd/store/store_state.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { ID_BYTES = RUN_ID_BYTES, LIMIT_BYTES = 8 * RUN_LIMIT_COUNT };

#define COLUMNS \
    "id, tenant, plugin, plugin_version, policy, policy_version, status, queue_us, wall_us, cpu_us, " \
    "memory_bytes, " \
    "rss_bytes, instructions, output_bytes, log_bytes, limits, error_message, error_source, error_line, " \
    "error_function, limit_name, limit_observed, limit_set_by, syscall, code_sha256, trace_id, " \
    "plan, memory_kib_ms, cost_micros"

struct statement run_insert_statement(struct database *db)
{
    return statement_make(db, "INSERT INTO runs (" COLUMNS
                              ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                              "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
}

static int hex_value(char digit)
{
    return digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

// Hyphens of a UUID are passed over.
static size_t bytes_of_hex(const char *hex, unsigned char *out, size_t size)
{
    size_t digits = 0;
    for (; *hex && digits < 2 * size; hex++) {
        if (*hex == '-')
            continue;
        int value = hex_value(*hex);
        out[digits / 2] = (unsigned char)(digits % 2 ? out[digits / 2] | value : value << 4);
        digits++;
    }
    return digits / 2;
}

static void hex_of_bytes(struct bytes data, bool hyphens, char *out, size_t size)
{
    size_t at = 0;
    for (size_t i = 0; i < data.length && at + 2 < size; i++) {
        if (hyphens && (i == 4 || i == 6 || i == 8 || i == 10))
            out[at++] = '-';
        out[at++] = "0123456789abcdef"[(unsigned char)data.data[i] >> 4];
        out[at++] = "0123456789abcdef"[(unsigned char)data.data[i] & 15];
    }
    out[at] = '\0';
}

static void bind_filled(struct statement *statement, const char *text)
{
    bind_text(statement, text[0] ? text : NULL);
}

static void pack_limits(const struct run_limits *limits, unsigned char out[LIMIT_BYTES])
{
    for (unsigned i = 0; i < LIMIT_BYTES; i++)
        out[i] = (unsigned char)(limits->value[i / 8] >> (8 * (i % 8)));
}

static void unpack_limits(struct bytes data, struct run_limits *ret_limits)
{
    for (unsigned i = 0; i < data.length && i < LIMIT_BYTES; i++)
        ret_limits->value[i / 8] |= (uint64_t)(unsigned char)data.data[i] << (8 * (i % 8));
}

static void bind_usage(struct statement *insert, const struct run_figures *figures)
{
    bind_integer(insert, (int64_t)figures->queue_us);
    bind_integer(insert, (int64_t)figures->wall_us);
    bind_integer(insert, (int64_t)figures->cpu_us);
    bind_integer(insert, (int64_t)figures->memory_bytes);
    bind_integer(insert, (int64_t)figures->rss_bytes);
    if (figures->instructions_counted)
        bind_integer(insert, (int64_t)figures->instructions);
    else
        bind_null(insert);
    bind_integer(insert, (int64_t)figures->output_bytes);
    bind_integer(insert, (int64_t)figures->log_bytes);
}

static void bind_error(struct statement *insert, const struct run_record *record)
{
    bind_filled(insert, record->message);
    bind_filled(insert, record->source);
    bind_integer(insert, record->line);
    bind_filled(insert, record->function);
    if (record->limit_hit) {
        bind_text(insert, run_limit_table[record->limit].name);
        bind_integer(insert, (int64_t)record->limit_observed);
        bind_text(insert, limit_origin_name(record->limit_set_by));
    } else {
        bind_null(insert);
        bind_null(insert);
        bind_null(insert);
    }
    if (record->syscall_known)
        bind_integer(insert, record->syscall_number);
    else
        bind_null(insert);
}

bool run_insert(struct statement *insert, const struct run_record *record, struct error *err)
{
    unsigned char id[ID_BYTES] = {0}, code[32] = {0}, limits[LIMIT_BYTES];
    bytes_of_hex(record->id, id, sizeof id);
    pack_limits(&record->limits, limits);
    bind_blob(insert, id, sizeof id);
    bind_filled(insert, record->tenant);
    bind_filled(insert, record->plugin);
    bind_filled(insert, record->plugin_version);
    bind_text(insert, record->policy);
    bind_text(insert, record->policy_version);
    bind_text(insert, outcome_name(record->outcome));
    bind_usage(insert, &record->figures);
    bind_blob(insert, limits, sizeof limits);
    bind_error(insert, record);
    if (bytes_of_hex(record->code_sha256, code, sizeof code) == sizeof code)
        bind_blob(insert, code, sizeof code);
    else
        bind_null(insert);
    bind_filled(insert, record->trace_id);
    bind_filled(insert, record->plan);
    bind_integer(insert, (int64_t)record->memory_kib_ms);
    bind_integer(insert, (int64_t)record->cost_micros);
    return statement_run(insert, err);
}

#define TAKE_TEXT(field_, column_) snprintf((field_), sizeof(field_), "%s", column_text(row, (column_)))

static void take_usage(struct statement *row, struct run_figures *figures)
{
    figures->queue_us = (uint64_t)column_integer(row, 7);
    figures->wall_us = (uint64_t)column_integer(row, 8);
    figures->cpu_us = (uint64_t)column_integer(row, 9);
    figures->memory_bytes = (uint64_t)column_integer(row, 10);
    figures->rss_bytes = (uint64_t)column_integer(row, 11);
    figures->instructions_counted = !column_is_null(row, 12);
    figures->instructions = (uint64_t)column_integer(row, 12);
    figures->output_bytes = (uint64_t)column_integer(row, 13);
    figures->log_bytes = (uint64_t)column_integer(row, 14);
}

static void take_error(struct statement *row, struct run_record *record)
{
    TAKE_TEXT(record->message, 16);
    TAKE_TEXT(record->source, 17);
    record->line = (uint32_t)column_integer(row, 18);
    TAKE_TEXT(record->function, 19);
    const char *limit = column_text(row, 20), *set_by = column_text(row, 22);
    record->limit_hit = run_limit_by_name(limit, strlen(limit), &record->limit);
    record->limit_observed = (uint64_t)column_integer(row, 21);
    for (int origin = ORIGIN_POLICY; origin <= ORIGIN_REQUEST; origin++)
        if (strcmp(limit_origin_name((enum limit_origin)origin), set_by) == 0)
            record->limit_set_by = (enum limit_origin)origin;
    record->syscall_known = !column_is_null(row, 23);
    record->syscall_number = (uint32_t)column_integer(row, 23);
}

static void take_record(struct statement *row, struct run_record *record)
{
    *record = (struct run_record){0};
    hex_of_bytes(column_bytes(row, 0), true, record->id, sizeof record->id);
    TAKE_TEXT(record->tenant, 1);
    TAKE_TEXT(record->plugin, 2);
    TAKE_TEXT(record->plugin_version, 3);
    TAKE_TEXT(record->policy, 4);
    TAKE_TEXT(record->policy_version, 5);
    // A status of a newer version of this program: our side cannot name it better.
    if (!outcome_by_name(column_text(row, 6), &record->outcome))
        record->outcome = OUTCOME_INTERNAL_ERROR;
    take_usage(row, &record->figures);
    unpack_limits(column_bytes(row, 15), &record->limits);
    take_error(row, record);
    hex_of_bytes(column_bytes(row, 24), false, record->code_sha256, sizeof record->code_sha256);
    TAKE_TEXT(record->trace_id, 25);
    TAKE_TEXT(record->plan, 26);
    record->memory_kib_ms = (uint64_t)column_integer(row, 27);
    record->cost_micros = (uint64_t)column_integer(row, 28);
}

// What a list may be narrowed down by: the column and its place in the filter.
static const struct condition {
    size_t offset; // in struct run_filter
    const char *sql;
} conditions[] = {
    {offsetof(struct run_filter, tenant), " AND tenant = ?"},
    {offsetof(struct run_filter, plugin), " AND plugin = ?"},
    {offsetof(struct run_filter, policy), " AND policy = ?"},
    {offsetof(struct run_filter, status), " AND status = ?"},
    {offsetof(struct run_filter, trace_id), " AND trace_id = ?"},
};
enum { CONDITION_COUNT = sizeof conditions / sizeof *conditions };

static const char *value_of(const struct run_filter *filter, const struct condition *condition)
{
    return *(const char *const *)((const char *)filter + condition->offset);
}

// Without statistics SQLite would guess. Each index has all columns that are filtered by (only runs_by_time
// has the trace), so that rows that do not match are passed over without a look into the table. Failures come
// first: they are the fewer, and what is looked for at night.
static const char *index_for(const struct run_filter *filter)
{
    if (filter->trace_id)
        return "runs_by_time";
    if (filter->status && strcmp(filter->status, outcome_name(OUTCOME_OK)) != 0)
        return "runs_failed";
    return filter->tenant   ? "runs_by_tenant"
           : filter->plugin ? "runs_by_plugin"
           : filter->policy ? "runs_by_policy"
                            : "runs_by_time";
}

static void list_sql(const struct run_filter *filter, char *sql, size_t size)
{
    char where[160] = "";
    size_t length = 0;
    const char *index = index_for(filter);
    for (unsigned i = 0; i < CONDITION_COUNT; i++)
        if (value_of(filter, &conditions[i]))
            length += (size_t)snprintf(where + length, sizeof where - length, "%s", conditions[i].sql);
    // SQLite has to see that the index of failed runs has all that are asked for.
    snprintf(sql, size,
             "SELECT " COLUMNS " FROM runs WHERE id IN (SELECT id FROM runs INDEXED BY %s "
             "WHERE id >= ? AND id < ?%s%s ORDER BY id DESC LIMIT ?) ORDER BY id DESC",
             index, where, strcmp(index, "runs_failed") == 0 ? " AND status <> 'ok'" : "");
}

// The ids that are listed: from `since` on, and before both `until` and `below`.
static void id_bounds(const struct run_filter *filter, unsigned char since[ID_BYTES],
                      unsigned char before[ID_BYTES])
{
    unsigned char below[ID_BYTES];
    run_first_id(filter->since_ms, since);
    memset(before, 0xff, ID_BYTES);
    if (filter->until_ms)
        run_first_id(filter->until_ms, before);
    if (filter->below && bytes_of_hex(filter->below, below, ID_BYTES) == ID_BYTES &&
        memcmp(below, before, ID_BYTES) < 0)
        memcpy(before, below, ID_BYTES);
}

bool runs_list(struct database *db, const struct run_filter *filter,
               void (*take)(void *context, const struct run_record *record), void *context, struct error *err)
{
    char sql[1024];
    unsigned char since[ID_BYTES], before[ID_BYTES];
    list_sql(filter, sql, sizeof sql);
    id_bounds(filter, since, before);
    autostatement struct statement list = statement_make(db, sql);
    bind_blob(&list, since, sizeof since);
    bind_blob(&list, before, sizeof before);
    for (unsigned i = 0; i < CONDITION_COUNT; i++)
        if (value_of(filter, &conditions[i]))
            bind_text(&list, value_of(filter, &conditions[i]));
    bind_integer(&list, filter->limit);
    struct run_record record;
    while (statement_row(&list)) {
        take_record(&list, &record);
        take(context, &record);
    }
    return statement_done(&list, err);
}

bool run_get(struct database *db, const char *id, struct run_record *ret_record, struct error *err)
{
    unsigned char key[ID_BYTES] = {0};
    bytes_of_hex(id, key, sizeof key);
    autostatement struct statement get = statement_make(db, "SELECT " COLUMNS " FROM runs WHERE id = ?");
    bind_blob(&get, key, sizeof key);
    if (statement_row(&get)) {
        take_record(&get, ret_record);
        return true;
    }
    return statement_done(&get, err) && error_set(err, ERROR_NOT_FOUND, "there is no run of this id");
}
