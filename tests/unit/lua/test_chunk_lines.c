// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/chunk_lines.h"

#include "tests/support/cmocka_all.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = 70000 };

struct seen {
    bool line[LINES_MAX];
};

static void see(void *user, uint32_t line)
{
    struct seen *seen = user;
    assert_in_range(line, 1, LINES_MAX - 1);
    seen->line[line] = true;
}

// The lines of `code` that hold code, as "1 3 4".
static void expect_lines(const char *code, const char *expected)
{
    static struct seen seen;
    memset(&seen, 0, sizeof seen);
    lua_State *L = luaL_newstate();
    assert_int_equal(luaL_loadbufferx(L, code, strlen(code), "=main.lua", "t"), LUA_OK);
    assert_true(chunk_lines_each(L, see, &seen));
    lua_close(L);
    char text[256] = "";
    for (unsigned line = 1; line < LINES_MAX && strlen(text) < 200; line++)
        if (seen.line[line])
            snprintf(text + strlen(text), 32, "%s%u", text[0] != '\0' ? " " : "", line);
    assert_string_equal(text, expected);
}

static void comments_blanks_and_ends_hold_no_code(void **state)
{
    (void)state;
    expect_lines("-- nothing\n\nlocal a = 1\n\nreturn a\n", "3 5");
    expect_lines("local function f(x)\n  return x\nend\nreturn f", "2 3 4");
    expect_lines("if x then\n  y = 1\nelse\n  y = 2\nend\n", "1 2 4");
    expect_lines("for i = 1, 3 do\n  x = i\nend\n", "1 2");
    expect_lines("", "");
}

static void functions_that_are_never_made_count_too(void **state)
{
    (void)state;
    expect_lines("if x then\n"
                 "  function a(...)\n"
                 "    local function b()\n"
                 "      c = 'text' .. 1.5 .. 7\n"
                 "    end\n"
                 "    return b, ...\n"
                 "  end\n"
                 "end\n",
                 "1 2 4 5 6 7");
}

static void far_lines_and_long_functions_are_read(void **state)
{
    (void)state;
    char *code = calloc(1, LINES_MAX + 64);
    assert_non_null(code);
    memset(code, '\n', 60005);
    memcpy(code, "x = 1", 5);
    memcpy(code + 60005, "y = 2\n", 7);
    expect_lines(code, "1 60001");
    code[0] = '\0';
    for (size_t at = 0; at < 60000; at += 6)
        memcpy(code + at, "x = 1\n", 7);
    static struct seen seen;
    memset(&seen, 0, sizeof seen);
    lua_State *L = luaL_newstate();
    assert_int_equal(luaL_loadbufferx(L, code, strlen(code), "=main.lua", "t"), LUA_OK);
    assert_true(chunk_lines_each(L, see, &seen));
    for (unsigned line = 1; line <= 10000; line++)
        assert_true(seen.line[line]);
    assert_false(seen.line[10001]);
    lua_close(L);
    free(code);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comments_blanks_and_ends_hold_no_code),
        cmocka_unit_test(functions_that_are_never_made_count_too),
        cmocka_unit_test(far_lines_and_long_functions_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
