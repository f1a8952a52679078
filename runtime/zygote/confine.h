// SPDX-License-Identifier: Apache-2.0
// The confinement checklist: the one place that calls the isolation layers, each a file of its own in this
// folder, in the order of enum isolation_layer. A step that must not fail and does ends the process: there
// is no way on without it.
//
// confine_zygote runs in the zygote at start-up; confine_worker runs in every worker right after fork,
// confine_run when it has its job.
#pragma once

#include "base/error.h"
#include "runtime/protocol/isolation.h"
#include "runtime/protocol/job_messages.h"
#include "runtime/protocol/zygote_messages.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct seccomp_program; // runtime/zygote/seccomp_filter.h

// The only descriptor of a confined worker: its socket.
enum { WORKER_SOCKET_FD = 0 };

// Ids, namespaces, empty root, capabilities, no_new_privs, not dumpable, Landlock, descriptors (all but
// `control_fd`), rlimits, MDWE, for the calling process and those it forks. Its next child is pid 1 of the
// new pid namespace (pid_one.h). Fills in the report, but for seccomp and the Lua environment, which do not
// exist yet; false if a layer failed that can never be missing, or one that `setup` requires is missing.
bool confine_zygote(const struct zygote_setup *setup, int control_fd, struct isolation_report *report,
                    struct error *err);

// In a fresh worker: `socket` becomes WORKER_SOCKET_FD and every other descriptor is closed; then the
// worker's own rlimits, and the filter. Exits with EXIT_CONFINEMENT if any step fails; returns otherwise.
void confine_worker(int socket, uint64_t cpu_ms_max, const struct seccomp_program *program);

// In a confined worker: what only the job can tell, before anything of the plugin is looked at. `job_bytes`:
// of the job's frame; `address_space_max`: the zygote's own. Exits with EXIT_CONFINEMENT if it fails; returns
// otherwise.
void confine_run(const struct job *job, size_t job_bytes, uint64_t address_space_max);
