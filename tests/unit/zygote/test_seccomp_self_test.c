// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/seccomp_self_test.h"

#include "runtime/zygote/no_new_privs.h"
#include "runtime/zygote/seccomp_trap.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/in_child.h"

#include <linux/seccomp.h>
#include <string.h>

struct scene {
    enum seccomp_mode mode;
    bool allow_everything; // as a kernel that does not enforce the filter would
    bool expected;
};

static int play(void *context)
{
    const struct scene *scene = context;
    static struct seccomp_trap trap;
    trap = (struct seccomp_trap){.mode = scene->mode, .socket = -1};
    struct layer_report report;
    no_new_privs_set(&report);
    struct seccomp_program program;
    struct error err = {0};
    CHECK(seccomp_program_compile(NULL, 0, &program, NULL));
    if (scene->allow_everything) {
        program.instructions[0] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
        program.length = 1;
    }
    CHECK(seccomp_trap_install(&trap, NULL));
    pid_t child;
    CHECK(seccomp_self_test_begin(&program, scene->mode, &child, &err));
    CHECK(seccomp_self_test_end(child, &err) == scene->expected);
    CHECK(scene->expected || strstr(err.text, "does not enforce") != NULL);
    seccomp_program_free(&program);
    return 0;
}

static void self_test_passes_in_both_modes(void **state)
{
    (void)state;
    assert_int_equal(in_child(play, &(struct scene){SECCOMP_MODE_ENFORCE_CALLS, false, true}), 0);
    assert_int_equal(in_child(play, &(struct scene){SECCOMP_MODE_AUDIT_CALLS, false, true}), 0);
}

static void self_test_fails_where_a_denied_call_goes_through(void **state)
{
    (void)state;
    assert_int_equal(in_child(play, &(struct scene){SECCOMP_MODE_ENFORCE_CALLS, true, false}), 0);
    assert_int_equal(in_child(play, &(struct scene){SECCOMP_MODE_AUDIT_CALLS, true, false}), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(self_test_passes_in_both_modes),
        cmocka_unit_test(self_test_fails_where_a_denied_call_goes_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
