// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/landlock.h"

#include "base/cleanup.h"
#include "runtime/zygote/layer.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

// The kernel's interface (linux/landlock.h) in its newest form; headers of the distributions that we build on
// lag behind it. Older kernels take a shorter struct.
struct ruleset_attributes {
    uint64_t handled_access_fs;
    uint64_t handled_access_net; // from ABI 4
    uint64_t scoped;             // from ABI 6
};

enum { CREATE_RULESET_VERSION = 1 };

// What each ABI can handle, as counts of the lowest bits. Index: ABI. Beyond the table, the last row holds.
static const struct {
    unsigned fs_bits;
    unsigned net_bits;
    unsigned scope_bits;
    size_t size;
} abi_table[] = {
    [1] = {13, 0, 0, offsetof(struct ruleset_attributes, handled_access_net)},
    [2] = {14, 0, 0, offsetof(struct ruleset_attributes, handled_access_net)},
    [3] = {15, 0, 0, offsetof(struct ruleset_attributes, handled_access_net)},
    [4] = {15, 2, 0, offsetof(struct ruleset_attributes, scoped)},
    [5] = {16, 2, 0, offsetof(struct ruleset_attributes, scoped)},
    [6] = {16, 2, 2, sizeof(struct ruleset_attributes)},
};
enum { ABI_NEWEST = sizeof abi_table / sizeof *abi_table - 1 };

static uint64_t lowest(unsigned bits)
{
    return (UINT64_C(1) << bits) - 1;
}

void landlock_deny_all(struct layer_report *report)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
    if (abi < 1) {
        layer_missing(report, errno, "not in this kernel, or not switched on at boot");
        return;
    }
    long known = abi > ABI_NEWEST ? ABI_NEWEST : abi;
    struct ruleset_attributes attributes = {
        .handled_access_fs = lowest(abi_table[known].fs_bits),
        .handled_access_net = lowest(abi_table[known].net_bits),
        .scoped = lowest(abi_table[known].scope_bits),
    };
    autoclose int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, abi_table[known].size, 0);
    if (ruleset < 0 || syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) {
        layer_missing(report, errno, "cannot restrict the zygote (ABI %ld)", abi);
        return;
    }
    layer_active(report);
}
