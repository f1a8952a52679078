// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/observe/metrics.h"

#include "base/clock.h"
#include "base/require.h"
#include "sandboxd/observe/exemplar.h"
#include "sandboxd/observe/exposition.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 4096, BUCKETS_MAX = 24 };
_Static_assert(SLOTS > METRIC_SERIES_MAX + METRIC_FAMILY_COUNT, "a probe must find a free slot");

struct series {
    enum metric_family family;
    uint32_t hash;
    char label[METRIC_LABELS_MAX][METRIC_LABEL_SIZE];
    _Atomic uint64_t count; // of a counter: its value
    _Atomic uint64_t sum;
    _Atomic uint64_t bucket[BUCKETS_MAX]; // not cumulative; the last one is +Inf
    struct series *next;                  // of the same family; set before it is published
    struct exemplar exemplar[];           // one a bucket, where the family has them
};

struct metrics {
    _Atomic(struct series *) slot[SLOTS];
    _Atomic(struct series *) first[METRIC_FAMILY_COUNT];
    pthread_mutex_t lock; // for adding a series
    _Atomic unsigned count;
};

struct labels {
    const char *value[METRIC_LABELS_MAX];
};

// What a family counts once there are METRIC_SERIES_MAX series.
static const struct labels other = {.value = {"other", "other", "other"}};

struct metrics *metrics_new(struct error *err)
{
    struct metrics *metrics = calloc(1, sizeof(*metrics));
    if (metrics == NULL) {
        error_set(err, ERROR_MEMORY, "no memory for metrics");
        return NULL;
    }
    pthread_mutex_init(&metrics->lock, NULL);
    return metrics;
}

void metrics_free(struct metrics *metrics)
{
    if (metrics == NULL)
        return;
    for (unsigned i = 0; i < SLOTS; i++)
        free(atomic_load(&metrics->slot[i]));
    pthread_mutex_destroy(&metrics->lock);
    free(metrics);
}

// FNV-1a over what is kept of the values.
static uint32_t hash_of(enum metric_family family, const struct labels *labels)
{
    uint32_t hash = 2166136261u ^ (uint32_t)family;
    for (unsigned i = 0; i < METRIC_LABELS_MAX; i++) {
        for (unsigned j = 0; labels->value[i][j] != '\0' && j < METRIC_LABEL_SIZE - 1; j++)
            hash = (hash ^ (unsigned char)labels->value[i][j]) * 16777619u;
        hash = (hash ^ 0xff) * 16777619u;
    }
    return hash;
}

static bool is_series(const struct series *series, enum metric_family family, uint32_t hash,
                      const struct labels *labels)
{
    if (series->family != family || series->hash != hash)
        return false;
    for (unsigned i = 0; i < METRIC_LABELS_MAX; i++)
        if (strncmp(series->label[i], labels->value[i], METRIC_LABEL_SIZE - 1) != 0)
            return false;
    return true;
}

// The slot of the series, or the empty one where it would be.
static unsigned slot_of(struct metrics *metrics, enum metric_family family, const struct labels *labels)
{
    uint32_t hash = hash_of(family, labels);
    unsigned slot = hash % SLOTS;
    for (;;) {
        struct series *series = atomic_load_explicit(&metrics->slot[slot], memory_order_acquire);
        if (series == NULL || is_series(series, family, hash, labels))
            return slot;
        slot = (slot + 1) % SLOTS;
    }
}

static struct series *find(struct metrics *metrics, enum metric_family family, const struct labels *labels)
{
    return atomic_load_explicit(&metrics->slot[slot_of(metrics, family, labels)], memory_order_acquire);
}

static struct series *add(struct metrics *metrics, enum metric_family family, const struct labels *labels)
{
    pthread_mutex_lock(&metrics->lock);
    if (metrics->count >= METRIC_SERIES_MAX)
        labels = &other;
    unsigned slot = slot_of(metrics, family, labels);
    struct series *series = atomic_load(&metrics->slot[slot]);
    if (series == NULL)
        series = calloc(1, sizeof(*series) + (metric_table[family].exemplars ? BUCKETS_MAX : 0) *
                                                 sizeof(series->exemplar[0]));
    if (series != NULL && atomic_load(&metrics->slot[slot]) == NULL) {
        series->family = family;
        series->hash = hash_of(family, labels);
        for (unsigned i = 0; i < METRIC_LABELS_MAX; i++)
            strncpy(series->label[i], labels->value[i], METRIC_LABEL_SIZE - 1);
        series->next = atomic_load(&metrics->first[family]);
        metrics->count++;
        atomic_store_explicit(&metrics->slot[slot], series, memory_order_release);
        atomic_store_explicit(&metrics->first[family], series, memory_order_release);
    }
    pthread_mutex_unlock(&metrics->lock);
    return series;
}

// NULL when memory runs out: then this one is not counted.
static struct series *find_or_add(struct metrics *metrics, enum metric_family family,
                                  const struct labels *labels)
{
    struct series *series = find(metrics, family, labels);
    if (series == NULL && atomic_load(&metrics->count) >= METRIC_SERIES_MAX)
        series = find(metrics, family, &other);
    return series != NULL ? series : add(metrics, family, labels);
}

static struct labels labels_of(const char *label_0, const char *label_1, const char *label_2)
{
    return (struct labels){.value = {label_0 != NULL ? label_0 : "", label_1 != NULL ? label_1 : "",
                                     label_2 != NULL ? label_2 : ""}};
}

static unsigned bucket_of(const struct metric_info *info, uint64_t value)
{
    unsigned bucket = 0;
    while (bucket < info->bound_count && value > info->bounds[bucket])
        bucket++;
    return bucket;
}

void metrics_add(struct metrics *metrics, enum metric_family family, uint64_t amount, const char *label_0,
                 const char *label_1, const char *label_2)
{
    metrics_add_traced(metrics, family, amount, label_0, label_1, label_2, NULL);
}

void metrics_add_traced(struct metrics *metrics, enum metric_family family, uint64_t amount,
                        const char *label_0, const char *label_1, const char *label_2, const char *trace_id)
{
    const struct metric_info *info = &metric_table[family];
    require(info->bound_count < BUCKETS_MAX);
    struct labels labels = labels_of(label_0, label_1, label_2);
    struct series *series = find_or_add(metrics, family, &labels);
    if (series == NULL)
        return;
    if (info->kind != KIND_HISTOGRAM) {
        atomic_fetch_add_explicit(&series->count, amount, memory_order_relaxed);
        return;
    }
    unsigned bucket = bucket_of(info, amount);
    atomic_fetch_add_explicit(&series->bucket[bucket], 1, memory_order_relaxed);
    if (trace_id != NULL && info->exemplars)
        exemplar_put(&series->exemplar[bucket], trace_id, amount, clock_unix_ms());
    atomic_fetch_add_explicit(&series->sum, amount, memory_order_relaxed);
    atomic_fetch_add_explicit(&series->count, 1, memory_order_relaxed);
}

uint64_t metrics_read(struct metrics *metrics, enum metric_family family, const char *label_0,
                      const char *label_1, const char *label_2)
{
    struct labels labels = labels_of(label_0, label_1, label_2);
    struct series *series = find(metrics, family, &labels);
    return series != NULL ? atomic_load(&series->count) : 0;
}

uint64_t metrics_read_all(struct metrics *metrics, enum metric_family family)
{
    uint64_t total = 0;
    for (struct series *series = atomic_load(&metrics->first[family]); series != NULL; series = series->next)
        total += atomic_load(&series->count);
    return total;
}

uint64_t metrics_read_where(struct metrics *metrics, enum metric_family family, unsigned index,
                            const char *value)
{
    uint64_t total = 0;
    for (struct series *series = atomic_load(&metrics->first[family]); series != NULL; series = series->next)
        if (strcmp(series->label[index], value) == 0)
            total += atomic_load(&series->count);
    return total;
}

double metrics_quantile(struct metrics *metrics, enum metric_family family, double quantile)
{
    const struct metric_info *info = &metric_table[family];
    uint64_t bucket[BUCKETS_MAX] = {0}, total = 0;
    for (struct series *series = atomic_load(&metrics->first[family]); series != NULL;
         series = series->next) {
        for (unsigned i = 0; i <= info->bound_count; i++) {
            uint64_t count = atomic_load(&series->bucket[i]);
            bucket[i] += count;
            total += count;
        }
    }
    double rank = quantile * (double)total, below = 0;
    for (unsigned i = 0; total > 0 && i < info->bound_count; i++) {
        double low = i > 0 ? (double)info->bounds[i - 1] : 0, count = (double)bucket[i];
        if (count > 0 && below + count >= rank)
            return low + ((double)info->bounds[i] - low) * (rank - below) / count; // even within a bucket
        below += count;
    }
    return total > 0 ? (double)info->bounds[info->bound_count - 1] : 0;
}

static void put_labels(struct buffer *labels, const struct metric_info *info, const struct series *series)
{
    for (unsigned i = 0; i < METRIC_LABELS_MAX && info->labels[i] != NULL; i++)
        exposition_label(labels, info->labels[i], series->label[i]);
}

static void expose_histogram(const struct metric_info *info, struct series *series, struct exposition *out)
{
    char name[96];
    struct buffer labels = buffer_make(1024);
    uint64_t cumulative = 0;
    snprintf(name, sizeof(name), "%s_bucket", info->name);
    for (unsigned i = 0; i <= info->bound_count; i++) {
        cumulative += atomic_load(&series->bucket[i]);
        buffer_clear(&labels);
        put_labels(&labels, info, series);
        buffer_append_text(&labels, labels.length > 0 ? ",le=\"" : "le=\"");
        if (i < info->bound_count)
            exposition_bound(&labels, (double)info->bounds[i] / info->scale);
        else
            buffer_append_text(&labels, "+Inf");
        buffer_append_byte(&labels, '"');
        exposition_sample(out, name, buffer_ok(&labels) ? labels.data : "", (double)cumulative);
        struct exemplar_copy exemplar;
        if (info->exemplars && exemplar_get(&series->exemplar[i], &exemplar))
            exposition_exemplar(out, exemplar.trace_id, (double)exemplar.value / info->scale,
                                exemplar.unix_ms);
    }
    buffer_clear(&labels);
    put_labels(&labels, info, series);
    const char *text = labels.length > 0 ? labels.data : "";
    snprintf(name, sizeof(name), "%s_sum", info->name);
    exposition_sample(out, name, text, (double)atomic_load(&series->sum) / info->scale);
    // The sum of the buckets that were shown: `count` may have gone on meanwhile.
    snprintf(name, sizeof(name), "%s_count", info->name);
    exposition_sample(out, name, text, (double)cumulative);
    buffer_free(&labels);
}

void metrics_expose(struct metrics *metrics, struct exposition *out)
{
    for (unsigned family = 0; family < METRIC_FAMILY_COUNT; family++) {
        const struct metric_info *info = &metric_table[family];
        exposition_family(out, info->name, info->help, info->kind);
        for (struct series *series = atomic_load(&metrics->first[family]); series != NULL;
             series = series->next) {
            if (info->kind == KIND_HISTOGRAM) {
                expose_histogram(info, series, out);
                continue;
            }
            struct buffer labels = buffer_make(1024);
            put_labels(&labels, info, series);
            exposition_sample(out, info->name, labels.length > 0 ? labels.data : "",
                              (double)atomic_load(&series->count) / info->scale);
            buffer_free(&labels);
        }
    }
}
