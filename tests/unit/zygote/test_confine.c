// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/confine.h"

#include "base/fd.h"
#include "runtime/protocol/exit_codes.h"
#include "runtime/zygote/dedicated_uid.h"
#include "runtime/zygote/seccomp_filter.h"
#include "tests/support/host.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

static struct zygote_setup plain_setup(void)
{
    return (struct zygote_setup){.memory_bytes_max = 64 << 20, .cpu_ms_max = 1000};
}

static int confine_and_look(void *context)
{
    (void)context;
    bool root = geteuid() == 0;
    int control = fcntl(1, F_DUPFD, 3);
    struct zygote_setup setup = plain_setup();
    struct isolation_report report = {0};
    struct error err = {0};
    CHECK(confine_zygote(&setup, control, &report, &err));
    CHECK(report.layer[LAYER_DEDICATED_UID].state == (root ? LAYER_ACTIVE : LAYER_MISSING));
    CHECK(open("/etc/passwd", O_RDONLY) < 0);
    CHECK(unshare(CLONE_NEWNS) != 0);
    CHECK(write(2, "x", 1) < 0 && errno == EBADF);
    CHECK(fcntl(control, F_GETFD) >= 0);
    return 0;
}

static void confine_zygote_applies_every_layer(void **state)
{
    (void)state;
    assert_int_equal(in_child(confine_and_look, NULL), 0);
}

// A host that lacks things: the named calls fail with EPERM from here on.
static bool refuse(int call, bool user_namespaces_only)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    bool done = filter != NULL &&
                (user_namespaces_only
                     ? seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 1,
                                        SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER)) == 0
                     : seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0) == 0) &&
                seccomp_load(filter) == 0;
    seccomp_release(filter);
    return done;
}

static int without_user_namespaces(void *context)
{
    struct zygote_setup setup = plain_setup();
    setup.required_layers = *(uint32_t *)context;
    struct isolation_report report = {0};
    struct error err = {0};
    CHECK(refuse(SCMP_SYS(unshare), true));
    bool confined = confine_zygote(&setup, 1, &report, &err);
    CHECK(report.layer[LAYER_USER_NAMESPACE].state == LAYER_MISSING);
    CHECK(strstr(report.layer[LAYER_USER_NAMESPACE].reason, "Operation not permitted") != NULL);
    if (setup.required_layers != 0) {
        CHECK(!confined && strstr(err.text, "user_namespace") != NULL);
        return 0;
    }
    CHECK(confined);
    // Root makes the others by its own right; the uid is its own nevertheless.
    CHECK(report.layer[LAYER_MOUNT_NAMESPACE].state == LAYER_ACTIVE);
    CHECK(report.layer[LAYER_NETWORK_NAMESPACE].state == LAYER_ACTIVE);
    CHECK(getuid() == DEDICATED_UID_BASE + (unsigned)getpid());
    CHECK(unshare(CLONE_NEWNET) != 0);
    return 0;
}

static void confine_zygote_as_root_needs_no_user_namespace_unless_the_policy_does(void **state)
{
    (void)state;
    need_host("root", geteuid() == 0);
    uint32_t required = 0;
    assert_int_equal(in_child(without_user_namespaces, &required), 0);
    required = 1u << LAYER_USER_NAMESPACE;
    assert_int_equal(in_child(without_user_namespaces, &required), 0);
}

static int as_plain_root(void *context)
{
    (void)context;
    struct zygote_setup setup = plain_setup();
    struct isolation_report report = {0};
    struct error err = {0};
    CHECK(refuse(SCMP_SYS(unshare), false) && refuse(SCMP_SYS(setresuid), false));
    CHECK(!confine_zygote(&setup, 1, &report, &err));
    CHECK(strstr(err.text, "plugins never run as root") != NULL);
    return 0;
}

static void confine_zygote_never_leaves_root_behind(void **state)
{
    (void)state;
    need_host("root", geteuid() == 0);
    assert_int_equal(in_child(as_plain_root, NULL), 0);
}

static int without_no_new_privs(void *context)
{
    (void)context;
    struct zygote_setup setup = plain_setup();
    struct isolation_report report = {0};
    struct error err = {0};
    if (geteuid() == 0)
        CHECK(refuse(SCMP_SYS(prctl), false));
    else
        return 0;
    CHECK(!confine_zygote(&setup, 1, &report, &err));
    CHECK(strstr(err.text, "isolation layer") != NULL);
    return 0;
}

static void confine_zygote_fails_without_what_can_never_be_missing(void **state)
{
    (void)state;
    assert_int_equal(in_child(without_no_new_privs, NULL), 0);
}

static int end_of_worker(int socket, const struct seccomp_program *program)
{
    pid_t pid = fork();
    if (pid == 0) {
        confine_worker(socket, 1000, program);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void confine_worker_ends_the_process_when_a_step_fails(void **state)
{
    (void)state;
    struct seccomp_program none = {0};
    assert_int_equal(end_of_worker(1, &none), EXIT_CONFINEMENT);
    struct seccomp_program program;
    assert_true(seccomp_program_compile(NULL, 0, &program, NULL));
    assert_int_equal(end_of_worker(777, &program), EXIT_CONFINEMENT);
    seccomp_program_free(&program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(confine_zygote_applies_every_layer),
        cmocka_unit_test(confine_zygote_as_root_needs_no_user_namespace_unless_the_policy_does),
        cmocka_unit_test(confine_zygote_never_leaves_root_behind),
        cmocka_unit_test(confine_zygote_fails_without_what_can_never_be_missing),
        cmocka_unit_test(confine_worker_ends_the_process_when_a_step_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
