// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/traceback.h"

#include "runtime/lua/image.h"
#include "tests/unit/lua/plugin_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <lauxlib.h>

static struct lua_image *make_image(void)
{
    struct lua_image_options options = {.hash_seed = 1};
    memset(options.allowed, true, sizeof(options.allowed));
    struct lua_image *image = lua_image_new(&options, NULL);
    assert_non_null(image);
    return image;
}

static struct stack_frame frames[TRACEBACK_MAX];
static uint32_t frame_count;

static int take_stack(lua_State *L)
{
    frame_count = lua_image_stack(image_of(L), frames, (uint32_t)luaL_optinteger(L, 1, TRACEBACK_MAX));
    return 0;
}

static void run(lua_State *L, const char *name, const char *code)
{
    lua_pushcfunction(L, take_stack);
    lua_setglobal(L, "take");
    assert_int_equal(luaL_loadbufferx(L, code, strlen(code), name, "t"), LUA_OK);
    lua_call(L, 0, 0);
}

static void stack_can_be_read_at_any_time(void **state)
{
    (void)state;
    struct lua_image *image = make_image();
    assert_int_equal(lua_image_stack(image, frames, TRACEBACK_MAX), 0); // nothing runs
    run(image->L, "=main.lua", "local function f()\n  take()\nend\nf()");
    assert_int_equal(frame_count, 3);
    assert_true(bytes_equal_text(frames[0].source, "[C]"));
    assert_true(bytes_equal_text(frames[0].function, "take"));
    assert_int_equal(frames[0].line, 0);
    assert_true(bytes_equal_text(frames[1].source, "main.lua"));
    assert_true(bytes_equal_text(frames[1].function, "f"));
    assert_int_equal(frames[1].line, 2);
    assert_true(bytes_equal_text(frames[2].function, "main chunk"));
    run(image->L, "=main.lua", "local function f()\n  take(1)\nend\nf()");
    assert_int_equal(frame_count, 1);
    lua_image_free(image);
}

static void sources_are_shown_as_lua_shows_them(void **state)
{
    (void)state;
    struct lua_image *image = make_image();
    run(image->L, "take() -- a chunk without a name", "take()");
    assert_true(bytes_equal_text(frames[1].source, "[string \"take() -- a chunk without a name\"]"));
    char name[TRACE_SOURCE_SIZE + 100];
    memset(name, 'n', sizeof(name) - 1);
    name[0] = '=';
    name[sizeof(name) - 1] = '\0';
    run(image->L, name, "take()");
    assert_int_equal(frames[1].source.length, MODULE_NAME_MAX);
    lua_image_free(image);
}

static void innermost_frames_are_kept(void **state)
{
    (void)state;
    struct lua_image *image = make_image();
    run(image->L, "=m", "local function f(n) if n == 0 then take() else f(n - 1)\nend end f(100)");
    assert_int_equal(frame_count, TRACEBACK_MAX);
    assert_int_equal(frames[1].line, 1);
    lua_image_free(image);
}

static void prepend_drops_the_outermost_when_full(void **state)
{
    (void)state;
    static struct traceback trace;
    for (uint32_t i = 1; i <= TRACEBACK_MAX + 3; i++)
        traceback_prepend(&trace, bytes_of_text("x"), i);
    assert_int_equal(traceback_frames(&trace, frames), TRACEBACK_MAX);
    assert_int_equal(frames[0].line, TRACEBACK_MAX + 3);
    assert_int_equal(frames[TRACEBACK_MAX - 1].line, 4);
}

static void a_resting_stack_is_not_moving(void **state)
{
    (void)state;
    struct lua_image *image = make_image();
    assert_false(traceback_stack_is_moving(image, image->L));
    lua_image_free(image);
}

// lobject.h: a slot of the stack, whose tag says what it holds. A CallInfo begins with a pointer to its
// function's.
struct slot {
    void *value;
    unsigned char tag;
};

static unsigned found_on_the_way_out;

// As a time limit finds it that comes while the results of a function are moved: nil stands where it stood.
static void on_the_way_out(lua_State *L, lua_Debug *ar)
{
    struct slot *slot = *(struct slot **)(void *)ar->i_ci, was = *slot;
    *slot = (struct slot){.value = (void *)1, .tag = LUA_TNIL};
    static struct traceback trace;
    trace.count = 0;
    traceback_append(image_of(L), L, 0, TRACE_LIBRARY_NAMES, &trace);
    *slot = was;
    found_on_the_way_out = traceback_frames(&trace, frames);
    lua_sethook(L, NULL, 0, 0);
}

static void a_frame_whose_function_has_given_way_to_its_results_is_left_out(void **state)
{
    (void)state;
    struct lua_image *image = make_image();
    lua_sethook(image->L, on_the_way_out, LUA_MASKRET, 0);
    run(image->L, "=m", "local function f() return 1 end\nlocal n = f()\ntake()");
    assert_int_equal(found_on_the_way_out, 1);
    lua_image_free(image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stack_can_be_read_at_any_time),
        cmocka_unit_test(sources_are_shown_as_lua_shows_them),
        cmocka_unit_test(innermost_frames_are_kept),
        cmocka_unit_test(prepend_drops_the_outermost_when_full),
        cmocka_unit_test(a_resting_stack_is_not_moving),
        cmocka_unit_test(a_frame_whose_function_has_given_way_to_its_results_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
