// SPDX-License-Identifier: Apache-2.0
#include "runtime/probe/attempt.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define GROUP "rights"
#define PRCTL(name, ...) \
    { \
        GROUP, "prctl " name, SYS_prctl, \
        { \
            __VA_ARGS__ \
        } \
    }
#define ITSELF "changes nothing but itself"

enum { SET_MDWE = 65 };

static char scratch[512];
static struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
static struct __user_cap_data_struct everything[2] = {{~0u, ~0u, ~0u}, {~0u, ~0u, ~0u}};
static struct sock_filter allow_all[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
static struct sock_fprog allow_program = {.len = 1, .filter = allow_all};

// 0 if there is any key in it.
static int read_keyring(long keyring)
{
    enum { KEYCTL_READ = 11 };
    long bytes = syscall(SYS_keyctl, KEYCTL_READ, keyring, scratch, sizeof scratch);
    return bytes > 0 ? 0 : bytes == 0 ? ENOKEY : errno;
}

static int read_session_keyring(const struct probe_baits *baits)
{
    (void)baits;
    return read_keyring(-3);
}

static int read_user_keyring(const struct probe_baits *baits)
{
    (void)baits;
    return read_keyring(-4);
}

// 0 if executing a file could give rights.
static int may_gain_rights(const struct probe_baits *baits)
{
    (void)baits;
    long set = syscall(SYS_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
    return set < 0 ? errno : set == 0 ? 0 : EPERM;
}

static const struct attempt table[] = {
    {GROUP, "setuid", SYS_setuid, {0}},
    {GROUP, "setgid", SYS_setgid, {0}},
    {GROUP, "setreuid", SYS_setreuid, {0, 0}},
    {GROUP, "setresuid", SYS_setresuid, {0, 0, 0}},
    {GROUP, "setresgid", SYS_setresgid, {0, 0, 0}},
    {GROUP, "setgroups", SYS_setgroups, {0, 0}},
    {GROUP, "capset", SYS_capset, {POINTER(&header), POINTER(everything)}, .layers = HELD_BY(CAPABILITIES)},
    PRCTL("PR_CAP_AMBIENT raise", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_ADMIN, 0, 0),
    PRCTL("PR_CAPBSET_DROP", PR_CAPBSET_DROP, CAP_SYS_ADMIN, 0, 0, 0),
    PRCTL("PR_SET_SECUREBITS", PR_SET_SECUREBITS, 0, 0, 0, 0),
    PRCTL("PR_SET_KEEPCAPS", PR_SET_KEEPCAPS, 1, 0, 0, 0),
    {GROUP, "prctl PR_GET_NO_NEW_PRIVS", SYS_prctl, {0}, may_gain_rights, .layers = HELD_BY(NO_NEW_PRIVS)},
    PRCTL("PR_SET_NO_NEW_PRIVS off", PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0),
    PRCTL("PR_SET_SECCOMP off", PR_SET_SECCOMP, 0, 0, 0, 0),
    PRCTL("PR_SET_MDWE off", SET_MDWE, 0, 0, 0, 0),
    {GROUP,
     "prctl PR_SET_DUMPABLE",
     SYS_prctl,
     {PR_SET_DUMPABLE, 1},
     NULL,
     "opens itself only, and nobody may look"},
    {GROUP, "prctl PR_SET_NAME", SYS_prctl, {PR_SET_NAME, POINTER("kworker")}, NULL, ITSELF},
    {GROUP, "prctl PR_SET_PDEATHSIG", SYS_prctl, {PR_SET_PDEATHSIG, 0}, NULL, "pid 1's end takes it along"},
    {GROUP, "prctl PR_SET_MM", SYS_prctl, {PR_SET_MM, PR_SET_MM_BRK, 4096, 0, 0}},
    {GROUP, "prctl PR_TASK_PERF_EVENTS_DISABLE", SYS_prctl, {PR_TASK_PERF_EVENTS_DISABLE}, NULL, ITSELF},
    {GROUP, "prctl PR_SET_THP_DISABLE", SYS_prctl, {PR_SET_THP_DISABLE, 1, 0, 0, 0}, NULL, ITSELF},
    {GROUP,
     "seccomp with a filter that allows all",
     SYS_seccomp,
     {SECCOMP_SET_MODE_FILTER, 0, POINTER(&allow_program)},
     NULL,
     "filters add up: none takes another away"},
    {GROUP,
     "seccomp listener",
     SYS_seccomp,
     {SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, POINTER(&allow_program)}},
    {GROUP,
     "personality",
     SYS_personality,
     {0x0400000},
     NULL,
     "mdwe stands in the way of what it would allow"},
#ifdef SYS_arch_prctl
    {GROUP, "arch_prctl", SYS_arch_prctl, {0x1003, POINTER(scratch)}, NULL, ITSELF},
    {GROUP, "modify_ldt", SYS_modify_ldt, {0, POINTER(scratch), sizeof scratch}, NULL, ITSELF},
    {GROUP, "iopl", SYS_iopl, {3}},
    {GROUP, "ioperm", SYS_ioperm, {0x70, 2, 1}},
#endif
    {GROUP, "landlock_create_ruleset", SYS_landlock_create_ruleset, {0, 0, 1}, NULL, "asks for the version"},
    {GROUP, "landlock_restrict_self", SYS_landlock_restrict_self, {3, 0}},
    {GROUP, "request_key", SYS_request_key, {POINTER("user"), POINTER("x"), 0, 0}},
    {GROUP, "keyctl of the engine's session", SYS_keyctl, {0}, read_session_keyring},
    {GROUP, "keyctl of the user's keyring", SYS_keyctl, {0}, read_user_keyring},
    // After those that look for keys.
    {GROUP,
     "add_key",
     SYS_add_key,
     {POINTER("user"), POINTER("x"), POINTER("y"), 1, -3},
     NULL,
     "a keyring of the zygote's workers, gone with them"},
};

struct attempts attempts_on_rights(void)
{
    return ATTEMPTS(table);
}
