// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/accounts/price.h"

enum { US_PER_MS = 1000, KIB = 1024 };
#define KIB_MS_PER_GIB_S (UINT64_C(1048576) * 1000)

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t part(uint64_t amount, uint64_t price_micros, uint64_t unit)
{
    unsigned __int128 whole = (unsigned __int128)amount * price_micros;
    return (uint64_t)((whole + unit - 1) / unit);
}

static uint64_t price(const struct plan *plan, uint64_t cpu_us, uint64_t memory_kib_ms)
{
    return plan->figure[PLAN_PRICE_RUN] + part(cpu_us, plan->figure[PLAN_PRICE_CPU_SECOND], 1000000) +
           part(memory_kib_ms, plan->figure[PLAN_PRICE_GIB_SECOND], KIB_MS_PER_GIB_S);
}

static uint64_t kib_ms(uint64_t bytes, uint64_t us)
{
    return (uint64_t)((unsigned __int128)bytes * us / (KIB * US_PER_MS));
}

uint64_t price_estimate(const struct plan *plan, const struct run_limits *limits)
{
    return price(plan, limits->value[LIMIT_CPU_MS] * US_PER_MS,
                 kib_ms(limits->value[LIMIT_MEMORY_BYTES], limits->value[LIMIT_WALL_MS] * US_PER_MS));
}

uint64_t price_least(const struct plan *plan)
{
    return price(plan, 0, 0);
}

uint64_t price_memory_kib_ms(const struct run_result *result)
{
    const struct run_limits *limits = &result->limits.limits;
    return kib_ms(smaller(result->figures.rss_bytes, limits->value[LIMIT_MEMORY_BYTES]),
                  smaller(result->figures.wall_us, limits->value[LIMIT_WALL_MS] * US_PER_MS));
}

uint64_t price_run(const struct plan *plan, const struct run_result *result)
{
    if (result->outcome == OUTCOME_INTERNAL_ERROR || result->figures.wall_us == 0)
        return 0;
    return price(plan, smaller(result->figures.cpu_us, result->limits.limits.value[LIMIT_CPU_MS] * US_PER_MS),
                 price_memory_kib_ms(result));
}
