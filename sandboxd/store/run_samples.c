// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/store/run_rows.h"

#include "sandboxd/store/database.h"

#include <stdlib.h>

// The column of each limit that runs are measured by, in the order in which they are selected.
static const struct {
    enum run_limit limit;
    int column;
} measured[] = {
    {LIMIT_WALL_MS, 1},      {LIMIT_CPU_MS, 2},       {LIMIT_MEMORY_BYTES, 3},
    {LIMIT_INSTRUCTIONS, 4}, {LIMIT_OUTPUT_BYTES, 5}, {LIMIT_LOG_BYTES, 6},
};
enum { MEASURED = sizeof measured / sizeof *measured };

// Runs that neither ended by themselves nor were ended by a limit (cancelled, crashed, never begun) say
// nothing about limits.
#define SAMPLES_SQL(index_, condition_) \
    "SELECT status IN ('ok', 'plugin_error', 'invalid_result'), wall_us, cpu_us, memory_bytes, " \
    "instructions," \
    "  output_bytes, log_bytes FROM runs WHERE id IN (SELECT id FROM runs INDEXED BY " index_ " " \
    "  WHERE policy = ?1 AND " condition_ " AND status IN ('ok', 'plugin_error', 'invalid_result'," \
    "    'cpu_limit', 'wall_limit', 'memory_limit', 'instruction_limit', 'output_limit') " \
    "  ORDER BY id DESC LIMIT ?3) ORDER BY id DESC"
static const char samples_of_policy[] = SAMPLES_SQL("runs_by_policy", "?2 IS NULL");
static const char samples_of_plugin[] = SAMPLES_SQL("runs_by_plugin", "plugin = ?2");

unsigned run_samples_scale(enum run_limit limit)
{
    return run_limit_table[limit].unit == UNIT_MS ? 1000 : 1;
}

void run_samples_free(struct run_samples *samples)
{
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++) {
        free(samples->ended[i]);
        free(samples->cut_off[i]);
    }
    *samples = (struct run_samples){0};
}

static bool make_room(struct run_samples *samples, size_t maximum)
{
    for (unsigned i = 0; i < MEASURED; i++) {
        enum run_limit limit = measured[i].limit;
        samples->ended[limit] = calloc(maximum, sizeof(uint64_t));
        samples->cut_off[limit] = calloc(maximum, sizeof(uint64_t));
        if (!samples->ended[limit] || !samples->cut_off[limit])
            return false;
    }
    return true;
}

static void take_row(struct statement *row, struct run_samples *samples)
{
    bool ended = column_integer(row, 0) != 0;
    size_t at = ended ? samples->ended_count++ : samples->cut_off_count++;
    for (unsigned i = 0; i < MEASURED; i++) {
        uint64_t *figures = ended ? samples->ended[measured[i].limit] : samples->cut_off[measured[i].limit];
        // Instructions that were not counted are NULL, and read as 0.
        figures[at] = (uint64_t)column_integer(row, measured[i].column);
    }
}

bool run_samples_read(struct database *db, const char *policy, const char *plugin, size_t maximum,
                      struct run_samples *ret_samples, struct error *err)
{
    struct run_samples samples = {0};
    if (!make_room(&samples, maximum)) {
        run_samples_free(&samples);
        return error_set(err, ERROR_MEMORY, "out of memory");
    }
    autostatement struct statement read = statement_make(db, plugin ? samples_of_plugin : samples_of_policy);
    bind_text(&read, policy);
    bind_text(&read, plugin);
    bind_integer(&read, (int64_t)maximum);
    while (statement_row(&read))
        take_row(&read, &samples);
    if (!statement_done(&read, err)) {
        run_samples_free(&samples);
        return false;
    }
    *ret_samples = samples;
    return true;
}

bool run_plugins_read(struct database *db, const char *policy, size_t runs, unsigned maximum,
                      void (*take)(void *context, const char *plugin), void *context, struct error *err)
{
    autostatement struct statement read = statement_make(
        db, "SELECT plugin FROM (SELECT plugin FROM runs WHERE policy = ?1 ORDER BY id DESC LIMIT ?2) "
            "WHERE plugin IS NOT NULL GROUP BY plugin ORDER BY count(*) DESC, plugin LIMIT ?3");
    bind_text(&read, policy);
    bind_integer(&read, (int64_t)runs);
    bind_integer(&read, maximum);
    while (statement_row(&read))
        take(context, column_text(&read, 0));
    return statement_done(&read, err);
}
