// SPDX-License-Identifier: Apache-2.0
// The engine alone, without HTTP: trivial runs over the real zygote, as many in flight as asked for. Between
// `floor` and the service, it tells whose the time is.
//
//   engine_rate ZYGOTE IN_FLIGHT SECONDS
//
// As in the service, one thread submits and the engine's thread answers; an eventfd is the way back.
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/uuid.h"
#include "runtime/engine/engine.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { LATENCIES_MAX = 1 << 20, IN_FLIGHT_MAX = 4096, START_MS = 10000 };

struct bench {
    struct engine *engine;
    struct run_request request;
    int answered_fd;
    _Atomic unsigned failed;
    uint64_t latencies_ns[LATENCIES_MAX];
    _Atomic unsigned count;
};

struct flight {
    struct bench *bench;
    uint64_t began_ns;
    _Atomic bool over;
};

static void on_done(void *user, const struct run_result *result)
{
    struct flight *flight = user;
    struct bench *bench = flight->bench;
    if (result->outcome != OUTCOME_OK || !bytes_equal_text(result->output, "5"))
        atomic_fetch_add(&bench->failed, 1);
    unsigned at = atomic_fetch_add(&bench->count, 1);
    if (at < LATENCIES_MAX)
        bench->latencies_ns[at] = clock_monotonic_ns() - flight->began_ns;
    atomic_store(&flight->over, true);
    uint64_t one = 1;
    if (write(bench->answered_fd, &one, sizeof one) != (ssize_t)sizeof one)
        abort();
}

static void submit(struct bench *bench, struct flight *flight)
{
    flight->bench = bench;
    flight->over = false;
    bench->request.user = flight;
    uuid_v7(bench->request.run_id);
    flight->began_ns = clock_monotonic_ns();
    if (engine_submit(bench->engine, &bench->request) != ADMITTED)
        abort();
}

static void *serve(void *engine)
{
    engine_serve(engine);
    return NULL;
}

static struct policy *plain_policy(void)
{
    struct policy *policy = calloc(1, sizeof *policy);
    if (policy == NULL)
        abort();
    policy->references = 1;
    snprintf(policy->name, sizeof policy->name, "bench");
    snprintf(policy->version, sizeof policy->version, "sha256:%064d", 0);
    policy->limits.value[LIMIT_WALL_MS] = 30000;
    policy->limits.value[LIMIT_CPU_MS] = 10000;
    policy->limits.value[LIMIT_MEMORY_BYTES] = 256 << 20;
    policy->limits.value[LIMIT_OUTPUT_BYTES] = 1 << 20;
    policy->limits.value[LIMIT_LOG_BYTES] = 65536;
    policy->limits.value[LIMIT_CODE_BYTES] = 256 << 10;
    policy->limits.value[LIMIT_CONTEXT_BYTES] = 1 << 20;
    policy->limits.value[LIMIT_JSON_DEPTH] = 64;
    policy->ceilings = policy->limits;
    memset(policy->lua_allowed, true, sizeof policy->lua_allowed);
    policy->idle_workers = 2;
    policy->max_concurrency = 32;
    return policy;
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void run_for(struct bench *bench, unsigned in_flight, uint64_t duration_ns)
{
    static struct flight flights[IN_FLIGHT_MAX];
    uint64_t until_ns = clock_monotonic_ns() + duration_ns;
    unsigned flying = in_flight;
    for (unsigned i = 0; i < in_flight; i++)
        submit(bench, &flights[i]);
    while (flying > 0) {
        uint64_t answered;
        if (read(bench->answered_fd, &answered, sizeof answered) != (ssize_t)sizeof answered)
            abort();
        bool go_on = clock_monotonic_ns() < until_ns;
        for (unsigned i = 0; i < in_flight && answered > 0; i++) {
            if (!atomic_exchange(&flights[i].over, false))
                continue;
            answered--;
            if (go_on)
                submit(bench, &flights[i]);
            else
                flying--;
        }
        // One whose answer was counted by a later event was taken along already.
    }
}

static void report(struct bench *bench, double seconds)
{
    unsigned count = bench->count < LATENCIES_MAX ? bench->count : LATENCIES_MAX;
    qsort(bench->latencies_ns, count, sizeof *bench->latencies_ns, by_size);
    struct engine_figures figures;
    engine_read_figures(bench->engine, &figures);
    printf("runs_per_s=%.0f p50_us=%.1f p99_us=%.1f runs=%u failed=%u forks=%llu idle=%u\n",
           bench->count / seconds, bench->latencies_ns[count / 2] / 1e3,
           bench->latencies_ns[(uint64_t)count * 99 / 100] / 1e3, bench->count, bench->failed,
           (unsigned long long)figures.forks, figures.idle_workers);
}

int main(int argc, char **argv)
{
    static struct bench bench;
    unsigned in_flight = argc == 4 ? (unsigned)atoi(argv[2]) : 0;
    double seconds = argc == 4 ? atof(argv[3]) : 0;
    if (in_flight < 1 || in_flight > IN_FLIGHT_MAX || seconds <= 0) {
        fprintf(stderr, "usage: %s ZYGOTE IN_FLIGHT SECONDS\n", argv[0]);
        return 2;
    }
    struct error err = {0};
    const struct engine_options options = {.zygote_path = argv[1],
                                           .max_running = 32,
                                           .queue_capacity = IN_FLIGHT_MAX,
                                           .memory_budget_bytes = 1ULL << 40,
                                           .grace_ms = 50};
    struct policy *policy = plain_policy();
    bench.engine = engine_new(&options, &err);
    bench.answered_fd = eventfd(0, EFD_CLOEXEC);
    if (bench.engine == NULL || bench.answered_fd < 0 ||
        !engine_set_policy(bench.engine, policy, START_MS, &err)) {
        fprintf(stderr, "engine_rate: %s\n", err.text);
        return 1;
    }
    bench.request = (struct run_request){.tenant = "",
                                         .policy = policy,
                                         .module_count = 1,
                                         .context = bytes_of_text("{\"a\":2,\"b\":3}"),
                                         .done = on_done};
    bench.request.limits.limits = policy->limits;
    bench.request.modules[0] = (struct job_module){.name = bytes_of_text("main.lua"),
                                                   .code = bytes_of_text("return context.a + context.b")};
    pthread_t thread;
    if (pthread_create(&thread, NULL, serve, bench.engine) != 0)
        return 1;
    uint64_t began_ns = clock_monotonic_ns();
    run_for(&bench, in_flight, (uint64_t)(seconds * 1e9));
    report(&bench, (double)(clock_monotonic_ns() - began_ns) / 1e9);
    engine_stop(bench.engine);
    pthread_join(thread, NULL);
    engine_free(bench.engine);
    policy_unref(policy);
    close(bench.answered_fd);
    return bench.failed == 0 ? 0 : 1;
}
