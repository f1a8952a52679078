// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/accounts/plan.h"

const struct stock_plan stock_plans[] = {
    {"free", "{\"description\":\"To try it out\",\"priority\":1,"
             "\"requests\":{\"per_minute\":60,\"per_hour\":600,\"per_day\":2000},\"concurrent_runs\":2,"
             "\"cost_micros\":{\"per_day\":1000000,\"per_month\":10000000},"
             "\"ceilings\":{\"cpu_ms\":1000,\"wall_ms\":5000,\"memory_bytes\":67108864},"
             "\"policies\":[\"default\",\"strict\"],"
             "\"prices_micros\":{\"run\":10,\"cpu_second\":100,\"gib_second\":20}}"},
    {"pro", "{\"description\":\"For plugins in production\",\"priority\":4,"
            "\"requests\":{\"per_minute\":1200,\"per_hour\":30000,\"per_day\":300000},\"concurrent_runs\":16,"
            "\"cost_micros\":{\"per_day\":50000000,\"per_month\":1000000000},"
            "\"prices_micros\":{\"run\":8,\"cpu_second\":80,\"gib_second\":16}}"},
    {"enterprise", "{\"description\":\"For marketplaces\",\"priority\":16,"
                   "\"requests\":{\"per_minute\":60000},\"concurrent_runs\":256,"
                   "\"prices_micros\":{\"run\":5,\"cpu_second\":50,\"gib_second\":10}}"},
    {NULL, NULL},
};
