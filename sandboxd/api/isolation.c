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

bool isolation_layer_lacks(const struct isolation_report *report, enum isolation_layer layer)
{
    if (report->layer[layer].state == LAYER_ACTIVE)
        return false;
    if (layer == LAYER_DEDICATED_UID)
        return report->layer[LAYER_USER_NAMESPACE].state != LAYER_ACTIVE;
    if (layer == LAYER_USER_NAMESPACE)
        return report->layer[LAYER_DEDICATED_UID].state != LAYER_ACTIVE;
    return true;
}
