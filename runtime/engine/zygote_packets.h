// SPDX-License-Identifier: Apache-2.0
// Talking to a zygote: asking for workers and for their end, hearing of exits.
#pragma once

#include "runtime/engine/engine_state.h"

// Serving thread. Asks for `count` workers, one for each descriptor. Never blocks: ERROR_SYSTEM with EAGAIN
// when the socket is full.
bool zygote_send_spawn(struct zygote *zygote, const uint64_t *worker_ids, const int *fds, uint32_t count,
                       bool on_kept_cores, struct error *err);
// Lock held. Sends ZYGOTE_KILL for a worker, now or when the socket has room.
void zygote_kill_worker(struct engine *engine, struct worker *worker);
// Lock held. Likewise ZYGOTE_BOUND_CPU.
void zygote_bound_worker(struct engine *engine, struct worker *worker, uint32_t cpu_ms);
// Lock held. Likewise ZYGOTE_GIVE_WAY: its run lasts; and whether it is kept off some cores, then and later.
void zygote_lower_worker(struct engine *engine, struct worker *worker, unsigned nice_by, bool off);
void zygote_keep_worker_off(struct engine *engine, struct worker *worker, bool off);
// Lock held. The socket is full: goes on when it is writable.
void zygote_await_room(struct engine *engine, struct zygote *zygote);
// Lock held, before an order for workers is sent: the zygote has to take it within its patience.
void zygote_note_order(struct engine *engine, struct zygote *zygote);
// Lock held. When the oldest order for workers that is not taken yet makes a zygote count as stuck;
// UINT64_MAX if there is none.
uint64_t zygote_stuck_at_ns(const struct engine *engine, const struct zygote *zygote);
// Lock held, when that time has come: whether it is.
bool zygote_is_stuck(const struct engine *engine, struct zygote *zygote);
// Lock held. The serving thread no longer hears what the zygote says, but still that it died. False if it has
// to hear it.
bool zygote_mute(struct engine *engine, struct zygote *zygote);
// Lock held. It hears the zygote again, and what it said meanwhile.
void zygote_unmute(struct engine *engine, struct zygote *zygote);
// Lock held, serving thread asleep, zygote muted. Takes the next packet if it reports the end of `worker` and
// nothing else.
bool zygote_take_exit(struct engine *engine, struct zygote *zygote, const struct worker *worker);
// Serving thread, no lock. Something happened on the control socket.
void zygote_on_control(struct engine *engine, struct zygote *zygote, uint32_t events);
