// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/profiler.h"

#include "base/clock.h"
#include "runtime/lua/image.h"
#include "runtime/lua/profile_table.h"
#include "runtime/protocol/frame.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    INTERVAL_LEAST_US = 250,
    INTERVAL_MOST_US = 1000,
    SAMPLES_PER_SCALE = 1000, // the interval is this fraction of the time so far
    SHARE = 16,               // of the time, that one kind of sample may take: 1/SHARE
    SPREAD_INSTRUCTIONS = 32,
    ALLOCATION_STEP_LEAST = 1 << 10, // bytes
    ALLOCATION_STEP_MOST = 1 << 24,
    DEPTH_KEPT = PROFILE_DEPTH_MAX - 1, // one is for what stands for the rest
};

// What is no function of the plugin's or of a library.
enum pseudo_function { PSEUDO_DEEPER, PSEUDO_COMPILE, PSEUDO_PHASE };

struct profiler {
    struct profile_table table;
    volatile sig_atomic_t wanted;
    uint64_t begun_cpu_ns;
    uint64_t told_cpu_ns; // up to here CPU time is accounted for
    uint64_t sample_ns;   // what the last sample took
    uint64_t hooking_ns;  // what its hook took
    uint32_t random;      // of the handler alone
    struct {
        uint64_t untold;     // bytes since the last sample
        uint64_t step;       // bytes between two samples, on average
        uint64_t due;        // bytes until the next one
        uint64_t sampled_ns; // when that was
        uint32_t random;
    } allocations;
    char frame[FRAME_HEADER_SIZE + PROFILE_BODY_MAX + 1];
};

_Static_assert(sizeof(struct profiler) < 1 << 20,
               "what a run may take for it (runtime/protocol/worker_memory.c)");

// Numbers to spread samples by; xorshift, since the plugin's own must not notice. Never 0.
static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

void profiler_begin(struct lua_image *image)
{
    struct profiler *profiler = calloc(1, sizeof *profiler);
    if (profiler == NULL)
        return;
    profiler->begun_cpu_ns = clock_thread_cpu_ns();
    profiler->told_cpu_ns = profiler->begun_cpu_ns;
    profiler->random = 2463534242;
    profiler->allocations.random = 88675123;
    profiler->allocations.step = ALLOCATION_STEP_LEAST;
    profiler->allocations.due = ALLOCATION_STEP_LEAST;
    profiler->allocations.sampled_ns = clock_monotonic_ns();
    image->profiler = profiler;
    lua_setallocf(image->L, profiler_allocate, image);
}

// Where Lua code runs without calls, the alarm is noticed at the end of a loop only: some instructions, drawn
// at random, may pass from there.
void profiler_want_sample(struct profiler *profiler, lua_State *L, lua_Hook hook, int mask)
{
    profiler->wanted = 1;
    if (hook == NULL)
        return;
    int spread = 1 + (int)(next_random(&profiler->random) % SPREAD_INSTRUCTIONS);
    // Lua looks at every function on the stack for it, and again when the hook is taken away.
    uint64_t begun_ns = clock_thread_cpu_ns();
    lua_sethook(L, hook, mask | LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, spread);
    profiler->hooking_ns = 2 * (clock_thread_cpu_ns() - begun_ns);
}

uint64_t profiler_interval_us(const struct profiler *profiler)
{
    uint64_t so_far_us = (profiler->told_cpu_ns - profiler->begun_cpu_ns) / NS_PER_US;
    uint64_t interval_us = so_far_us / SAMPLES_PER_SCALE;
    if (interval_us < INTERVAL_LEAST_US)
        interval_us = INTERVAL_LEAST_US;
    if (interval_us > INTERVAL_MOST_US)
        interval_us = INTERVAL_MOST_US;
    uint64_t dear_us = (profiler->sample_ns + profiler->hooking_ns) * SHARE / NS_PER_US;
    return interval_us > dear_us ? interval_us : dear_us;
}

static struct bytes source_of(const lua_Debug *ar)
{
    return bytes_of_text(ar->source[0] == '=' ? ar->source + 1 : ar->short_src);
}

static struct profile_place place_c_function(struct lua_image *image, lua_State *L, lua_Debug *ar)
{
    struct profile_table *table = &image->profiler->table;
    uint32_t source = profile_table_source(table, bytes_of_text("[C]"));
    lua_getinfo(L, "f", ar);
    lua_CFunction function = lua_tocfunction(L, -1);
    lua_pop(L, 1);
    uint64_t id = (uint64_t)(uintptr_t)function;
    uint32_t index = profile_table_find_function(table, source, id);
    if (index == PROFILE_NO_INDEX) {
        char name[PROFILE_NAME_MAX];
        if (!traceback_library_name(image, function, name, sizeof name)) {
            lua_getinfo(L, "n", ar);
            snprintf(name, sizeof name, "%s", ar->name != NULL ? ar->name : "");
        }
        index = profile_table_add_function(table, source, id, bytes_of_text(name), 0);
    }
    return (struct profile_place){.function = index, .source = source};
}

static struct profile_place place_frame(struct lua_image *image, lua_State *L, lua_Debug *ar)
{
    struct profile_table *table = &image->profiler->table;
    lua_getinfo(L, "Sl", ar);
    if (ar->what[0] == 'C')
        return place_c_function(image, L, ar);
    uint32_t source = profile_table_source(table, source_of(ar));
    uint64_t id = (uint64_t)ar->linedefined;
    uint32_t index = profile_table_find_function(table, source, id);
    if (index == PROFILE_NO_INDEX) {
        bool main = ar->what[0] == 'm';
        lua_getinfo(L, "n", ar);
        const char *name = main ? "main chunk" : ar->name != NULL ? ar->name : "";
        index = profile_table_add_function(table, source, id, bytes_of_text(name), (uint32_t)id);
    }
    uint32_t line = ar->currentline > 0 ? (uint32_t)ar->currentline : 0;
    return (struct profile_place){.function = index, .source = source, .line = line};
}

static struct profile_place place_pseudo(struct profiler *profiler, struct bytes source_text,
                                         enum pseudo_function pseudo, const char *name)
{
    uint32_t source = profile_table_source(&profiler->table, source_text);
    uint64_t id = UINT64_MAX - pseudo; // no line and no address
    uint32_t index = profile_table_find_function(&profiler->table, source, id);
    if (index == PROFILE_NO_INDEX)
        index = profile_table_add_function(&profiler->table, source, id, bytes_of_text(name), 0);
    return (struct profile_place){.function = index, .source = source};
}

// What goes on while no function of the plugin runs.
static struct profile_place place_phase(struct lua_image *image)
{
    static const char *const names[] = {
        [PHASE_CONTEXT] = "(read context)",
        [PHASE_LOAD] = "(compile)",
        [PHASE_CALL] = "(call)",
        [PHASE_OUTPUT] = "(write output)",
    };
    enum pseudo_function id = (enum pseudo_function)(PSEUDO_PHASE + image->phase);
    return place_pseudo(image->profiler, bytes_of_text("[C]"), id, names[image->phase]);
}

// Reads the stack, innermost frame first, from `level` of the running coroutine on.
static uint32_t read_stack(struct lua_image *image, int level, struct profile_place places[PROFILE_DEPTH_MAX])
{
    uint32_t count = 0;
    const struct source_reader *compiling = image->compiling;
    if (compiling != NULL)
        places[count++] = place_pseudo(image->profiler, compiling->name, PSEUDO_COMPILE, "(compile)");
    for (const struct coroutine_link *link = image->running; link != NULL; link = link->parent) {
        lua_Debug ar, below;
        for (; lua_getstack(link->L, level, &ar); level++) {
            // Our own C function at the bottom of it all is none of the plugin's.
            if (link->L == image->L && !lua_getstack(link->L, level + 1, &below))
                break;
            if (count == DEPTH_KEPT) {
                places[count++] =
                    place_pseudo(image->profiler, bytes_of_text("[C]"), PSEUDO_DEEPER, "(outer calls)");
                return count;
            }
            places[count++] = place_frame(image, link->L, &ar);
        }
        level = 0;
    }
    if (count == 0)
        places[count++] = place_phase(image);
    return count;
}

static void add_stack(struct lua_image *image, int level, const struct profile_cost *cost)
{
    struct profile_place places[PROFILE_DEPTH_MAX];
    uint32_t count = read_stack(image, level, places);
    profile_table_add(&image->profiler->table, places, count, cost);
}

static uint64_t take_untold_cpu_ns(struct profiler *profiler, uint64_t now_ns)
{
    uint64_t untold_ns = now_ns - profiler->told_cpu_ns;
    profiler->told_cpu_ns = now_ns;
    return untold_ns;
}

void profiler_sample(struct lua_image *image, const lua_Debug *ar)
{
    struct profiler *profiler = image->profiler;
    if (!profiler->wanted)
        return;
    profiler->wanted = 0;
    uint64_t now_ns = clock_thread_cpu_ns();
    struct profile_cost cost = {.samples = 1, .cpu_ns = take_untold_cpu_ns(profiler, now_ns)};
    // What was called has not begun.
    add_stack(image, ar->event == LUA_HOOKCALL ? 1 : 0, &cost);
    // The sample's own time is nobody's.
    profiler->told_cpu_ns = clock_thread_cpu_ns();
    profiler->sample_ns = profiler->told_cpu_ns - now_ns;
}

void profiler_end_phase(struct lua_image *image)
{
    struct profiler *profiler = image->profiler;
    struct profile_cost cost = {.samples = 1, .cpu_ns = take_untold_cpu_ns(profiler, clock_thread_cpu_ns())};
    if (image->phase == PHASE_CALL)
        return; // less than an interval, of we know not what
    struct profile_place place = place_phase(image);
    profile_table_add(&profiler->table, &place, 1, &cost);
}

// A sample that was wanted and never taken: a limit has ended the run inside a C function, whose time it is.
static void take_last_sample(struct lua_image *image)
{
    struct profiler *profiler = image->profiler;
    if (!profiler->wanted || traceback_stack_is_moving(image, image->running->L))
        return;
    profiler->wanted = 0;
    struct profile_cost cost = {.samples = 1, .cpu_ns = take_untold_cpu_ns(profiler, clock_thread_cpu_ns())};
    add_stack(image, 0, &cost);
}

const char *profiler_frame(struct lua_image *image, size_t *ret_length)
{
    struct profiler *profiler = image->profiler;
    take_last_sample(image);
    profiler_end_phase(image);
    profiler->table.profile.cpu_ns = profiler->told_cpu_ns - profiler->begun_cpu_ns;
    struct buffer fixed = buffer_over(profiler->frame, sizeof profiler->frame);
    profile_encode(&fixed, &profiler->table.profile);
    *ret_length = fixed.length;
    return buffer_ok(&fixed) ? fixed.data : NULL;
}

// Sampling too often for what the plugin itself does in between: further apart. Too seldom: nearer.
static void adapt_step(struct profiler *profiler, uint64_t begun_ns)
{
    uint64_t now_ns = clock_monotonic_ns();
    uint64_t took_ns = now_ns - begun_ns;
    uint64_t between_ns = begun_ns - profiler->allocations.sampled_ns;
    uint64_t *step = &profiler->allocations.step;
    if (took_ns * SHARE > between_ns && *step < ALLOCATION_STEP_MOST)
        *step *= 2;
    else if (took_ns * SHARE * 4 < between_ns && *step > ALLOCATION_STEP_LEAST)
        *step /= 2;
    profiler->allocations.sampled_ns = now_ns;
    // From half to one and a half steps, lest a loop's own rhythm is all that is seen.
    profiler->allocations.due = *step / 2 + next_random(&profiler->allocations.random) % *step;
}

static void sample_allocation(struct lua_image *image)
{
    struct profiler *profiler = image->profiler;
    uint64_t begun_ns = clock_monotonic_ns();
    struct profile_cost cost = {.bytes = profiler->allocations.untold};
    profiler->allocations.untold = 0;
    uint64_t begun_cpu_ns = clock_thread_cpu_ns();
    add_stack(image, 0, &cost);
    profiler->told_cpu_ns += clock_thread_cpu_ns() - begun_cpu_ns;
    adapt_step(profiler, begun_ns);
}

void *profiler_allocate(void *ud, void *block, size_t old_size, size_t new_size)
{
    struct lua_image *image = ud;
    struct profiler *profiler = image->profiler;
    if (block == NULL)
        old_size = 0;
    void *fresh = image_allocate(ud, block, old_size, new_size);
    if (fresh == NULL || new_size <= old_size)
        return fresh;
    profiler->table.profile.allocated_bytes += new_size - old_size;
    profiler->allocations.untold += new_size - old_size;
    if (profiler->allocations.untold >= profiler->allocations.due &&
        !traceback_stack_is_moving(image, image->running->L))
        sample_allocation(image);
    return fresh;
}
