// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/store/usage_rows.h"

#include "sandboxd/store/database.h"

#include <string.h>

enum { DAY_MS = 24 * 3600 * 1000 };

struct statement usage_add_statement(struct database *db)
{
    return statement_make(
        db, "INSERT INTO usage_daily (tenant_id, day, plan, plugin, runs, failures, cpu_us, memory_kib_ms, "
            "  cost_micros) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) "
            "ON CONFLICT (tenant_id, day, plan, plugin) DO UPDATE SET runs = runs + ?5, "
            "  failures = failures + ?6, cpu_us = cpu_us + ?7, memory_kib_ms = memory_kib_ms + ?8, "
            "  cost_micros = cost_micros + ?9");
}

bool usage_batch_write(struct usage_batch *batch, struct statement *add, struct error *err)
{
    for (unsigned i = 0; i < batch->count; i++) {
        const struct usage_of *of = &batch->items[i];
        bind_text(add, of->tenant);
        bind_integer(add, of->day);
        bind_text(add, of->plan);
        bind_text(add, of->plugin);
        bind_integer(add, (int64_t)of->sum.runs);
        bind_integer(add, (int64_t)of->sum.failures);
        bind_integer(add, (int64_t)of->sum.cpu_us);
        bind_integer(add, (int64_t)of->sum.memory_kib_ms);
        bind_integer(add, (int64_t)of->sum.cost_micros);
        if (!statement_run(add, err))
            return false;
    }
    batch->count = 0;
    return true;
}

static struct usage_of *find(struct usage_batch *batch, int64_t day, const struct run_record *record)
{
    for (unsigned i = 0; i < batch->count; i++) {
        struct usage_of *of = &batch->items[i];
        if (of->day == day && strcmp(of->tenant, record->tenant) == 0 &&
            strcmp(of->plan, record->plan) == 0 && strcmp(of->plugin, record->plugin) == 0)
            return of;
    }
    return NULL;
}

bool usage_batch_add(struct usage_batch *batch, struct statement *add, const struct run_record *record,
                     struct error *err)
{
    int64_t day = run_id_unix_ms(record->id) / DAY_MS;
    struct usage_of *of = find(batch, day, record);
    if (of == NULL) {
        if (batch->count == USAGE_BATCH_MAX && !usage_batch_write(batch, add, err))
            return false;
        of = &batch->items[batch->count++];
        *of = (struct usage_of){
            .day = day, .tenant = record->tenant, .plan = record->plan, .plugin = record->plugin};
    }
    of->sum.runs++;
    of->sum.failures += record->outcome != OUTCOME_OK;
    of->sum.cpu_us += record->figures.cpu_us;
    of->sum.memory_kib_ms += record->memory_kib_ms;
    of->sum.cost_micros += record->cost_micros;
    return true;
}

#define SUMS "sum(runs), sum(failures), sum(cpu_us), sum(memory_kib_ms), sum(cost_micros) FROM usage_daily "
#define CONDITION "WHERE (?1 IS NULL OR tenant_id = ?1) AND day >= ?2 AND day <= ?3 "

static bool read_rows(struct database *db, const char *sql, const struct usage_filter *filter,
                      usage_taker *take, void *context, struct error *err)
{
    autostatement struct statement read = statement_make(db, sql);
    bind_text(&read, filter->tenant);
    bind_integer(&read, filter->from_day);
    bind_integer(&read, filter->to_day != 0 ? filter->to_day : INT64_MAX);
    bind_integer(&read, filter->limit != 0 ? (int64_t)filter->limit : -1);
    while (statement_row(&read)) {
        struct usage_row row = {.day = column_integer(&read, 0),
                                .tenant = column_text(&read, 1),
                                .plugin = column_text(&read, 2),
                                .sum = {.runs = (uint64_t)column_integer(&read, 3),
                                        .failures = (uint64_t)column_integer(&read, 4),
                                        .cpu_us = (uint64_t)column_integer(&read, 5),
                                        .memory_kib_ms = (uint64_t)column_integer(&read, 6),
                                        .cost_micros = (uint64_t)column_integer(&read, 7)}};
        if (!take(context, &row))
            return error_set(err, ERROR_MEMORY, "out of memory");
    }
    return statement_done(&read, err);
}

bool usage_by_plugin_read(struct database *db, const struct usage_filter *filter, usage_taker *take,
                          void *context, struct error *err)
{
    return read_rows(
        db, "SELECT day, '', plugin, " SUMS CONDITION "GROUP BY day, plugin ORDER BY day, plugin LIMIT ?4",
        filter, take, context, err);
}

bool usage_by_day_read(struct database *db, const struct usage_filter *filter, usage_taker *take,
                       void *context, struct error *err)
{
    return read_rows(db, "SELECT day, '', '', " SUMS CONDITION "GROUP BY day ORDER BY day LIMIT ?4", filter,
                     take, context, err);
}

bool usage_by_tenant_read(struct database *db, const struct usage_filter *filter, usage_taker *take,
                          void *context, struct error *err)
{
    return read_rows(
        db,
        "SELECT 0, tenant_id, '', " SUMS CONDITION
        "AND tenant_id <> '' GROUP BY tenant_id ORDER BY sum(cost_micros) DESC, tenant_id LIMIT ?4",
        filter, take, context, err);
}

bool usage_last_day_read(struct database *db, int64_t *ret_day, struct error *err)
{
    autostatement struct statement read = statement_make(db, "SELECT coalesce(max(day), 0) FROM usage_daily");
    if (statement_row(&read))
        *ret_day = column_integer(&read, 0);
    return statement_done(&read, err);
}
