// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/seccomp_trap.h"

#include "base/fd.h"
#include "runtime/protocol/exit_codes.h"
#include "runtime/protocol/frame.h"
#include "runtime/protocol/job_messages.h"
#include "runtime/zygote/no_new_privs.h"
#include "runtime/zygote/seccomp_filter.h"
#include "tests/support/cmocka_all.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static uint32_t two_frames(struct lua_image *image, struct stack_frame *ret_frames, uint32_t capacity)
{
    (void)image;
    (void)capacity;
    ret_frames[0] = (struct stack_frame){.source = bytes_of_text("[C]"), .function = bytes_of_text("gsub")};
    ret_frames[1] = (struct stack_frame){.source = bytes_of_text("main.lua"), .line = 7};
    return 2;
}

// More than fits into one frame, were it told whole.
static uint32_t long_names(struct lua_image *image, struct stack_frame *ret_frames, uint32_t capacity)
{
    static char name[1024];
    (void)image;
    memset(name, 'n', sizeof name);
    for (uint32_t i = 0; i < capacity; i++)
        ret_frames[i] = (struct stack_frame){.source = bytes_of(name, sizeof name),
                                             .function = bytes_of(name, sizeof name)};
    return capacity;
}

static volatile char *wild_pointer(void)
{
    volatile uintptr_t nowhere = 16;
    return (volatile char *)nowhere;
}

static uint32_t broken_stack(struct lua_image *image, struct stack_frame *ret_frames, uint32_t capacity)
{
    (void)image;
    (void)ret_frames;
    (void)capacity;
    // As a corrupted Lua state would: reads through a wild pointer.
    return (uint32_t)*wild_pointer();
}

struct ended {
    int status;
    char data[65536];
    size_t length;
};

struct scene {
    enum seccomp_mode mode;
    seccomp_trap_stack stack;
    void (*plugin)(void);
};

_Noreturn static void play(const struct scene *scene, int socket)
{
    static struct seccomp_trap trap;
    trap = (struct seccomp_trap){.mode = scene->mode, .socket = socket, .stack = scene->stack};
    struct layer_report report;
    struct seccomp_program program;
    no_new_privs_set(&report);
    if (!seccomp_program_compile(NULL, 0, &program, NULL) || !seccomp_trap_install(&trap, NULL) ||
        !seccomp_program_load(&program))
        _exit(1);
    scene->plugin();
    _exit(EXIT_RUN_ENDED);
}

static void run(const struct scene *scene, struct ended *ended)
{
    int pair[2];
    assert_true(fd_socket_pair(SOCK_STREAM, pair, NULL));
    pid_t pid = fork();
    if (pid == 0) {
        close(pair[0]);
        play(scene, pair[1]);
    }
    close(pair[1]);
    ended->length = 0;
    for (ssize_t got;
         (got = read(pair[0], ended->data + ended->length, sizeof ended->data - ended->length)) > 0;)
        ended->length += (size_t)got;
    close(pair[0]);
    assert_int_equal(waitpid(pid, &ended->status, 0), pid);
}

// Takes the next FRAME_DENIED off the front.
static struct denied_syscall next_denied(struct ended *ended, size_t *offset)
{
    static const struct frame_rules rules = {.maximum = {[FRAME_DENIED] = 65536}};
    struct frame frame;
    size_t used;
    struct bytes left = bytes_of(ended->data + *offset, ended->length - *offset);
    assert_int_equal(frame_next(left, &rules, &frame, &used), FRAME_COMPLETE);
    struct denied_syscall denied;
    assert_true(denied_syscall_decode(frame.body, &denied));
    *offset += used;
    return denied;
}

static void call_openat(void)
{
    syscall(SYS_openat, -100, "/etc/passwd", 0);
}

static void enforce_names_the_call_and_the_stack_and_ends_the_run(void **state)
{
    (void)state;
    struct ended ended;
    run(&(struct scene){SECCOMP_MODE_ENFORCE_CALLS, two_frames, call_openat}, &ended);
    assert_true(WIFEXITED(ended.status));
    assert_int_equal(WEXITSTATUS(ended.status), EXIT_SYSCALL_DENIED);
    size_t offset = 0;
    struct denied_syscall denied = next_denied(&ended, &offset);
    assert_int_equal(denied.number, SYS_openat);
    assert_int_equal(denied.traceback_count, 2);
    assert_true(bytes_equal_text(denied.traceback[1].source, "main.lua"));
    assert_int_equal(denied.traceback[1].line, 7);
    assert_int_equal(offset, ended.length);
}

static void enforce_names_the_call_even_if_the_stack_cannot_be_read(void **state)
{
    (void)state;
    struct ended ended;
    run(&(struct scene){SECCOMP_MODE_ENFORCE_CALLS, broken_stack, call_openat}, &ended);
    assert_true(WIFEXITED(ended.status));
    assert_int_equal(WEXITSTATUS(ended.status), EXIT_SYSCALL_DENIED);
    size_t offset = 0;
    struct denied_syscall denied = next_denied(&ended, &offset);
    assert_int_equal(denied.number, SYS_openat);
    assert_int_equal(denied.traceback_count, 0);
    assert_int_equal(offset, ended.length);
}

static void enforce_tells_the_longest_stack_whole(void **state)
{
    (void)state;
    struct ended ended;
    run(&(struct scene){SECCOMP_MODE_ENFORCE_CALLS, long_names, call_openat}, &ended);
    assert_true(WIFEXITED(ended.status));
    assert_int_equal(WEXITSTATUS(ended.status), EXIT_SYSCALL_DENIED);
    size_t offset = 0;
    struct denied_syscall denied = next_denied(&ended, &offset);
    assert_int_equal(denied.number, SYS_openat);
    assert_int_equal(denied.traceback_count, TRACEBACK_MAX);
    assert_int_equal(offset, ended.length);
}

static void call_and_look(void)
{
    for (int i = 0; i < 3; i++) {
        errno = 0;
        if (syscall(SYS_openat, -100, "/etc/passwd", 0) != -1 || errno != EPERM)
            _exit(2);
    }
    if (syscall(SYS_getppid) != -1)
        _exit(3);
}

static void audit_tells_every_call_refuses_it_and_goes_on(void **state)
{
    (void)state;
    struct ended ended;
    run(&(struct scene){SECCOMP_MODE_AUDIT_CALLS, two_frames, call_and_look}, &ended);
    assert_true(WIFEXITED(ended.status));
    assert_int_equal(WEXITSTATUS(ended.status), EXIT_RUN_ENDED);
    size_t offset = 0;
    for (int i = 0; i < 4; i++) {
        struct denied_syscall denied = next_denied(&ended, &offset);
        assert_int_equal(denied.number, i < 3 ? SYS_openat : SYS_getppid);
        assert_int_equal(denied.traceback_count, 0);
    }
    assert_int_equal(offset, ended.length);
}

static void crash(void)
{
    *wild_pointer() = 1;
}

static void fault_of_the_plugin_itself_stays_a_crash(void **state)
{
    (void)state;
    struct ended ended;
    run(&(struct scene){SECCOMP_MODE_ENFORCE_CALLS, two_frames, crash}, &ended);
    assert_true(WIFSIGNALED(ended.status));
    assert_int_equal(WTERMSIG(ended.status), SIGSEGV);
    assert_int_equal(ended.length, 0);
}

static void break_heap(void)
{
    // Twice: the one mistake that malloc tells for sure, whatever the memory around holds.
    char *volatile block = malloc(100);
    char *volatile again = block;
    free(block);
    free(again);
}

static void call_abort(void)
{
    abort();
}

static void abort_of_the_c_library_is_a_crash_not_a_denied_call(void **state)
{
    (void)state;
    static void (*const plugins[])(void) = {break_heap, call_abort};
    for (size_t i = 0; i < 2; i++) {
        struct ended ended;
        run(&(struct scene){SECCOMP_MODE_ENFORCE_CALLS, two_frames, plugins[i]}, &ended);
        assert_true(WIFSIGNALED(ended.status));
        assert_int_equal(WTERMSIG(ended.status), SIGILL);
        assert_int_equal(ended.length, 0);
        run(&(struct scene){SECCOMP_MODE_AUDIT_CALLS, two_frames, plugins[i]}, &ended);
        assert_true(WIFSIGNALED(ended.status));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enforce_names_the_call_and_the_stack_and_ends_the_run),
        cmocka_unit_test(enforce_names_the_call_even_if_the_stack_cannot_be_read),
        cmocka_unit_test(enforce_tells_the_longest_stack_whole),
        cmocka_unit_test(audit_tells_every_call_refuses_it_and_goes_on),
        cmocka_unit_test(fault_of_the_plugin_itself_stays_a_crash),
        cmocka_unit_test(abort_of_the_c_library_is_a_crash_not_a_denied_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
