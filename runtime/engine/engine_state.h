// SPDX-License-Identifier: Apache-2.0
// The engine's own things, for the files of this folder only.
//
// Ownership: an engine owns its pools, a pool its zygotes, a zygote its workers; a run belongs to the engine
// from engine_submit until its callback returns. Everything is guarded by engine->lock, but for what a run
// receives (struct worker_io), which only the thread that answers the run touches: the serving thread, or who
// attends it (attend.h), and only while the run is running or ended. Zygotes, pools and ended runs are freed
// by the serving thread only, at the end of a turn, so that what an epoll event points to is still there; but
// a run that is attended has no event.
#pragma once

#include "runtime/engine/admission.h"
#include "runtime/engine/deadlines.h"
#include "runtime/engine/engine.h"
#include "runtime/engine/lasting.h"
#include "runtime/engine/worker_io.h"
#include "runtime/protocol/exit_codes.h"
#include "runtime/protocol/zygote_messages.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

enum {
    LOSSES_MAX = 8,            // idle workers that may die in a row before forking slows down
    WATCH_AFTER_MS = 1,        // a run that lasts longer has its worker's socket watched
    LASTING_AFTER_MS = 5,      // a run that lasts longer is held to its CPU limit, and gives way to others
    ASKS_FOR_MS = 2000,        // somebody whose short runs come now and then gets no machine full of spinners
    ZYGOTE_PATIENCE_MS = 5000, // from an order until a zygote that does not follow it counts as stuck
    START_PATIENCE_MS = 10000, // for a zygote that is started again
    SPAWN_PAUSE_MS = 100,      // after a fork failed,
    SPAWN_PAUSE_MAX_MS = 3200, // doubling up to this while it goes on failing
    BACKOFF_FIRST_MS = 100,    // after a zygote's death
    BACKOFF_MAX_MS = 10000,    // doubling up to this
    STEADY_AFTER_MS = 10000,   // a zygote that lived so long starts the back-off anew,
    STEADY_AFTER_RUNS = 100,   // or did so much: only what dies at once, again and again, has to wait
    SHRINK_EVERY_MS = 1000,    // how often an idle target above the policy's is looked at
    DISPATCH_ATTEMPTS_MAX = 64, // workers tried for one run
    ENGINE_TIMERS = 2,          // of the engine itself: shrink_timer, lasting_timer
};

// What an epoll event is about. Embedded in the thing itself.
enum source_kind { SOURCE_WAKE, SOURCE_TIMER, SOURCE_CONTROL, SOURCE_PROCESS, SOURCE_WORKER };
struct source {
    enum source_kind kind;
};

enum zygote_state {
    ZYGOTE_IS_STARTING, // until READY or FAILED
    ZYGOTE_IS_LIVE,     // runs may start
    ZYGOTE_IS_RETIRING, // its runs end, no new ones start
    ZYGOTE_IS_ENDING,   // killed; waits to be reaped
};

struct zygote {
    struct source control_source;
    struct source process_source;
    struct list link; // in its pool's zygotes
    struct pool *pool;
    enum zygote_state state;
    pid_t pid;
    int pidfd;
    int control; // -1 once ending
    struct list workers;
    struct list idle;
    uint32_t busy; // workers with a run
    uint32_t runs; // started on it so far
    uint64_t ready_ns;
    uint64_t asked_ns; // since when it may have an order for workers that it did not take yet; 0: it has none
    bool blocked;      // its control socket is full; goes on when there is room
    struct isolation_report isolation;
    char cores_problem[ERROR_TEXT_SIZE]; // why no worker of it can be kept off any core; or ""
};

enum worker_state {
    WORKER_STARTING, // its descriptor is on its way to the zygote
    WORKER_IDLE,
    WORKER_RUNNING,
    WORKER_LEAVING, // its socket is closed; its exit report is awaited
};

struct worker {
    uint64_t id;      // slot in the low bits, a serial number above
    struct list link; // in its zygote's workers
    struct list idle; // in its zygote's idle
    struct zygote *zygote;
    struct run *run; // WORKER_RUNNING
    int socket;      // -1 unless WORKER_IDLE
    enum worker_state state;
    bool kill_wanted;
    bool kill_sent;
    uint32_t cpu_ms_wanted; // 0: nothing, or it was sent
    bool way_wanted;        // to give way as the next two say, and it was not sent yet
    uint8_t nice_wanted;    // 0: as it is
    bool off_wanted;        // the kept cores
};

// One policy version. A newer version of the same name is another pool, and this one drains.
struct pool {
    struct id_entry entry;     // in engine->pools, unless draining
    struct list link;          // in engine->all_pools
    struct list hungry;        // in engine->hungry
    struct list unstarted;     // in engine->unstarted
    struct list draining_link; // in engine->draining
    struct policy *policy;
    struct gate gate;
    struct zygote *live;     // NULL while there is none
    struct zygote *starting; // its successor, or the first
    struct list zygotes;
    uint32_t target;          // idle workers to keep
    uint32_t idle_low;        // fewest idle workers since the last look
    uint64_t target_grown_at; // engine->forks then
    uint32_t losses;          // idle workers that died since a run last ended
    struct timer timer;       // whichever of the following times comes first
    uint64_t start_until_ns;  // `starting` must be ready by then
    uint64_t start_at_ns;     // when to start a zygote; UINT64_MAX: none is wanted
    uint64_t retire_at_ns;    // when `live` is old enough to be replaced
    uint64_t spawn_at_ns;     // no worker is asked for before: a fork failed
    uint32_t spawn_failures;  // since a run last ended
    uint64_t backoff_ms;
    bool draining;
    bool down; // its zygote cannot start: `problem` says why
    char problem[ERROR_TEXT_SIZE];
};

enum run_stage {
    STAGE_WAITING,
    STAGE_YOUNG,   // has just begun: nothing is waited for but its exit report
    STAGE_WATCHED, // its worker's socket is watched
    STAGE_LASTING, // and the worker is held to its CPU limit from outside, and gives way to those of others
    STAGE_LEAVING, // the worker closed its socket, so its exit report must follow soon
    STAGE_KILLED,
    STAGE_ENDED
};

struct run {
    struct source source;
    struct list ended; // in engine->ended
    struct id_entry entry;
    struct list lasting; // in engine->lasting
    struct ticket ticket;
    struct timer timer;
    enum run_stage stage;
    struct pool *pool;
    struct policy *policy;
    struct worker *worker; // while running
    int socket;            // the engine's end, -1 before
    bool in_epoll;
    bool unwatched; // epoll had no room for it when that was last tried
    struct buffer job;
    size_t job_sent;
    unsigned attempts;
    bool cold_start; // no worker was idle when it came
    bool cancelled;
    bool deadline_passed;
    bool kept_off;            // some cores, while it lasts and others ask
    bool hung_up;             // its worker closed its socket and did not end
    const char *host_failure; // static text: why it is our fault, or NULL
    struct worker_exit exit;
    struct worker_io io;
    uint64_t submitted_ns;
    uint64_t taken_ns; // a worker was found
    uint64_t dispatched_ns;
    uint64_t ended_ns;
    uint64_t deadline_ns;
    char run_id[RUN_ID_SIZE + 1];
    bool profile; // asked for
    bool coverage;
    struct effective_limits limits;
    void (*done)(void *user, const struct run_result *result);
    void (*log)(void *user, const struct run_log_line *line);
    void *user;
};

enum { NOTES_MAX = 64 };

struct engine {
    struct engine_options options;
    char *zygote_path;
    pthread_mutex_t lock;
    int epoll_fd;
    int wake_fd;
    int timer_fd;
    struct source wake_source;
    struct source timer_source;
    _Atomic bool stopping; // engine_stop was called
    bool refusing;
    bool in_turn; // the serving thread is awake and will look at every list before it sleeps
    struct deadlines deadlines;
    uint64_t armed_ns; // what timer_fd is set to; UINT64_MAX: nothing
    struct timer shrink_timer;
    struct timer lasting_timer;
    struct list lasting; // runs that last
    uint32_t lasting_count;
    uint32_t kept_off; // of them
    struct askers askers;
    struct admission_state admission;
    struct id_map pools; // by name
    struct id_map runs;  // by id: waiting and running
    struct list all_pools;
    uint32_t pool_count;
    struct list hungry;    // pools that want workers
    struct list unstarted; // pools that want a zygote started
    struct list draining;  // pools that end with their last run
    bool drain_asked;      // of one that the serving thread did not look at yet
    struct worker **slots; // workers by the low bits of their id
    uint32_t slot_count;
    uint32_t worker_count;
    uint32_t free_slot; // where to look next
    uint64_t worker_serial;
    struct gauge forks;
    struct gauge zygote_restarts;
    struct gauge workers_lost;
    struct engine_note *notes; // a ring, for the administrator: told at the end of a turn
    uint32_t first_note;
    uint32_t note_count;
    uint32_t notes_lost; // for want of room
    struct {
        struct run *run;             // NULL once it needs nobody any more
        struct zygote *zygote;       // which the serving thread does not hear; NULL: it hears all
    } attended;                      // attend.h
    struct list ended;               // runs to be answered, the serving thread's
    char *packet;                    // ZYGOTE_PACKET_MAX bytes, the serving thread's
    struct layer_report interpreter; // as the first zygote found it, if it was told to try
    bool interpreter_tried;          // under swap_lock
    struct zygote *ahead;            // started before its policy was known (options.one_run), or NULL
    pthread_mutex_t swap_lock;       // one change of policies at a time; taken before `lock`
};

// engine.c
void engine_lock(struct engine *engine);
void engine_unlock(struct engine *engine);
// Lock held: sees to it that the serving thread takes a turn soon.
void engine_wake(struct engine *engine);
// serve.c. Lock held: whether there is something to do that no event will tell of.
bool engine_has_work(const struct engine *engine);
// Lock held: the timer rings no later than the first deadline.
void engine_arm(struct engine *engine);
// notes.c. Lock held: to be told to the administrator without the lock. What does not fit is dropped, and
// that is told.
void engine_note(struct engine *engine, enum engine_event event, const struct pool *pool, const char *format,
                 ...) __attribute__((format(printf, 4, 5)));
// Likewise, of a run that has not ended.
void engine_note_run(struct engine *engine, enum engine_event event, const struct run *run,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));
// Lock held, given up while the callback runs.
void engine_tell_notes(struct engine *engine);
