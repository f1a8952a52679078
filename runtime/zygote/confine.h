// SPDX-License-Identifier: Apache-2.0
// The confinement checklist: the one place that calls the isolation layers, each a file of its own in this
// folder, in the order of enum isolation_layer. A step that must not fail and does ends the process: there
// is no way on without it.
//
// confine_zygote_* run in the zygote at start-up; confine_worker runs in every worker right after fork.
#pragma once

#include "base/error.h"
#include "runtime/protocol/isolation.h"
#include "runtime/protocol/zygote_messages.h"

#include <stdbool.h>

struct seccomp_program; // runtime/zygote/seccomp_filter.h

// Namespaces, empty root, ids, capabilities, no_new_privs, not dumpable, descriptors (all but the control
// socket), rlimits, Landlock, MDWE. Forks once on its way: the caller goes on as pid 1 of the new pid
// namespace; the outer process stays as a waiter that passes the exit status on. Fills in the report; false
// if a layer failed that can never be missing, or one that `setup` requires is missing.
bool confine_zygote(const struct zygote_setup *setup, struct isolation_report *report, struct error *err);

// In a fresh worker: closes the control socket and everything else but `socket`, which becomes the only
// descriptor; then loads the filter. Exits with EXIT_CONFINEMENT if any step fails; returns otherwise.
void confine_worker(int socket, const struct seccomp_program *program);
