// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/zygote_packets.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/require.h"
#include "runtime/engine/dispatch.h"
#include "runtime/engine/pool.h"
#include "runtime/engine/runs.h"
#include "runtime/engine/workers.h"
#include "runtime/engine/zygote_life.h"
#include "runtime/engine/zygote_start.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

// A packet of more than this was one of several: exits come in batches when there are many.
enum { PACKETS_PER_TURN = 16, FULL_PACKET = 512 };

bool zygote_send_spawn(struct zygote *zygote, const uint64_t *worker_ids, const int *fds, uint32_t count,
                       bool on_kept_cores, struct error *err)
{
    struct zygote_spawn spawn = {.count = count, .on_kept_cores = on_kept_cores};
    memcpy(spawn.worker_id, worker_ids, count * sizeof *worker_ids);
    struct buffer packet = buffer_make(ZYGOTE_PACKET_MAX);
    zygote_spawn_encode(&packet, &spawn);
    bool sent = buffer_ok(&packet)
                    ? fd_send_packet(zygote->control, packet.data, packet.length, fds, count, err)
                    : error_set(err, ERROR_MEMORY, "no memory for a packet");
    buffer_free(&packet);
    return sent;
}

static bool watch_control(struct engine *engine, struct zygote *zygote, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = &zygote->control_source};
    return epoll_ctl(engine->epoll_fd, EPOLL_CTL_MOD, zygote->control, &event) == 0;
}

void zygote_await_room(struct engine *engine, struct zygote *zygote)
{
    if (!zygote->blocked && zygote->control >= 0)
        zygote->blocked = watch_control(engine, zygote, EPOLLIN | EPOLLOUT);
}

// One of the orders that carry no descriptor. False if it has to be sent again when the socket has room.
static bool send_order(struct engine *engine, struct zygote *zygote, struct buffer *packet)
{
    struct error err = {0};
    bool sent = buffer_ok(packet)
                    ? fd_send_packet(zygote->control, packet->data, packet->length, NULL, 0, &err)
                    : error_set(&err, ERROR_MEMORY, "no memory for a packet");
    buffer_free(packet);
    // Any other failure tells of itself through epoll, or the run's timer finds the zygote stuck.
    if (!sent && err.sys_errno == EAGAIN)
        zygote_await_room(engine, zygote);
    return sent;
}

// Sends what is wanted of a worker, as far as the socket has room.
static void send_wanted(struct engine *engine, struct worker *worker)
{
    struct zygote *zygote = worker->zygote;
    if (zygote->blocked || zygote->control < 0)
        return;
    struct buffer packet = buffer_make(ZYGOTE_PACKET_MAX);
    if (worker->kill_wanted) {
        if (!worker->kill_sent) {
            zygote_kill_encode(&packet, &(struct zygote_kill){.worker_id = worker->id});
            worker->kill_sent = send_order(engine, zygote, &packet);
        }
        return;
    }
    if (worker->cpu_ms_wanted > 0) {
        zygote_bound_cpu_encode(&packet, &(struct zygote_bound_cpu){worker->id, worker->cpu_ms_wanted});
        if (send_order(engine, zygote, &packet))
            worker->cpu_ms_wanted = 0;
    }
    if (worker->way_wanted) {
        zygote_give_way_encode(
            &packet, &(struct zygote_give_way){worker->id, worker->nice_wanted, worker->off_wanted});
        if (!send_order(engine, zygote, &packet))
            return;
        worker->way_wanted = false;
        worker->nice_wanted = 0;
    }
}

void zygote_kill_worker(struct engine *engine, struct worker *worker)
{
    worker->kill_wanted = true;
    send_wanted(engine, worker);
}

void zygote_bound_worker(struct engine *engine, struct worker *worker, uint32_t cpu_ms)
{
    worker->cpu_ms_wanted = cpu_ms;
    send_wanted(engine, worker);
}

void zygote_lower_worker(struct engine *engine, struct worker *worker, unsigned nice_by, bool off)
{
    worker->nice_wanted = (uint8_t)nice_by;
    zygote_keep_worker_off(engine, worker, off);
}

void zygote_keep_worker_off(struct engine *engine, struct worker *worker, bool off)
{
    worker->off_wanted = off;
    worker->way_wanted = true;
    send_wanted(engine, worker);
}

void zygote_note_order(struct engine *engine, struct zygote *zygote)
{
    bool has_none = zygote->asked_ns == 0;
    if (!has_none && !fd_peer_has_read_all(zygote->control))
        return;
    zygote->asked_ns = clock_monotonic_ns();
    if (has_none) // else the timer rings too early, and is set again
        pool_schedule(engine, zygote->pool);
}

uint64_t zygote_stuck_at_ns(const struct engine *engine, const struct zygote *zygote)
{
    return zygote->asked_ns == 0 || zygote->control < 0
               ? UINT64_MAX
               : zygote->asked_ns + engine->options.zygote_patience_ms * NS_PER_MS;
}

bool zygote_is_stuck(const struct engine *engine, struct zygote *zygote)
{
    if (clock_monotonic_ns() < zygote_stuck_at_ns(engine, zygote))
        return false;
    if (!fd_peer_has_read_all(zygote->control))
        return true;
    zygote->asked_ns = 0;
    return false;
}

static void worker_is_gone(struct engine *engine, struct worker *worker, const struct worker_exit *report)
{
    struct pool *pool = worker->zygote->pool;
    bool unforked = report->wait_status == -1;
    if (unforked || worker->state == WORKER_IDLE)
        gauge_add(&engine->workers_lost, 1);
    if (worker->state == WORKER_RUNNING) {
        struct run *run = worker->run;
        run->worker = NULL;
        worker->zygote->busy--;
        run->exit = *report;
        engine_note_run(engine, EVENT_WORKER_ENDED, run, "wait status %d, CPU time %llu us, RSS %llu bytes",
                        (int)report->wait_status, (unsigned long long)report->cpu_us,
                        (unsigned long long)report->rss_bytes);
        if (unforked)
            run_retry(engine, run);
        else
            run_end(engine, run, NULL);
    } else if (worker->state == WORKER_IDLE && !unforked) {
        pool->losses++;
        engine_note(engine, EVENT_WORKER_LOST, pool, "an idle worker ended (wait status %d)",
                    (int)report->wait_status);
    }
    worker_free(engine, worker);
    if (unforked)
        engine_note(engine, EVENT_WORKER_LOST, pool, "cannot fork a worker: %s",
                    strerror(report->spawn_errno));
    if (unforked || pool->losses >= LOSSES_MAX)
        pool_pause(engine, pool);
}

// The end of a run leaves room for the runs of any policy, and a draining pool has no idle workers for it.
static void note_room(struct engine *engine)
{
    struct pool *pool;
    list_each(pool, &engine->draining, draining_link) if (pool->gate.waiting > 0) pool_note_use(engine, pool);
}

static void on_exited(struct engine *engine, struct zygote *zygote, const struct zygote_exited *exited)
{
    struct pool *pool = zygote->pool;
    for (uint32_t i = 0; i < exited->count; i++) {
        struct worker *worker = worker_find(engine, zygote, exited->exits[i].worker_id);
        if (worker == NULL) {
            zygote_fail(engine, zygote, "the zygote reported the end of a worker that it does not have");
            return;
        }
        worker_is_gone(engine, worker, &exited->exits[i]);
    }
    dispatch_waiting(engine);
    pool_note_use(engine, pool);
    note_room(engine);
    zygote_check_retired(engine, zygote);
}

static void on_packet(struct engine *engine, struct zygote *zygote, struct bytes packet)
{
    struct error err;
    struct zygote_exited exited;
    if (zygote->state == ZYGOTE_IS_STARTING) {
        if (zygote_take_answer(zygote, packet, &err))
            zygote_ready_now(engine, zygote);
        else
            zygote_fail(engine, zygote, err.text);
        return;
    }
    if (packet.length < 1 || packet.data[0] != ZYGOTE_EXITED ||
        !zygote_exited_decode(bytes_of(packet.data + 1, packet.length - 1), &exited)) {
        zygote_fail(engine, zygote, "the zygote sent a malformed packet");
        return;
    }
    on_exited(engine, zygote, &exited);
}

bool zygote_mute(struct engine *engine, struct zygote *zygote)
{
    return zygote->state == ZYGOTE_IS_LIVE && !zygote->blocked && watch_control(engine, zygote, 0);
}

void zygote_unmute(struct engine *engine, struct zygote *zygote)
{
    require(watch_control(engine, zygote, zygote->blocked ? EPOLLIN | EPOLLOUT : EPOLLIN));
}

bool zygote_take_exit(struct engine *engine, struct zygote *zygote, const struct worker *worker)
{
    char packet[FULL_PACKET];
    struct zygote_exited exited;
    ssize_t length = recv(zygote->control, packet, sizeof packet, MSG_DONTWAIT | MSG_TRUNC | MSG_PEEK);
    if (length < 1 || (size_t)length > sizeof packet || packet[0] != ZYGOTE_EXITED ||
        !zygote_exited_decode(bytes_of(packet + 1, (size_t)length - 1), &exited) || exited.count != 1 ||
        exited.exits[0].worker_id != worker->id)
        return false;
    (void)!recv(zygote->control, packet, sizeof packet, MSG_DONTWAIT);
    on_exited(engine, zygote, &exited);
    return true;
}

static void on_room(struct engine *engine, struct zygote *zygote)
{
    if (!zygote->blocked || !watch_control(engine, zygote, EPOLLIN))
        return;
    zygote->blocked = false;
    struct worker *worker;
    list_each(worker, &zygote->workers, link) send_wanted(engine, worker);
    pool_note_use(engine, zygote->pool);
}

void zygote_on_control(struct engine *engine, struct zygote *zygote, uint32_t events)
{
    for (int i = 0; i < PACKETS_PER_TURN; i++) {
        // `control` changes in this thread only.
        if (zygote->control < 0)
            return;
        ssize_t length = recv(zygote->control, engine->packet, ZYGOTE_PACKET_MAX, MSG_DONTWAIT | MSG_TRUNC);
        if (length < 0 && errno == EAGAIN)
            break;
        // Reset: it ended without reading all that it was sent. That is told once, and before its last words.
        if (length < 0 && (errno == EINTR || errno == ECONNRESET))
            continue;
        char how[ZYGOTE_END_TEXT_SIZE] = "";
        if (length <= 0)
            zygote_end_in_words(zygote, how);
        engine_lock(engine);
        if (length <= 0)
            zygote_fail(engine, zygote, how);
        else if (length > ZYGOTE_PACKET_MAX)
            zygote_fail(engine, zygote, "the zygote sent a packet that is too long");
        else
            on_packet(engine, zygote, bytes_of(engine->packet, (size_t)length));
        engine_unlock(engine);
        // A short packet was the last one, most likely; if not, epoll tells at once.
        if (length < FULL_PACKET)
            break;
    }
    if ((events & EPOLLOUT) == 0)
        return;
    engine_lock(engine);
    if (zygote->control >= 0)
        on_room(engine, zygote);
    engine_unlock(engine);
}
