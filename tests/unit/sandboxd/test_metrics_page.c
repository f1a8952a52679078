// SPDX-License-Identifier: Apache-2.0
// The page of a service that is idle, with every lock that it takes counted (the linker wraps the calls).
#include "sandboxd/api/metrics_page.h"

#include "base/cleanup.h"
#include "tests/support/store_fixture.h"

static _Thread_local const pthread_mutex_t *allowed;
static _Thread_local unsigned locks;

int __real_pthread_mutex_lock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex)
{
    locks += mutex != allowed;
    return __real_pthread_mutex_lock(mutex);
}

int __real_pthread_rwlock_rdlock(pthread_rwlock_t *lock);
int __wrap_pthread_rwlock_rdlock(pthread_rwlock_t *lock);
int __wrap_pthread_rwlock_rdlock(pthread_rwlock_t *lock)
{
    locks++;
    return __real_pthread_rwlock_rdlock(lock);
}

static void ignore_text(void *context, const char *text)
{
    (void)context;
    (void)text;
}

static void ignore(void *context)
{
    (void)context;
}

static struct exporter *start_exporter(struct error *err)
{
    struct trace_settings settings;
    struct diagnostics faults;
    diagnostics_init(&faults);
    // Port 9 of loopback: nobody listens there.
    const char *const environment[] = {"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:9", NULL};
    trace_settings_read((char *const *)environment, &settings, &faults);
    diagnostics_free(&faults);
    const struct exporter_hooks hooks = {.lost = ignore_text, .recovered = ignore};
    return exporter_new(&settings, &hooks, err);
}

static void look(void *context, struct health_look *found)
{
    (void)context;
    const struct health_finding finding = {"disk", "available", "system", "bytes",
                                           0,      HEALTH_WARN, true,     "full"};
    health_find(found, &finding);
}

static struct health_checks *start_health(struct error *err)
{
    static const struct health_check check = {"disk", HEALTH_WARN, 1000, look};
    const struct health_options options = {.checks = &check, .check_count = 1, .interval_ms = 3600000};
    return health_checks_new(&options, err);
}

static struct service *start_service(struct store *store)
{
    struct error err = {0};
    struct service *service = calloc(1, sizeof *service);
    assert_non_null(service);
    pthread_mutex_init(&service->isolation_lock, NULL);
    const struct engine_options options = {.zygote_path = "/none", .max_running = 1};
    service->store = store;
    service->metrics = metrics_new(&err);
    service->engine = engine_new(&options, &err);
    service->registry = registry_open(store, 1 << 20, &err);
    service->limits = limits_open(store, NULL, &err);
    service->exporter = start_exporter(&err);
    service->health = start_health(&err);
    service->http = http_server_new(&(const struct http_options){.max_connections = 1}, &err);
    if (!service->metrics || !service->engine || !service->registry || !service->limits ||
        !service->exporter || !service->health || !service->http)
        fail_msg("%s", err.text);
    service->isolation_known = true;
    return service;
}

static void stop_service(struct service *service)
{
    http_server_stop(service->http);
    assert_true(health_checks_stop(service->health));
    health_checks_free(service->health);
    exporter_free(service->exporter, 0);
    limits_close(service->limits);
    registry_close(service->registry);
    engine_free(service->engine);
    metrics_free(service->metrics);
    pthread_mutex_destroy(&service->isolation_lock);
    free(service);
}

static void a_scrape_takes_no_lock_of_a_request_or_a_run(void **state)
{
    struct store_fixture *fixture = *state;
    struct service *service = start_service(fixture->store);
    metrics_add(service->metrics, METRIC_RUNS, 1, "ok", "default", NULL);
    struct buffer page = buffer_make(1 << 20);
    struct exposition out = {.out = &page, .openmetrics = true};
    locks = 0;
    engine_touch(service->engine);
    assert_int_equal(locks, 1);         // the counting works
    allowed = &service->isolation_lock; // of the health checks alone
    locks = 0;
    metrics_page_put(&out, service);
    assert_int_equal(locks, 1); // likewise
    assert_true(buffer_ok(&page));
    static const char *const shown[] = {
        "sandbox_runs_total{status=\"ok\",policy=\"default\"} 1\n",
        "sandbox_workers{state=\"idle\"} 0\n",
        "sandbox_isolation_layer{layer=\"seccomp\",state=\"active\"} 1\n",
        "sandbox_health_check{check=\"disk:available\"} 1\n",
        "sandbox_history_queue_depth 0\n",
        "sandbox_limit_unwritten_total 0\n",
        "sandbox_plugins 0\n",
        "sandbox_otlp_queue_depth 0\n",
        "sandbox_cost_day_micros 0\n",
        "sandbox_http_connections 0\n",
    };
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        if (strstr(page.data, shown[i]) == NULL)
            fail_msg("%s is not in the page", shown[i]);
    buffer_free(&page);
    stop_service(service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_scrape_takes_no_lock_of_a_request_or_a_run, store_set_up,
                                        store_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
