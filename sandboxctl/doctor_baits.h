// SPDX-License-Identifier: Apache-2.0
// Things laid out on the host, open to anybody, that nothing in a sandbox may find. They last as long as
// this process. Main thread only.
#pragma once

#include "base/error.h"
#include "runtime/protocol/probe_job.h"

struct doctor_baits {
    struct probe_baits values;
    void *segment;
    int udp_socket;
};

// What cannot be laid out on this host stays 0, and is not looked for.
void doctor_baits_lay(struct doctor_baits *ret_baits);
void doctor_baits_take_in(struct doctor_baits *baits);
