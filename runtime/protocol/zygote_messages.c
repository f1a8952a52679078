// SPDX-License-Identifier: Apache-2.0
#include "runtime/protocol/zygote_messages.h"

#include "base/require.h"
#include "runtime/protocol/codec.h"

#include <string.h>

enum { VERSION_TEXT_MAX = 128, RELEASE_TEXT_MAX = 64 };

void zygote_setup_encode(struct buffer *out, const struct zygote_setup *setup)
{
    require(setup->allowed_syscall_count <= ALLOWED_SYSCALLS_MAX);
    put_u8(out, ZYGOTE_SETUP);
    put_bytes(out, setup->policy_name);
    put_bytes(out, setup->policy_version);
    put_u16(out, LUA_NAME_COUNT);
    for (unsigned i = 0; i < LUA_NAME_COUNT; i++)
        put_u8(out, setup->lua_allowed[i]);
    put_u8(out, setup->deterministic);
    put_u8(out, (uint8_t)setup->seccomp_mode);
    put_u32(out, setup->allowed_syscall_count);
    for (uint32_t i = 0; i < setup->allowed_syscall_count; i++)
        put_u16(out, setup->allowed_syscalls[i]);
    put_u32(out, setup->required_layers);
    put_u64(out, setup->memory_bytes_max);
    put_u64(out, setup->output_bytes_max);
    put_u64(out, setup->job_bytes_max);
    put_u64(out, setup->cpu_ms_max);
    put_u8(out, setup->validator);
    put_u8(out, setup->try_interpreter);
    put_u8(out, setup->one_run);
    put_u32(out, setup->kept_cores);
}

bool zygote_setup_decode(struct bytes body, struct zygote_setup *ret_setup)
{
    struct reader in = reader_make(body);
    ret_setup->policy_name = get_bytes(&in, POLICY_NAME_MAX);
    ret_setup->policy_version = get_bytes(&in, VERSION_TEXT_MAX);
    // Both ends come from one build; a zygote of another one is told apart here.
    if (get_u16(&in) != LUA_NAME_COUNT)
        return false;
    for (unsigned i = 0; i < LUA_NAME_COUNT; i++)
        ret_setup->lua_allowed[i] = get_bool(&in);
    ret_setup->deterministic = get_bool(&in);
    ret_setup->seccomp_mode = (enum seccomp_mode)get_enum(&in, 2);
    uint32_t count = get_u32(&in);
    if (in.failed || count > ALLOWED_SYSCALLS_MAX)
        return false;
    ret_setup->allowed_syscall_count = count;
    for (uint32_t i = 0; i < count; i++)
        ret_setup->allowed_syscalls[i] = get_u16(&in);
    ret_setup->required_layers = get_u32(&in);
    ret_setup->memory_bytes_max = get_u64(&in);
    ret_setup->output_bytes_max = get_u64(&in);
    ret_setup->job_bytes_max = get_u64(&in);
    ret_setup->cpu_ms_max = get_u64(&in);
    ret_setup->validator = get_bool(&in);
    ret_setup->try_interpreter = get_bool(&in);
    ret_setup->one_run = get_bool(&in);
    ret_setup->kept_cores = get_u32(&in);
    return reader_finished(&in) && ret_setup->required_layers >> ISOLATION_LAYER_COUNT == 0;
}

void zygote_spawn_encode(struct buffer *out, const struct zygote_spawn *spawn)
{
    require(spawn->count >= 1 && spawn->count <= SPAWN_BATCH_MAX);
    put_u8(out, ZYGOTE_SPAWN);
    put_u32(out, spawn->count);
    put_u8(out, spawn->on_kept_cores);
    for (uint32_t i = 0; i < spawn->count; i++)
        put_u64(out, spawn->worker_id[i]);
}

bool zygote_spawn_decode(struct bytes body, struct zygote_spawn *ret_spawn)
{
    struct reader in = reader_make(body);
    uint32_t count = get_u32(&in);
    if (in.failed || count < 1 || count > SPAWN_BATCH_MAX)
        return false;
    ret_spawn->count = count;
    ret_spawn->on_kept_cores = get_bool(&in);
    for (uint32_t i = 0; i < count; i++)
        ret_spawn->worker_id[i] = get_u64(&in);
    return reader_finished(&in);
}

void zygote_kill_encode(struct buffer *out, const struct zygote_kill *kill)
{
    put_u8(out, ZYGOTE_KILL);
    put_u64(out, kill->worker_id);
}

bool zygote_kill_decode(struct bytes body, struct zygote_kill *ret_kill)
{
    struct reader in = reader_make(body);
    ret_kill->worker_id = get_u64(&in);
    return reader_finished(&in);
}

void zygote_give_way_encode(struct buffer *out, const struct zygote_give_way *give_way)
{
    require(give_way->nice_by <= GIVE_WAY_NICE_MAX);
    put_u8(out, ZYGOTE_GIVE_WAY);
    put_u64(out, give_way->worker_id);
    put_u8(out, give_way->nice_by);
    put_u8(out, give_way->kept_off);
}

bool zygote_give_way_decode(struct bytes body, struct zygote_give_way *ret_give_way)
{
    struct reader in = reader_make(body);
    ret_give_way->worker_id = get_u64(&in);
    ret_give_way->nice_by = get_u8(&in);
    ret_give_way->kept_off = get_bool(&in);
    return reader_finished(&in) && ret_give_way->nice_by <= GIVE_WAY_NICE_MAX;
}

void zygote_bound_cpu_encode(struct buffer *out, const struct zygote_bound_cpu *bound)
{
    require(bound->cpu_ms > 0);
    put_u8(out, ZYGOTE_BOUND_CPU);
    put_u64(out, bound->worker_id);
    put_u32(out, bound->cpu_ms);
}

bool zygote_bound_cpu_decode(struct bytes body, struct zygote_bound_cpu *ret_bound)
{
    struct reader in = reader_make(body);
    ret_bound->worker_id = get_u64(&in);
    ret_bound->cpu_ms = get_u32(&in);
    return reader_finished(&in) && ret_bound->cpu_ms > 0;
}

void zygote_ready_encode(struct buffer *out, const struct zygote_ready *ready)
{
    put_u8(out, ZYGOTE_READY);
    put_u8(out, ISOLATION_LAYER_COUNT);
    for (unsigned i = 0; i < ISOLATION_LAYER_COUNT; i++) {
        const struct layer_report *layer = &ready->isolation.layer[i];
        put_u8(out, (uint8_t)layer->state);
        put_text(out, bytes_of(layer->reason, strnlen(layer->reason, LAYER_REASON_SIZE)),
                 LAYER_REASON_SIZE - 1);
    }
    put_text(out, ready->lua_release, RELEASE_TEXT_MAX);
    put_u8(out, ready->interpreter_degraded);
    put_text(out, ready->cores_problem, ZYGOTE_TEXT_MAX);
}

bool zygote_ready_decode(struct bytes body, struct zygote_ready *ret_ready)
{
    struct reader in = reader_make(body);
    if (get_u8(&in) != ISOLATION_LAYER_COUNT)
        return false;
    for (unsigned i = 0; i < ISOLATION_LAYER_COUNT; i++) {
        struct layer_report *layer = &ret_ready->isolation.layer[i];
        layer->state = (enum layer_state)get_enum(&in, LAYER_MISSING + 1);
        struct bytes reason = get_text(&in, LAYER_REASON_SIZE - 1);
        // Inside a fixed array, a NUL would cut the reason short.
        if (memchr(reason.data, '\0', reason.length) != NULL)
            return false;
        memcpy(layer->reason, reason.data, reason.length);
        layer->reason[reason.length] = '\0';
    }
    ret_ready->lua_release = get_text(&in, RELEASE_TEXT_MAX);
    ret_ready->interpreter_degraded = get_bool(&in);
    ret_ready->cores_problem = get_text(&in, ZYGOTE_TEXT_MAX);
    return reader_finished(&in);
}

void zygote_failed_encode(struct buffer *out, const struct zygote_failed *failed)
{
    put_u8(out, ZYGOTE_FAILED);
    put_text(out, failed->reason, ZYGOTE_TEXT_MAX);
}

bool zygote_failed_decode(struct bytes body, struct zygote_failed *ret_failed)
{
    struct reader in = reader_make(body);
    ret_failed->reason = get_text(&in, ZYGOTE_TEXT_MAX);
    return reader_finished(&in);
}

void zygote_exited_encode(struct buffer *out, const struct zygote_exited *exited)
{
    require(exited->count >= 1 && exited->count <= EXITED_BATCH_MAX);
    put_u8(out, ZYGOTE_EXITED);
    put_u32(out, exited->count);
    for (uint32_t i = 0; i < exited->count; i++) {
        const struct worker_exit *one = &exited->exits[i];
        put_u64(out, one->worker_id);
        put_u32(out, (uint32_t)one->wait_status);
        put_u32(out, (uint32_t)one->spawn_errno);
        put_u64(out, one->cpu_us);
        put_u64(out, one->rss_bytes);
    }
}

bool zygote_exited_decode(struct bytes body, struct zygote_exited *ret_exited)
{
    struct reader in = reader_make(body);
    uint32_t count = get_u32(&in);
    if (in.failed || count < 1 || count > EXITED_BATCH_MAX)
        return false;
    ret_exited->count = count;
    for (uint32_t i = 0; i < count; i++) {
        struct worker_exit *one = &ret_exited->exits[i];
        one->worker_id = get_u64(&in);
        one->wait_status = (int32_t)get_u32(&in);
        one->spawn_errno = (int32_t)get_u32(&in);
        one->cpu_us = get_u64(&in);
        one->rss_bytes = get_u64(&in);
    }
    return reader_finished(&in);
}
