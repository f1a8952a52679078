// SPDX-License-Identifier: Apache-2.0
// What ./dev bench compares the service with: sandboxd itself, linked so that neither metrics nor history are
// kept (the linker puts these in the place of the calls). The product has no such setting: an operator would
// save next to nothing, and know nothing.
#include "sandboxd/observe/metrics.h"
#include "sandboxd/store/store.h"

void __wrap_metrics_add(struct metrics *metrics, enum metric_family family, uint64_t amount,
                        const char *label_0, const char *label_1, const char *label_2);
void __wrap_metrics_add(struct metrics *metrics, enum metric_family family, uint64_t amount,
                        const char *label_0, const char *label_1, const char *label_2)
{
    (void)metrics, (void)family, (void)amount, (void)label_0, (void)label_1, (void)label_2;
}

void __wrap_metrics_add_traced(struct metrics *metrics, enum metric_family family, uint64_t amount,
                               const char *label_0, const char *label_1, const char *label_2,
                               const char *trace_id);
void __wrap_metrics_add_traced(struct metrics *metrics, enum metric_family family, uint64_t amount,
                               const char *label_0, const char *label_1, const char *label_2,
                               const char *trace_id)
{
    (void)metrics, (void)family, (void)amount, (void)label_0, (void)label_1, (void)label_2, (void)trace_id;
}

bool __wrap_store_record_run(struct store *store, const struct run_record *record);
bool __wrap_store_record_run(struct store *store, const struct run_record *record)
{
    (void)store, (void)record;
    return true;
}
