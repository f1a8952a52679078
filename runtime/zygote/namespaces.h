// SPDX-License-Identifier: Apache-2.0
// The namespaces beside the user namespace. They belong to the zygote and are shared by its workers, which
// have no system call to use them with: one per run would cost more than the run.
#pragma once

#include "runtime/protocol/isolation.h"

// An empty, read-only root; nothing else is mounted.
void mount_namespace_enter(struct layer_report *report);
// No interface but a loopback that is down.
void network_namespace_enter(struct layer_report *report);
// From the next fork on: that child is pid 1 inside.
void pid_namespace_enter(struct layer_report *report);
void ipc_namespace_enter(struct layer_report *report);
// Its host and domain name are "sandbox".
void uts_namespace_enter(struct layer_report *report);
void cgroup_namespace_enter(struct layer_report *report);
