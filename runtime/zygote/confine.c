// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/confine.h"

#include "runtime/protocol/exit_codes.h"
#include "runtime/zygote/capabilities.h"
#include "runtime/zygote/dedicated_uid.h"
#include "runtime/zygote/descriptors.h"
#include "runtime/zygote/landlock.h"
#include "runtime/zygote/mdwe.h"
#include "runtime/zygote/namespaces.h"
#include "runtime/zygote/no_new_privs.h"
#include "runtime/zygote/not_dumpable.h"
#include "runtime/zygote/rlimits.h"
#include "runtime/zygote/seccomp_filter.h"
#include "runtime/zygote/session_keyring.h"
#include "runtime/zygote/user_namespace.h"

#include <stddef.h>
#include <unistd.h>

// A plugin never runs without these, whatever its policy says.
#define NEVER_MISSING \
    (1u << LAYER_NO_NEW_PRIVS | 1u << LAYER_DESCRIPTORS | 1u << LAYER_RLIMITS | 1u << LAYER_CAPABILITIES)

static bool acceptable(const struct zygote_setup *setup, enum isolation_layer layer,
                       const struct layer_report *report, struct error *err)
{
    if (report->state != LAYER_MISSING)
        return true;
    bool never = (NEVER_MISSING & 1u << layer) != 0;
    if (!never && (setup->required_layers & 1u << layer) == 0)
        return true;
    return error_set(err, ERROR_UNSUPPORTED, "isolation layer %s is missing: %s (%s)",
                     isolation_layer_name(layer), report->reason,
                     never ? "nothing runs without it" : "the policy's isolation.require names it");
}

// The layers that need nothing but to be called, in their order.
static const struct {
    enum isolation_layer layer;
    void (*apply)(struct layer_report *report);
} checklist[] = {
    // Before the user namespace, because from inside one no uid of the host can be taken any more.
    {LAYER_DEDICATED_UID, dedicated_uid_take},
    {LAYER_USER_NAMESPACE, user_namespace_enter},
    {LAYER_MOUNT_NAMESPACE, mount_namespace_enter},
    {LAYER_NETWORK_NAMESPACE, network_namespace_enter},
    {LAYER_PID_NAMESPACE, pid_namespace_enter},
    {LAYER_IPC_NAMESPACE, ipc_namespace_enter},
    {LAYER_UTS_NAMESPACE, uts_namespace_enter},
    {LAYER_CGROUP_NAMESPACE, cgroup_namespace_enter},
    {LAYER_CAPABILITIES, capabilities_drop},
    {LAYER_NO_NEW_PRIVS, no_new_privs_set},
    {LAYER_NOT_DUMPABLE, not_dumpable_set},
    {LAYER_LANDLOCK, landlock_deny_all},
    {LAYER_MDWE, mdwe_set},
};

bool confine_zygote(const struct zygote_setup *setup, int control_fd, struct isolation_report *report,
                    struct error *err)
{
    bool privileged = geteuid() == 0;
    session_keyring_leave();
    for (size_t i = 0; i < sizeof checklist / sizeof *checklist; i++) {
        struct layer_report *found = &report->layer[checklist[i].layer];
        checklist[i].apply(found);
        if (!acceptable(setup, checklist[i].layer, found, err))
            return false;
    }
    if (privileged && report->layer[LAYER_DEDICATED_UID].state == LAYER_MISSING &&
        report->layer[LAYER_USER_NAMESPACE].state == LAYER_MISSING)
        return error_set(err, ERROR_UNSUPPORTED,
                         "started as root, and neither a uid of its own (%s) nor a user namespace (%s) is to "
                         "be had: plugins never run as root",
                         report->layer[LAYER_DEDICATED_UID].reason,
                         report->layer[LAYER_USER_NAMESPACE].reason);
    descriptors_close_all_but(control_fd, &report->layer[LAYER_DESCRIPTORS]);
    if (!acceptable(setup, LAYER_DESCRIPTORS, &report->layer[LAYER_DESCRIPTORS], err))
        return false;
    rlimits_set_for_zygote(setup, &report->layer[LAYER_RLIMITS]);
    return acceptable(setup, LAYER_RLIMITS, &report->layer[LAYER_RLIMITS], err);
}

void confine_worker(int socket, uint64_t cpu_ms_max, const struct seccomp_program *program)
{
    if (!descriptors_keep_as_zero(socket) || !rlimits_set_for_worker(cpu_ms_max) ||
        !seccomp_program_load(program))
        _exit(EXIT_CONFINEMENT);
}

void confine_run(const struct job *job, size_t job_bytes, uint64_t address_space_max)
{
    if (!rlimits_set_for_run(job, job_bytes, address_space_max))
        _exit(EXIT_CONFINEMENT);
}
