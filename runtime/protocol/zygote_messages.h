// SPDX-License-Identifier: Apache-2.0
// Packets on the control socket (SOCK_SEQPACKET) between the engine and one zygote. One packet is one
// message: u8 type, body. Descriptors travel engine -> zygote only, with ZYGOTE_SPAWN.
//
// The engine starts the zygote with the control socket as descriptor 3, with no environment, and with one
// argument of ZYGOTE_TITLE_ROOM spaces, over which process titles are written. It sends ZYGOTE_SETUP first.
// The zygote answers ZYGOTE_READY or ZYGOTE_FAILED, and after that one ZYGOTE_EXITED for every worker asked
// for.
#pragma once

#include "base/buffer.h"
#include "base/bytes.h"
#include "runtime/protocol/isolation.h"
#include "runtime/protocol/lua_names.h"

#include <stdbool.h>
#include <stdint.h>

enum zygote_packet_type {
    ZYGOTE_SETUP = 1,     // engine -> zygote
    ZYGOTE_SPAWN = 2,     // engine -> zygote, with `count` descriptors
    ZYGOTE_KILL = 3,      // engine -> zygote
    ZYGOTE_READY = 4,     // zygote -> engine
    ZYGOTE_FAILED = 5,    // zygote -> engine, then it exits
    ZYGOTE_EXITED = 6,    // zygote -> engine
    ZYGOTE_GIVE_WAY = 7,  // engine -> zygote
    ZYGOTE_BOUND_CPU = 8, // engine -> zygote
};

enum {
    ZYGOTE_CONTROL_FD = 3,
    ZYGOTE_TITLE_ROOM = 112, // with argv[0]: "sandbox-worker: ", a policy's name, a run's id
    ZYGOTE_PACKET_MAX = 65536,
    SPAWN_BATCH_MAX = 16,
    EXITED_BATCH_MAX = 32,
    POLICY_NAME_MAX = 64,
    ALLOWED_SYSCALLS_MAX = 64,
    ZYGOTE_TEXT_MAX = 512,
    GIVE_WAY_NICE_MAX = 39, // from the one end of nice values to the other
};

enum seccomp_mode { SECCOMP_MODE_ENFORCE_CALLS, SECCOMP_MODE_AUDIT_CALLS };

// What a zygote has to know of its policy.
struct zygote_setup {
    struct bytes policy_name;
    struct bytes policy_version; // "sha256:..."
    bool lua_allowed[LUA_NAME_COUNT];
    bool deterministic;
    enum seccomp_mode seccomp_mode;
    uint32_t allowed_syscall_count;
    uint16_t allowed_syscalls[ALLOWED_SYSCALLS_MAX]; // besides the built-in list
    uint32_t required_layers;                        // bit (1 << enum isolation_layer)
    uint64_t memory_bytes_max; // largest memory limit of any run: RLIMIT_AS is set above it
    uint64_t output_bytes_max; // likewise: a run's output lies beside the Lua heap,
    uint64_t job_bytes_max;    // and so does the job: code and context together
    uint64_t cpu_ms_max;       // likewise for RLIMIT_CPU
    bool validator;            // holds the validator instead of a plugin's environment
    bool try_interpreter;      // run the known crashers before READY: some 25 ms of CPU time
    uint32_t kept_cores;       // so many may be kept from runs that last (runtime/zygote/kept_cores.h)
    bool one_run;              // it will fork one worker: nothing is done that only many would repay
};

struct zygote_spawn {
    uint32_t count;     // 1..SPAWN_BATCH_MAX; as many descriptors come with the packet
    bool on_kept_cores; // they are to begin there
    uint64_t worker_id[SPAWN_BATCH_MAX];
};

struct zygote_kill {
    uint64_t worker_id;
};

// A run that lasts: its worker gives way to those whose runs have just begun, in priority
// (runtime/zygote/give_way.h) and in the cores that it may use (runtime/zygote/kept_cores.h).
struct zygote_give_way {
    uint64_t worker_id;
    uint8_t nice_by; // so much nicer than the zygote itself, up to GIVE_WAY_NICE_MAX; 0: as nice as it is
    bool kept_off;   // the kept cores are not for it, until it is told otherwise
};

// Likewise: its worker is killed when it has used that much CPU time (runtime/zygote/cpu_bound.h).
struct zygote_bound_cpu {
    uint64_t worker_id;
    uint32_t cpu_ms; // at least 1
};

struct zygote_ready {
    struct isolation_report isolation;
    struct bytes lua_release;   // "Lua 5.4.9"
    bool interpreter_degraded;  // older than 5.4.9, by an explicit build option
    struct bytes cores_problem; // why no worker can be kept off any core; empty: nothing is in the way
};

struct zygote_failed {
    struct bytes reason; // one line for the administrator
};

// One worker that is gone. `wait_status` is wait4's; -1 if it could not be forked, with `spawn_errno`.
struct worker_exit {
    uint64_t worker_id;
    int32_t wait_status;
    int32_t spawn_errno;
    uint64_t cpu_us;    // user + system, from rusage
    uint64_t rss_bytes; // peak, from rusage
};

struct zygote_exited {
    uint32_t count; // 1..EXITED_BATCH_MAX
    struct worker_exit exits[EXITED_BATCH_MAX];
};

// Each encoder appends a whole packet, its type byte included. Each decoder takes the packet after its type
// byte and is as strict as those of job_messages.h. Decoded strings borrow from the packet.
void zygote_setup_encode(struct buffer *out, const struct zygote_setup *setup);
bool zygote_setup_decode(struct bytes body, struct zygote_setup *ret_setup);
void zygote_spawn_encode(struct buffer *out, const struct zygote_spawn *spawn);
bool zygote_spawn_decode(struct bytes body, struct zygote_spawn *ret_spawn);
void zygote_kill_encode(struct buffer *out, const struct zygote_kill *kill);
bool zygote_kill_decode(struct bytes body, struct zygote_kill *ret_kill);
void zygote_give_way_encode(struct buffer *out, const struct zygote_give_way *give_way);
bool zygote_give_way_decode(struct bytes body, struct zygote_give_way *ret_give_way);
void zygote_bound_cpu_encode(struct buffer *out, const struct zygote_bound_cpu *bound);
bool zygote_bound_cpu_decode(struct bytes body, struct zygote_bound_cpu *ret_bound);
void zygote_ready_encode(struct buffer *out, const struct zygote_ready *ready);
bool zygote_ready_decode(struct bytes body, struct zygote_ready *ret_ready);
void zygote_failed_encode(struct buffer *out, const struct zygote_failed *failed);
bool zygote_failed_decode(struct bytes body, struct zygote_failed *ret_failed);
void zygote_exited_encode(struct buffer *out, const struct zygote_exited *exited);
bool zygote_exited_decode(struct bytes body, struct zygote_exited *ret_exited);
