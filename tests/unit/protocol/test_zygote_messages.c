// SPDX-License-Identifier: Apache-2.0
#include "runtime/protocol/zygote_messages.h"
#include "tests/support/decoders.h"

#include <errno.h>

// The body of the one packet in `out`.
static struct bytes body_of(const struct buffer *out, enum zygote_packet_type type)
{
    assert_true(buffer_ok(out));
    assert_true(out->length <= ZYGOTE_PACKET_MAX);
    assert_int_equal(out->data[0], type);
    return bytes_of(out->data + 1, out->length - 1);
}

static bool decodes_as_setup(struct bytes body)
{
    struct zygote_setup setup;
    return zygote_setup_decode(body, &setup);
}

static bool decodes_as_spawn(struct bytes body)
{
    struct zygote_spawn spawn;
    return zygote_spawn_decode(body, &spawn);
}

static bool decodes_as_kill(struct bytes body)
{
    struct zygote_kill kill;
    return zygote_kill_decode(body, &kill);
}

static bool decodes_as_give_way(struct bytes body)
{
    struct zygote_give_way give_way;
    return zygote_give_way_decode(body, &give_way);
}

static bool decodes_as_bound_cpu(struct bytes body)
{
    struct zygote_bound_cpu bound;
    return zygote_bound_cpu_decode(body, &bound);
}

static bool decodes_as_ready(struct bytes body)
{
    struct zygote_ready ready;
    return zygote_ready_decode(body, &ready);
}

static bool decodes_as_failed(struct bytes body)
{
    struct zygote_failed failed;
    return zygote_failed_decode(body, &failed);
}

static bool decodes_as_exited(struct bytes body)
{
    struct zygote_exited exited;
    return zygote_exited_decode(body, &exited);
}

static struct zygote_setup make_setup(void)
{
    struct zygote_setup setup = {
        .policy_name = bytes_of_text("default"),
        .policy_version = bytes_of_text("sha256:0123"),
        .deterministic = true,
        .seccomp_mode = SECCOMP_MODE_AUDIT_CALLS,
        .allowed_syscall_count = 2,
        .allowed_syscalls = {39, 300},
        .required_layers = 1u << LAYER_SECCOMP | 1u << LAYER_LUA_ENVIRONMENT,
        .memory_bytes_max = 1 << 28,
        .output_bytes_max = 1 << 26,
        .job_bytes_max = 1 << 27,
        .cpu_ms_max = 20000,
        .kept_cores = 3,
    };
    setup.lua_allowed[LUA_NAME_STRING_REP] = true;
    setup.try_interpreter = setup.one_run = true;
    return setup;
}

static void a_setup_comes_through_whole(void **state)
{
    (void)state;
    struct zygote_setup setup = make_setup();
    struct buffer out = buffer_make(ZYGOTE_PACKET_MAX);
    zygote_setup_encode(&out, &setup);
    struct zygote_setup back;
    assert_true(zygote_setup_decode(body_of(&out, ZYGOTE_SETUP), &back));
    assert_true(bytes_equal(back.policy_name, setup.policy_name));
    assert_true(bytes_equal(back.policy_version, setup.policy_version));
    assert_memory_equal(back.lua_allowed, setup.lua_allowed, sizeof setup.lua_allowed);
    assert_true(back.deterministic);
    assert_int_equal(back.seccomp_mode, SECCOMP_MODE_AUDIT_CALLS);
    assert_int_equal(back.allowed_syscall_count, 2);
    assert_int_equal(back.allowed_syscalls[1], 300);
    assert_int_equal(back.required_layers, setup.required_layers);
    assert_true(back.try_interpreter);
    assert_true(back.one_run);
    assert_int_equal(back.memory_bytes_max, 1 << 28);
    assert_int_equal(back.output_bytes_max, 1 << 26);
    assert_int_equal(back.job_bytes_max, 1 << 27);
    assert_int_equal(back.cpu_ms_max, 20000);
    assert_int_equal(back.kept_cores, 3);
    assert_decoder_is_strict(decodes_as_setup, body_of(&out, ZYGOTE_SETUP));
    buffer_free(&out);
}

static void the_largest_setup_fits_a_packet(void **state)
{
    (void)state;
    struct zygote_setup setup = make_setup();
    setup.allowed_syscall_count = ALLOWED_SYSCALLS_MAX;
    struct buffer out = buffer_make(ZYGOTE_PACKET_MAX);
    zygote_setup_encode(&out, &setup);
    assert_true(decodes_as_setup(body_of(&out, ZYGOTE_SETUP)));
    buffer_free(&out);
}

static void a_setup_that_requires_unknown_layers_is_refused(void **state)
{
    (void)state;
    struct zygote_setup setup = make_setup();
    setup.required_layers |= 1u << ISOLATION_LAYER_COUNT;
    struct buffer out = buffer_make(ZYGOTE_PACKET_MAX);
    zygote_setup_encode(&out, &setup);
    assert_false(decodes_as_setup(body_of(&out, ZYGOTE_SETUP)));
    buffer_free(&out);
}

static void spawn_and_kill_come_through_whole(void **state)
{
    (void)state;
    struct zygote_spawn spawn = {.count = SPAWN_BATCH_MAX, .on_kept_cores = true};
    for (uint64_t i = 0; i < SPAWN_BATCH_MAX; i++)
        spawn.worker_id[i] = i << 40;
    struct buffer out = buffer_make(ZYGOTE_PACKET_MAX);
    zygote_spawn_encode(&out, &spawn);
    struct zygote_spawn back;
    assert_true(zygote_spawn_decode(body_of(&out, ZYGOTE_SPAWN), &back));
    assert_int_equal(back.count, spawn.count);
    assert_true(back.on_kept_cores);
    assert_memory_equal(back.worker_id, spawn.worker_id, sizeof spawn.worker_id);
    assert_decoder_is_strict(decodes_as_spawn, body_of(&out, ZYGOTE_SPAWN));
    buffer_clear(&out);
    struct zygote_kill kill = {.worker_id = UINT64_MAX};
    zygote_kill_encode(&out, &kill);
    struct zygote_kill killed;
    assert_true(zygote_kill_decode(body_of(&out, ZYGOTE_KILL), &killed));
    assert_true(killed.worker_id == UINT64_MAX);
    assert_decoder_is_strict(decodes_as_kill, body_of(&out, ZYGOTE_KILL));
    buffer_free(&out);
}

static void a_give_way_comes_through_whole_and_within_its_bounds(void **state)
{
    (void)state;
    static const uint8_t allowed[] = {0, 19, GIVE_WAY_NICE_MAX}, refused[] = {GIVE_WAY_NICE_MAX + 1, 255};
    struct buffer out = buffer_make(ZYGOTE_PACKET_MAX);
    for (size_t i = 0; i < sizeof allowed; i++) {
        buffer_clear(&out);
        zygote_give_way_encode(&out, &(struct zygote_give_way){UINT64_MAX - 1, allowed[i], i == 1});
        struct zygote_give_way back;
        assert_true(zygote_give_way_decode(body_of(&out, ZYGOTE_GIVE_WAY), &back));
        assert_true(back.worker_id == UINT64_MAX - 1);
        assert_int_equal(back.nice_by, allowed[i]);
        assert_int_equal(back.kept_off, i == 1);
    }
    assert_decoder_is_strict(decodes_as_give_way, body_of(&out, ZYGOTE_GIVE_WAY));
    for (size_t i = 0; i < sizeof refused; i++) {
        out.data[out.length - 2] = (char)refused[i];
        assert_false(decodes_as_give_way(body_of(&out, ZYGOTE_GIVE_WAY)));
    }
    buffer_free(&out);
}

static void a_bound_of_cpu_time_comes_through_whole_and_is_never_none(void **state)
{
    (void)state;
    struct buffer out = buffer_make(ZYGOTE_PACKET_MAX);
    zygote_bound_cpu_encode(&out, &(struct zygote_bound_cpu){UINT64_MAX - 1, 3600050});
    struct zygote_bound_cpu back;
    assert_true(zygote_bound_cpu_decode(body_of(&out, ZYGOTE_BOUND_CPU), &back));
    assert_true(back.worker_id == UINT64_MAX - 1);
    assert_int_equal(back.cpu_ms, 3600050);
    assert_decoder_is_strict(decodes_as_bound_cpu, body_of(&out, ZYGOTE_BOUND_CPU));
    memset(out.data + out.length - 4, 0, 4);
    assert_false(decodes_as_bound_cpu(body_of(&out, ZYGOTE_BOUND_CPU)));
    buffer_free(&out);
}

static void batches_of_none_or_too_many_are_refused(void **state)
{
    (void)state;
    char body[8 * (EXITED_BATCH_MAX + 1) * 4 + 4] = {0};
    assert_false(decodes_as_spawn(bytes_of(body, 4)));
    assert_false(decodes_as_exited(bytes_of(body, 4)));
    body[0] = SPAWN_BATCH_MAX + 1;
    assert_false(decodes_as_spawn(bytes_of(body, 4 + 8 * (SPAWN_BATCH_MAX + 1))));
    body[0] = EXITED_BATCH_MAX + 1;
    assert_false(decodes_as_exited(bytes_of(body, sizeof body)));
}

static void a_ready_comes_through_whole(void **state)
{
    (void)state;
    struct zygote_ready ready = {.lua_release = bytes_of_text("Lua 5.4.9"),
                                 .interpreter_degraded = true,
                                 .cores_problem = bytes_of_text("not permitted")};
    ready.isolation.layer[LAYER_LANDLOCK].state = LAYER_MISSING;
    strcpy(ready.isolation.layer[LAYER_LANDLOCK].reason, "the kernel has none");
    memset(ready.isolation.layer[LAYER_MDWE].reason, 'r', LAYER_REASON_SIZE - 1);
    ready.isolation.layer[LAYER_MDWE].state = LAYER_DEGRADED;
    struct buffer out = buffer_make(ZYGOTE_PACKET_MAX);
    zygote_ready_encode(&out, &ready);
    struct zygote_ready back;
    assert_true(zygote_ready_decode(body_of(&out, ZYGOTE_READY), &back));
    for (int i = 0; i < ISOLATION_LAYER_COUNT; i++) {
        assert_int_equal(back.isolation.layer[i].state, ready.isolation.layer[i].state);
        assert_string_equal(back.isolation.layer[i].reason, ready.isolation.layer[i].reason);
    }
    assert_true(bytes_equal_text(back.lua_release, "Lua 5.4.9"));
    assert_true(back.interpreter_degraded);
    assert_true(bytes_equal(back.cores_problem, ready.cores_problem));
    assert_decoder_is_strict(decodes_as_ready, body_of(&out, ZYGOTE_READY));
    buffer_free(&out);
}

static void a_failure_comes_through_cut(void **state)
{
    (void)state;
    char reason[2 * ZYGOTE_TEXT_MAX];
    memset(reason, 'r', sizeof reason);
    struct zygote_failed failed = {.reason = bytes_of(reason, sizeof reason)};
    struct buffer out = buffer_make(ZYGOTE_PACKET_MAX);
    zygote_failed_encode(&out, &failed);
    struct zygote_failed back;
    assert_true(zygote_failed_decode(body_of(&out, ZYGOTE_FAILED), &back));
    assert_int_equal(back.reason.length, ZYGOTE_TEXT_MAX);
    assert_decoder_is_strict(decodes_as_failed, body_of(&out, ZYGOTE_FAILED));
    buffer_free(&out);
}

static void exits_come_through_whole(void **state)
{
    (void)state;
    struct zygote_exited exited = {
        .count = 2,
        .exits = {{7, 9, 0, 1234, 1 << 20}, {.worker_id = 8, .wait_status = -1, .spawn_errno = EAGAIN}}};
    struct buffer out = buffer_make(ZYGOTE_PACKET_MAX);
    zygote_exited_encode(&out, &exited);
    struct zygote_exited back;
    assert_true(zygote_exited_decode(body_of(&out, ZYGOTE_EXITED), &back));
    assert_int_equal(back.count, 2);
    assert_memory_equal(back.exits, exited.exits, 2 * sizeof *exited.exits);
    assert_decoder_is_strict(decodes_as_exited, body_of(&out, ZYGOTE_EXITED));
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_setup_comes_through_whole),
        cmocka_unit_test(the_largest_setup_fits_a_packet),
        cmocka_unit_test(a_setup_that_requires_unknown_layers_is_refused),
        cmocka_unit_test(spawn_and_kill_come_through_whole),
        cmocka_unit_test(a_bound_of_cpu_time_comes_through_whole_and_is_never_none),
        cmocka_unit_test(a_give_way_comes_through_whole_and_within_its_bounds),
        cmocka_unit_test(batches_of_none_or_too_many_are_refused),
        cmocka_unit_test(a_ready_comes_through_whole),
        cmocka_unit_test(a_failure_comes_through_cut),
        cmocka_unit_test(exits_come_through_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
