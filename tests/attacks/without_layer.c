// SPDX-License-Identifier: Apache-2.0
// The probe with one isolation layer left out that says it is there: does the self-attack notice? Named for
// the layer, "without-landlock", by whoever copies it. Linked with --wrap around each layer's own function,
// so that no product code knows of it; a test's, never installed.
#include "runtime/protocol/zygote_messages.h"
#include "runtime/zygote/confine.h"
#include "runtime/zygote/layer.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

// The layer that this program's name leaves out. Read before /proc is gone, and inherited from then on.
static bool leaves_out(enum isolation_layer layer)
{
    static enum isolation_layer left_out = ISOLATION_LAYER_COUNT;
    static const char prefix[] = "without-";
    char path[PATH_MAX] = "";
    if (left_out == ISOLATION_LAYER_COUNT) {
        ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
        const char *name = length > 0 ? strrchr(path, '/') : NULL;
        name = name != NULL ? strstr(name, prefix) : NULL;
        name = name != NULL ? name + sizeof prefix - 1 : "";
        if (!isolation_layer_by_name(name, strlen(name), &left_out)) {
            fprintf(stderr, "name this program without-LAYER\n");
            exit(1);
        }
    }
    return layer == left_out;
}

#define LEAVE_OUT(layer, function) \
    void __real_##function(struct layer_report *report); \
    void __wrap_##function(struct layer_report *report); \
    void __wrap_##function(struct layer_report *report) \
    { \
        if (leaves_out(layer)) \
            layer_active(report); \
        else \
            __real_##function(report); \
    }

LEAVE_OUT(LAYER_DEDICATED_UID, dedicated_uid_take)
LEAVE_OUT(LAYER_USER_NAMESPACE, user_namespace_enter)
LEAVE_OUT(LAYER_MOUNT_NAMESPACE, mount_namespace_enter)
LEAVE_OUT(LAYER_NETWORK_NAMESPACE, network_namespace_enter)
LEAVE_OUT(LAYER_PID_NAMESPACE, pid_namespace_enter)
LEAVE_OUT(LAYER_IPC_NAMESPACE, ipc_namespace_enter)
LEAVE_OUT(LAYER_UTS_NAMESPACE, uts_namespace_enter)
LEAVE_OUT(LAYER_CGROUP_NAMESPACE, cgroup_namespace_enter)
LEAVE_OUT(LAYER_CAPABILITIES, capabilities_drop)
LEAVE_OUT(LAYER_NO_NEW_PRIVS, no_new_privs_set)
LEAVE_OUT(LAYER_LANDLOCK, landlock_deny_all)
LEAVE_OUT(LAYER_MDWE, mdwe_set)

void __real_not_dumpable_set(struct layer_report *report);
void __wrap_not_dumpable_set(struct layer_report *report);
void __wrap_not_dumpable_set(struct layer_report *report)
{
    if (!leaves_out(LAYER_NOT_DUMPABLE)) {
        __real_not_dumpable_set(report);
        return;
    }
    // Changing ids has made it so already: leaving it out means to undo that.
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    layer_active(report);
}

void __real_descriptors_close_all_but(int keep, struct layer_report *report);
void __wrap_descriptors_close_all_but(int keep, struct layer_report *report);
void __wrap_descriptors_close_all_but(int keep, struct layer_report *report)
{
    if (leaves_out(LAYER_DESCRIPTORS))
        layer_active(report);
    else
        __real_descriptors_close_all_but(keep, report);
}

bool __real_descriptors_keep_as_zero(int socket);
bool __wrap_descriptors_keep_as_zero(int socket);
bool __wrap_descriptors_keep_as_zero(int socket)
{
    return leaves_out(LAYER_DESCRIPTORS) ? dup2(socket, WORKER_SOCKET_FD) == WORKER_SOCKET_FD
                                         : __real_descriptors_keep_as_zero(socket);
}

void __real_rlimits_set_for_zygote(const struct zygote_setup *setup, struct layer_report *report);
void __wrap_rlimits_set_for_zygote(const struct zygote_setup *setup, struct layer_report *report);
void __wrap_rlimits_set_for_zygote(const struct zygote_setup *setup, struct layer_report *report)
{
    if (leaves_out(LAYER_RLIMITS))
        layer_active(report);
    else
        __real_rlimits_set_for_zygote(setup, report);
}

bool __real_rlimits_set_for_worker(uint64_t cpu_ms_max);
bool __wrap_rlimits_set_for_worker(uint64_t cpu_ms_max);
bool __wrap_rlimits_set_for_worker(uint64_t cpu_ms_max)
{
    return leaves_out(LAYER_RLIMITS) || __real_rlimits_set_for_worker(cpu_ms_max);
}

bool __real_rlimits_set_for_run(const struct job *job, uint64_t job_bytes, uint64_t most);
bool __wrap_rlimits_set_for_run(const struct job *job, uint64_t job_bytes, uint64_t most);
bool __wrap_rlimits_set_for_run(const struct job *job, uint64_t job_bytes, uint64_t most)
{
    return leaves_out(LAYER_RLIMITS) || __real_rlimits_set_for_run(job, job_bytes, most);
}
