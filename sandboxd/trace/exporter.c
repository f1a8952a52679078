// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/trace/exporter.h"

#include "base/clock.h"
#include "base/gauge.h"
#include "sandboxd/trace/otlp_client.h"
#include "sandboxd/trace/resource.h"
#include "sandboxd/version.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    BODY_BYTES_MAX = 4 << 20, // a batch ends here, far below what collectors take
    BACKOFF_FIRST_MS = 500,   // before the second attempt; then twice that, and so on
    BACKOFF_MAX_MS = 10000,
    LEFT_ALONE_MAX_MS = 5 * 60 * 1000, // however long a Retry-After
    COMPLAIN_MS = 60 * 1000, // between two complaints, and how long one says that spans are being lost
};

static const char *const outcome_names[] = {
    [OTLP_TAKEN] = "taken", [OTLP_TRY_OVER] = "given up", [OTLP_REFUSED] = "refused"};

struct item {
    char *text;
    size_t length;
};

struct exporter {
    struct trace_settings settings;
    struct exporter_hooks hooks;
    struct otlp_client *client; // the thread's
    struct buffer resource;     // likewise
    struct item *batch;         // likewise, batch_max of them
    uint64_t complain_at_ns;    // likewise
    uint64_t not_before_ns;     // likewise: the collector asked to be left alone until then
    uint64_t told_queue_full;   // likewise: of dropped_queue_full
    uint64_t tell_full_at_ns;   // likewise
    pthread_t thread;
    _Atomic uint64_t give_up_ns; // 0: not stopping

    pthread_mutex_t lock; // for everything below
    pthread_cond_t wake;
    bool stopping;
    struct item *ring; // queue_max of them
    size_t head;
    struct gauge queued, exported, dropped_queue_full, dropped_rejected, dropped_failed;
    struct gauge failing;      // 1: the last batch was lost
    struct gauge full_last_ns; // when a span last found no room; 0: never
};

static struct timespec timespec_of(uint64_t monotonic_ns)
{
    return (struct timespec){.tv_sec = (time_t)(monotonic_ns / NS_PER_S),
                             .tv_nsec = (long)(monotonic_ns % NS_PER_S)};
}

bool exporter_add(struct exporter *exporter, struct buffer *span)
{
    struct item item;
    item.text = buffer_take(span, &item.length);
    if (item.text == NULL)
        buffer_free(span);
    pthread_mutex_lock(&exporter->lock);
    uint64_t queued = gauge_read(&exporter->queued);
    bool fits = item.text != NULL && queued < exporter->settings.queue_max;
    if (fits) {
        exporter->ring[(exporter->head + queued) % exporter->settings.queue_max] = item;
        gauge_set(&exporter->queued, ++queued);
        if (queued == exporter->settings.batch_max)
            pthread_cond_signal(&exporter->wake);
    } else {
        gauge_add(&exporter->dropped_queue_full, 1);
        gauge_set(&exporter->full_last_ns, clock_monotonic_ns());
    }
    pthread_mutex_unlock(&exporter->lock);
    if (!fits)
        free(item.text);
    return fits;
}

// With the lock held. False: the exporter is stopping.
static bool wait_until(struct exporter *exporter, uint64_t until_ns)
{
    struct timespec until = timespec_of(until_ns);
    while (!exporter->stopping && clock_monotonic_ns() < until_ns)
        pthread_cond_timedwait(&exporter->wake, &exporter->lock, &until);
    return !exporter->stopping;
}

// With the lock held: until a batch is full, the delay is over and something waits, or the end has come.
static void wait_for_batch(struct exporter *exporter)
{
    uint64_t delay_ns = exporter->settings.batch_delay_ms * NS_PER_MS;
    struct timespec due = timespec_of(clock_monotonic_ns() + delay_ns);
    while (!exporter->stopping && gauge_read(&exporter->queued) < exporter->settings.batch_max) {
        if (pthread_cond_timedwait(&exporter->wake, &exporter->lock, &due) != ETIMEDOUT)
            continue;
        if (gauge_read(&exporter->queued) > 0)
            return;
        due = timespec_of(clock_monotonic_ns() + delay_ns + NS_PER_MS);
    }
}

// With the lock held.
static size_t take_batch(struct exporter *exporter)
{
    size_t count = 0, bytes = 0;
    while (count < exporter->settings.batch_max && gauge_read(&exporter->queued) > 0 &&
           bytes < BODY_BYTES_MAX) {
        struct item item = exporter->ring[exporter->head];
        exporter->head = (exporter->head + 1) % exporter->settings.queue_max;
        gauge_add(&exporter->queued, -1);
        exporter->batch[count++] = item;
        bytes += item.length;
    }
    return count;
}

static void put_body(const struct exporter *exporter, size_t count, struct buffer *body)
{
    buffer_append_text(body, "{\"resourceSpans\":[{\"resource\":");
    buffer_append(body, exporter->resource.data, exporter->resource.length);
    buffer_append_text(body,
                       ",\"scopeSpans\":[{\"scope\":{\"name\":\"sandboxd\",\"version\":\"" SANDBOXD_VERSION
                       "\"},\"spans\":[");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_byte(body, ',');
        buffer_append(body, exporter->batch[i].text, exporter->batch[i].length);
    }
    buffer_append_text(body, "]}]}]}");
}

// Between half of it and all of it, so that several senders do not come back at once.
static uint64_t with_jitter(uint64_t ms)
{
    return ms / 2 + randombytes_uniform((uint32_t)(ms / 2 + 1));
}

// False: the time is up, or the exporter is stopping.
static bool pause_before_next(struct exporter *exporter, uint64_t pause_ms, uint64_t deadline_ns)
{
    uint64_t until_ns = clock_monotonic_ns() + pause_ms * NS_PER_MS;
    if (until_ns > deadline_ns)
        return false;
    pthread_mutex_lock(&exporter->lock);
    bool going_on = wait_until(exporter, until_ns);
    pthread_mutex_unlock(&exporter->lock);
    return going_on;
}

static void send_until_settled(struct exporter *exporter, struct bytes body, struct otlp_answer *ret_answer)
{
    uint64_t deadline_ns = clock_monotonic_ns() + exporter->settings.batch_timeout_ms * NS_PER_MS;
    for (uint64_t backoff_ms = BACKOFF_FIRST_MS;; backoff_ms *= 2) {
        uint64_t now_ns = clock_monotonic_ns(),
                 left_ms = deadline_ns > now_ns ? (deadline_ns - now_ns) / NS_PER_MS : 0;
        uint64_t timeout_ms = exporter->settings.request_timeout_ms;
        otlp_client_send(exporter->client, body, left_ms < timeout_ms ? left_ms + 1 : timeout_ms, ret_answer);
        if (ret_answer->outcome != OTLP_TRY_OVER)
            return;
        if (backoff_ms > BACKOFF_MAX_MS)
            backoff_ms = BACKOFF_MAX_MS;
        uint64_t pause_ms =
            ret_answer->retry_after_ms > 0 ? ret_answer->retry_after_ms : with_jitter(backoff_ms);
        log_to(exporter->hooks.logger, LOG_DEBUG, "batch is tried again", LOG_INTEGER("pause_ms", pause_ms),
               LOG_TEXT("detail", ret_answer->text));
        // Beyond the end of this batch it holds for the next one.
        if (ret_answer->retry_after_ms > 0)
            exporter->not_before_ns =
                clock_monotonic_ns() +
                (pause_ms < LEFT_ALONE_MAX_MS ? pause_ms : LEFT_ALONE_MAX_MS) * NS_PER_MS;
        if (!pause_before_next(exporter, pause_ms, deadline_ns))
            return;
    }
}

static void tell(struct exporter *exporter, bool lost, bool recovered, const char *text)
{
    uint64_t now_ns = clock_monotonic_ns();
    if (recovered) {
        exporter->complain_at_ns = 0;
        exporter->hooks.recovered(exporter->hooks.context);
    } else if (lost && now_ns >= exporter->complain_at_ns) {
        exporter->complain_at_ns = now_ns + COMPLAIN_MS * NS_PER_MS;
        exporter->hooks.lost(exporter->hooks.context, text);
    }
}

// With the lock held, which it gives up meanwhile: of spans that never got into a batch.
static void tell_queue_full(struct exporter *exporter)
{
    uint64_t dropped = gauge_read(&exporter->dropped_queue_full) - exporter->told_queue_full;
    uint64_t now_ns = clock_monotonic_ns();
    if (dropped == 0 || (now_ns < exporter->tell_full_at_ns && !exporter->stopping))
        return;
    exporter->told_queue_full += dropped;
    exporter->tell_full_at_ns = now_ns + COMPLAIN_MS * NS_PER_MS;
    pthread_mutex_unlock(&exporter->lock);
    char text[128];
    snprintf(text, sizeof text, "%llu found no room in the queue of %llu (OTEL_BSP_MAX_QUEUE_SIZE)",
             (unsigned long long)dropped, (unsigned long long)exporter->settings.queue_max);
    exporter->hooks.lost(exporter->hooks.context, text);
    pthread_mutex_lock(&exporter->lock);
}

// With the lock held, but while it tells: until the collector may be asked again, or the end has come.
static void leave_alone(struct exporter *exporter)
{
    for (uint64_t now_ns; (now_ns = clock_monotonic_ns()) < exporter->not_before_ns;) {
        uint64_t look_ns = now_ns + COMPLAIN_MS * NS_PER_MS;
        if (!wait_until(exporter, look_ns < exporter->not_before_ns ? look_ns : exporter->not_before_ns))
            return;
        tell_queue_full(exporter);
    }
}

static void send_batch(struct exporter *exporter, size_t count)
{
    struct otlp_answer answer = {.outcome = OTLP_REFUSED, .text = "no memory for a batch"};
    struct buffer body = buffer_make(SIZE_MAX);
    put_body(exporter, count, &body);
    uint64_t began_ns = clock_monotonic_ns();
    if (buffer_ok(&body))
        send_until_settled(exporter, bytes_of(body.data, body.length), &answer);
    log_to(exporter->hooks.logger, LOG_DEBUG, "batch sent", LOG_INTEGER("spans", count),
           LOG_INTEGER("json_bytes", body.length), LOG_TEXT("outcome", outcome_names[answer.outcome]),
           LOG_INTEGER("rejected", answer.rejected),
           LOG_MS_FROM_US("took_ms", (clock_monotonic_ns() - began_ns) / NS_PER_US));
    buffer_free(&body);
    for (size_t i = 0; i < count; i++)
        free(exporter->batch[i].text);
    pthread_mutex_lock(&exporter->lock);
    uint64_t rejected = answer.outcome == OTLP_REFUSED ? count
                        : answer.rejected < count      ? answer.rejected
                                                       : count;
    if (answer.outcome == OTLP_TRY_OVER) {
        gauge_add(&exporter->dropped_failed, (int64_t)count);
    } else {
        gauge_add(&exporter->dropped_rejected, (int64_t)rejected);
        gauge_add(&exporter->exported, (int64_t)(count - rejected));
    }
    bool failing = answer.outcome != OTLP_TAKEN;
    bool recovered = !failing && gauge_read(&exporter->failing) != 0;
    gauge_set(&exporter->failing, failing);
    bool lost = failing || rejected > 0;
    pthread_mutex_unlock(&exporter->lock);
    tell(exporter, lost, recovered, answer.text);
}

// After an attempt that failed while stopping, or when the time for the last ones is up.
static void drop_rest(struct exporter *exporter)
{
    for (; gauge_read(&exporter->queued) > 0; gauge_add(&exporter->queued, -1)) {
        gauge_add(&exporter->dropped_failed, 1);
        free(exporter->ring[exporter->head].text);
        exporter->head = (exporter->head + 1) % exporter->settings.queue_max;
    }
}

static void *serve(void *exporter_)
{
    struct exporter *exporter = exporter_;
    pthread_mutex_lock(&exporter->lock);
    for (;;) {
        leave_alone(exporter);
        wait_for_batch(exporter);
        tell_queue_full(exporter);
        if (exporter->stopping && (gauge_read(&exporter->failing) != 0 ||
                                   clock_monotonic_ns() >= atomic_load(&exporter->give_up_ns)))
            drop_rest(exporter);
        size_t count = take_batch(exporter);
        bool last = exporter->stopping && count == 0;
        pthread_mutex_unlock(&exporter->lock);
        if (last)
            return NULL;
        send_batch(exporter, count);
        pthread_mutex_lock(&exporter->lock);
    }
}

static void free_parts(struct exporter *exporter)
{
    otlp_client_free(exporter->client);
    buffer_free(&exporter->resource);
    free(exporter->batch);
    free(exporter->ring);
    free(exporter);
}

static bool make_parts(struct exporter *exporter, struct error *err)
{
    exporter->ring = calloc(exporter->settings.queue_max, sizeof *exporter->ring);
    exporter->batch = calloc(exporter->settings.batch_max, sizeof *exporter->batch);
    exporter->resource = buffer_make(SIZE_MAX);
    resource_put(&exporter->resource, &exporter->settings);
    if (exporter->ring == NULL || exporter->batch == NULL || !buffer_ok(&exporter->resource))
        return error_set(err, ERROR_MEMORY, "no memory for the queue of spans (OTEL_BSP_MAX_QUEUE_SIZE)");
    exporter->client = otlp_client_new(&exporter->settings, &exporter->give_up_ns, err);
    return exporter->client != NULL;
}

struct exporter *exporter_new(const struct trace_settings *settings, const struct exporter_hooks *hooks,
                              struct error *err)
{
    struct exporter *exporter = calloc(1, sizeof *exporter);
    if (exporter == NULL) {
        error_set(err, ERROR_MEMORY, "no memory for the trace exporter");
        return NULL;
    }
    exporter->settings = *settings;
    exporter->hooks = *hooks;
    if (!make_parts(exporter, err)) {
        free_parts(exporter);
        return NULL;
    }
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&exporter->lock, NULL);
    pthread_cond_init(&exporter->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    int failed = pthread_create(&exporter->thread, NULL, serve, exporter);
    if (failed != 0) {
        error_system(err, failed, "cannot start the thread of the trace exporter");
        free_parts(exporter);
        return NULL;
    }
    pthread_setname_np(exporter->thread, "exporter");
    return exporter;
}

void exporter_read_figures(const struct exporter *exporter, struct exporter_figures *ret_figures)
{
    uint64_t full_ns = gauge_read(&exporter->full_last_ns);
    *ret_figures = (struct exporter_figures){
        .queued = gauge_read(&exporter->queued),
        .exported = gauge_read(&exporter->exported),
        .dropped_queue_full = gauge_read(&exporter->dropped_queue_full),
        .dropped_rejected = gauge_read(&exporter->dropped_rejected),
        .dropped_failed = gauge_read(&exporter->dropped_failed),
        .failing = gauge_read(&exporter->failing) != 0,
        .queue_full = full_ns != 0 && clock_monotonic_ns() - full_ns < COMPLAIN_MS * NS_PER_MS,
    };
}

void exporter_free(struct exporter *exporter, uint64_t timeout_ms)
{
    if (exporter == NULL)
        return;
    pthread_mutex_lock(&exporter->lock);
    exporter->stopping = true;
    atomic_store(&exporter->give_up_ns, clock_monotonic_ns() + timeout_ms * NS_PER_MS);
    pthread_cond_signal(&exporter->wake);
    pthread_mutex_unlock(&exporter->lock);
    pthread_join(exporter->thread, NULL);
    pthread_cond_destroy(&exporter->wake);
    pthread_mutex_destroy(&exporter->lock);
    free_parts(exporter);
}
