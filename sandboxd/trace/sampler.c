// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/trace/sampler.h"

#include <stdlib.h>

enum { RANDOM_DIGITS = 14 }; // 56 bits

static bool within_ratio(double ratio, const char *trace_id)
{
    uint64_t random = strtoull(trace_id + TRACE_ID_SIZE - RANDOM_DIGITS, NULL, 16);
    uint64_t threshold = (uint64_t)((1 - ratio) * (double)(UINT64_C(1) << 56));
    return random >= threshold;
}

bool sampler_keeps(const struct trace_settings *settings, const struct trace_context *trace)
{
    switch (settings->sampler) {
    case SAMPLER_ALWAYS_ON:
        return true;
    case SAMPLER_ALWAYS_OFF:
        return false;
    case SAMPLER_RATIO:
        return within_ratio(settings->ratio, trace->trace_id);
    case SAMPLER_PARENT_ALWAYS_ON:
        return trace->has_parent ? trace->caller.sampled : true;
    case SAMPLER_PARENT_ALWAYS_OFF:
        return trace->has_parent && trace->caller.sampled;
    case SAMPLER_PARENT_RATIO:
        return trace->has_parent ? trace->caller.sampled : within_ratio(settings->ratio, trace->trace_id);
    }
    return false;
}
