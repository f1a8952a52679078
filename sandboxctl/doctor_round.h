// SPDX-License-Identifier: Apache-2.0
// One round of attempts, through the engine and a probe: each attempt is a run in a worker of its own, beside
// one other worker that must live through all of them. Main thread only.
#pragma once

#include "base/error.h"
#include "runtime/protocol/probe_job.h"
#include "sandboxctl/doctor_report.h"

// Makes every attempt of the round and writes down how it ended; the first round also takes the list of them
// from the probe, and looks at the other worker from outside. `baits` is what was laid out on the host.
// An interrupt fails it and sets `report->interrupted`.
bool doctor_round_run(enum doctor_round round, const char *policy, const struct probe_baits *baits,
                      struct doctor_report *report, struct error *err);
