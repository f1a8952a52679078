// SPDX-License-Identifier: Apache-2.0
#include "runtime/protocol/isolation.h"

#include "base/require.h"

#include <string.h>

static const struct {
    const char *name;
    const char *purpose;
} layers[ISOLATION_LAYER_COUNT] = {
    [LAYER_USER_NAMESPACE] = {"user_namespace", "root inside is nobody outside"},
    [LAYER_DEDICATED_UID] = {"dedicated_uid", "a user of its own, which owns no file and no process"},
    [LAYER_MOUNT_NAMESPACE] = {"mount_namespace", "an empty read-only root: no file of the host has a name"},
    [LAYER_NETWORK_NAMESPACE] = {"network_namespace", "no network device, not even loopback that is up"},
    [LAYER_PID_NAMESPACE] = {"pid_namespace", "no process of the host has a number"},
    [LAYER_IPC_NAMESPACE] = {"ipc_namespace", "no shared memory, queue or semaphore of the host"},
    [LAYER_UTS_NAMESPACE] = {"uts_namespace", "the host's name does not show"},
    [LAYER_CGROUP_NAMESPACE] = {"cgroup_namespace", "the host's control groups do not show"},
    [LAYER_CAPABILITIES] = {"capabilities", "no privilege is held, and none can be gained"},
    [LAYER_NO_NEW_PRIVS] = {"no_new_privs", "executing a file never gains privileges"},
    [LAYER_NOT_DUMPABLE] = {"not_dumpable", "no core file, and no tracing by others of the same user"},
    [LAYER_LANDLOCK] = {"landlock", "the kernel refuses every file and port, whatever the root shows"},
    [LAYER_DESCRIPTORS] = {"descriptors", "one open descriptor, the socket of the run"},
    [LAYER_RLIMITS] = {"rlimits", "bounds on memory, CPU, files and processes, held by the kernel"},
    [LAYER_MDWE] = {"memory_deny_write_execute", "memory that was writable never becomes executable"},
    [LAYER_SECCOMP] = {"seccomp", "the few system calls that a run needs, and no other"},
    [LAYER_LUA_ENVIRONMENT] = {"lua_environment", "the functions of the policy, and no other"},
};

const char *isolation_layer_name(enum isolation_layer layer)
{
    require((unsigned)layer < ISOLATION_LAYER_COUNT);
    return layers[layer].name;
}

const char *isolation_layer_purpose(enum isolation_layer layer)
{
    require((unsigned)layer < ISOLATION_LAYER_COUNT);
    return layers[layer].purpose;
}

bool isolation_layer_by_name(const char *name, size_t length, enum isolation_layer *ret_layer)
{
    for (unsigned i = 0; i < ISOLATION_LAYER_COUNT; i++) {
        if (strlen(layers[i].name) == length && memcmp(layers[i].name, name, length) == 0) {
            *ret_layer = (enum isolation_layer)i;
            return true;
        }
    }
    return false;
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

const char *layer_state_name(enum layer_state state)
{
    static const char *const names[] = {
        [LAYER_ACTIVE] = "active", [LAYER_DEGRADED] = "degraded", [LAYER_MISSING] = "missing"};
    require((unsigned)state < sizeof names / sizeof *names);
    return names[state];
}
