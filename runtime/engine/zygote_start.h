// SPDX-License-Identifier: Apache-2.0
// Starting and ending a zygote's process. Needs no lock: a zygote belongs to who started it until it is
// attached to its pool.
#pragma once

#include "runtime/engine/engine_state.h"

// What the engine has in mind with a zygote, beside its policy.
struct zygote_plan {
    bool try_interpreter; // it runs the known crashers of Lua first
    bool one_run;         // it will be asked for one worker
    uint32_t kept_cores;  // that runs that last may be kept off
};

// Starts the executable with a control socket as descriptor 3 and sends ZYGOTE_SETUP; its answer is not
// awaited. Without a policy (and plan) it waits for zygote_set_up. NULL on failure. posix_spawn is safe
// beside threads.
struct zygote *zygote_start(const char *path, const struct policy *policy, const struct zygote_plan *plan,
                            struct error *err);
// Sends ZYGOTE_SETUP to a zygote that was started without.
bool zygote_set_up(const struct zygote *zygote, const struct policy *policy, const struct zygote_plan *plan,
                   struct error *err);
// Waits for the answer. False, with the zygote's own words, if it failed, died or took longer than
// `until_ns`.
bool zygote_await_ready(struct zygote *zygote, uint64_t until_ns, struct error *err);
// Takes the first packet, READY or FAILED. False, with the zygote's own words, for anything but READY.
bool zygote_take_answer(struct zygote *zygote, struct bytes packet, struct error *err);
// Has the process end, with everything in its pid namespace. It still has to be reaped.
void zygote_kill_process(struct zygote *zygote);
// How the process ended that is ending by itself, in words. Waits for its end, some milliseconds at most: the
// socket's end comes first. Before it is killed and reaped.
enum { ZYGOTE_END_TEXT_SIZE = 96 };
void zygote_end_in_words(const struct zygote *zygote, char text[ZYGOTE_END_TEXT_SIZE]);
// True if the process was reaped now. `wait` blocks until it is gone, and kills it if that takes too long.
bool zygote_reap(struct zygote *zygote, bool wait);
// Kills, reaps and frees a zygote that has no workers and is in no list.
void zygote_discard(struct zygote *zygote);
// Closes what is open and frees; the process must be reaped.
void zygote_free(struct zygote *zygote);
