// SPDX-License-Identifier: Apache-2.0
// The linker wraps the lock, to be counted.
#include "tests/support/cmocka_all.h"

#include "sandboxd/observe/exposition.h"
#include "sandboxd/observe/metrics.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static _Thread_local unsigned locks;

int __real_pthread_mutex_lock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex)
{
    locks++;
    return __real_pthread_mutex_lock(mutex);
}

static char *expose(struct metrics *metrics, bool openmetrics, struct buffer *out)
{
    struct exposition exposition = {.out = out, .openmetrics = openmetrics};
    metrics_expose(metrics, &exposition);
    exposition_end(&exposition);
    assert_true(buffer_ok(out));
    return out->data;
}

static void counters_count_by_their_labels(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_new(NULL);
    metrics_add(metrics, METRIC_RUNS, 1, "ok", "default", NULL);
    metrics_add(metrics, METRIC_RUNS, 2, "ok", "default", NULL);
    metrics_add(metrics, METRIC_RUNS, 1, "cpu_limit", "default", NULL);
    assert_int_equal(metrics_read(metrics, METRIC_RUNS, "ok", "default", NULL), 3);
    assert_int_equal(metrics_read(metrics, METRIC_RUNS, "ok", "strict", NULL), 0);
    assert_int_equal(metrics_read_all(metrics, METRIC_RUNS), 4);
    struct buffer out = buffer_make(1 << 20);
    const char *text = expose(metrics, false, &out);
    assert_non_null(strstr(text, "# TYPE sandbox_runs_total counter\n"));
    assert_non_null(strstr(text, "sandbox_runs_total{status=\"ok\",policy=\"default\"} 3\n"));
    assert_null(strstr(text, "# EOF"));
    buffer_free(&out);
    metrics_free(metrics);
}

static void a_family_is_added_up_by_one_of_its_labels(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_new(NULL);
    assert_int_equal(metrics_read_where(metrics, METRIC_RUNS, 0, "ok"), 0);
    metrics_add(metrics, METRIC_RUNS, 1, "ok", "default", NULL);
    metrics_add(metrics, METRIC_RUNS, 2, "ok", "strict", NULL);
    metrics_add(metrics, METRIC_RUNS, 4, "crashed", "strict", NULL);
    assert_int_equal(metrics_read_where(metrics, METRIC_RUNS, 0, "ok"), 3);
    assert_int_equal(metrics_read_where(metrics, METRIC_RUNS, 1, "strict"), 6);
    assert_int_equal(metrics_read_where(metrics, METRIC_RUNS, 1, "ok"), 0);
    metrics_free(metrics);
}

static void histograms_show_base_units_and_cumulate(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_new(NULL);
    metrics_add(metrics, METRIC_RUN_DURATION, 100, "p", NULL, NULL);
    metrics_add(metrics, METRIC_RUN_DURATION, 101, "p", NULL, NULL);
    metrics_add(metrics, METRIC_RUN_DURATION, 999000000, "p", NULL, NULL);
    struct buffer out = buffer_make(1 << 20);
    const char *text = expose(metrics, true, &out);
    assert_non_null(strstr(text, "sandbox_run_duration_seconds_bucket{policy=\"p\",le=\"0.0001\"} 1\n"));
    assert_non_null(strstr(text, "sandbox_run_duration_seconds_bucket{policy=\"p\",le=\"0.00025\"} 2\n"));
    assert_non_null(strstr(text, "sandbox_run_duration_seconds_bucket{policy=\"p\",le=\"1.0\"} 2\n"));
    assert_non_null(strstr(text, "sandbox_run_duration_seconds_bucket{policy=\"p\",le=\"+Inf\"} 3\n"));
    assert_non_null(strstr(text, "sandbox_run_duration_seconds_sum{policy=\"p\"} 999.000201\n"));
    assert_non_null(strstr(text, "sandbox_run_duration_seconds_count{policy=\"p\"} 3\n"));
    assert_non_null(strstr(text, "# TYPE sandbox_runs counter\n"));
    assert_string_equal(text + out.length - 6, "# EOF\n");
    buffer_free(&out);
    metrics_free(metrics);
}

static void buckets_remember_a_trace(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_new(NULL);
    const char *trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    metrics_add_traced(metrics, METRIC_RUN_DURATION, 200, "p", NULL, NULL, trace);
    metrics_add_traced(metrics, METRIC_RUN_DURATION, 400, "p", NULL, NULL, NULL);
    metrics_add_traced(metrics, METRIC_RUN_STAGE, 200, "queue", NULL, NULL, trace); // a family without them
    struct buffer out = buffer_make(1 << 20);
    const char *text = expose(metrics, true, &out);
    const char *bucket = "sandbox_run_duration_seconds_bucket{policy=\"p\",le=\"0.00025\"} 1 # {trace_id=\"";
    const char *found = strstr(text, bucket);
    assert_non_null(found);
    assert_memory_equal(found + strlen(bucket), trace, 32);
    assert_memory_equal(found + strlen(bucket) + 32, "\"} 0.0002 ", 10);
    assert_non_null(strstr(text, "le=\"0.0005\"} 2\n"));
    assert_null(strstr(found + strlen(bucket), "trace_id"));
    buffer_clear(&out);
    assert_null(strstr(expose(metrics, false, &out), "trace_id"));
    buffer_free(&out);
    metrics_free(metrics);
}

static void quantiles_are_interpolated(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_new(NULL);
    assert_true(metrics_quantile(metrics, METRIC_RUN_DURATION, 0.5) == 0);
    for (unsigned i = 0; i < 100; i++)
        metrics_add(metrics, METRIC_RUN_DURATION, 200, "p", NULL, NULL);
    double median = metrics_quantile(metrics, METRIC_RUN_DURATION, 0.5);
    assert_true(median > 100 && median < 250);
    metrics_free(metrics);
}

static void only_new_label_values_take_a_lock(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_new(NULL);
    locks = 0;
    metrics_add(metrics, METRIC_RUNS, 1, "ok", "default", NULL);
    assert_int_equal(locks, 1);
    metrics_add(metrics, METRIC_RUNS, 1, "ok", "default", NULL);
    assert_int_equal(locks, 1);
    for (unsigned i = 0; i < METRIC_SERIES_MAX; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%u", i);
        metrics_add(metrics, METRIC_DENIED_SYSCALLS, 1, name, NULL, NULL);
    }
    locks = 0; // what is new now is no series of its own, and needs none to be added
    for (unsigned i = 0; i < 100; i++) {
        char name[16];
        snprintf(name, sizeof name, "late%u", i);
        metrics_add(metrics, METRIC_DENIED_SYSCALLS, 1, name, NULL, NULL);
    }
    assert_int_equal(locks, 0);
    assert_int_equal(metrics_read(metrics, METRIC_DENIED_SYSCALLS, "other", "other", "other"), 101);
    metrics_free(metrics);
}

static void too_many_series_go_under_other(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_new(NULL);
    for (unsigned i = 0; i < METRIC_SERIES_MAX + 500; i++) {
        char name[16];
        snprintf(name, sizeof(name), "n%u", i);
        metrics_add(metrics, METRIC_DENIED_SYSCALLS, 1, name, NULL, NULL);
    }
    assert_int_equal(metrics_read(metrics, METRIC_DENIED_SYSCALLS, "n0", NULL, NULL), 1);
    assert_int_equal(metrics_read(metrics, METRIC_DENIED_SYSCALLS, "other", "other", "other"), 500);
    assert_int_equal(metrics_read_all(metrics, METRIC_DENIED_SYSCALLS), METRIC_SERIES_MAX + 500);
    metrics_free(metrics);
}

static void *count_much(void *metrics)
{
    for (unsigned i = 0; i < 20000; i++) {
        char name[16];
        snprintf(name, sizeof(name), "n%u", i % 50);
        metrics_add(metrics, METRIC_DENIED_SYSCALLS, 1, name, NULL, NULL);
    }
    return NULL;
}

static void threads_lose_no_count(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_new(NULL);
    pthread_t threads[4];
    for (unsigned i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, count_much, metrics);
    for (unsigned i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(metrics_read_all(metrics, METRIC_DENIED_SYSCALLS), 80000);
    assert_int_equal(metrics_read(metrics, METRIC_DENIED_SYSCALLS, "n7", NULL, NULL), 1600);
    metrics_free(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_count_by_their_labels),
        cmocka_unit_test(a_family_is_added_up_by_one_of_its_labels),
        cmocka_unit_test(histograms_show_base_units_and_cumulate),
        cmocka_unit_test(buckets_remember_a_trace),
        cmocka_unit_test(quantiles_are_interpolated),
        cmocka_unit_test(only_new_label_values_take_a_lock),
        cmocka_unit_test(too_many_series_go_under_other),
        cmocka_unit_test(threads_lose_no_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
