// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/api/isolation.h"

#include <string.h>

bool isolation_overall(struct service *service, struct isolation_report *ret_report)
{
    bool any = false;
    pthread_mutex_lock(&service->policies_lock);
    for (size_t i = 0; i < policy_set_count(service->policies); i++) {
        struct isolation_report report;
        if (!engine_isolation(service->engine, policy_set_at(service->policies, i)->name, &report))
            continue;
        for (unsigned layer = 0; layer < ISOLATION_LAYER_COUNT; layer++)
            if (!any || report.layer[layer].state > ret_report->layer[layer].state)
                ret_report->layer[layer] = report.layer[layer];
        any = true;
    }
    pthread_mutex_unlock(&service->policies_lock);
    return any;
}
