// SPDX-License-Identifier: Apache-2.0
// The whole validator, in Lua on Lua, as a worker runs it.
#include "tests/unit/lua/plugin_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char setup[] =
    "{\"policy\":\"tested\",\"allowed\":[\"_G\",\"error\",\"ipairs\",\"math.huge\",\"os.time\",\"pairs\","
    "\"pcall\","
    "\"print\",\"rawset\",\"require\",\"setmetatable\",\"string.format\",\"string.rep\",\"table.insert\","
    "\"table.unpack\",\"tonumber\",\"type\"]}";

static struct plugin_case validation_of(const char *code)
{
    return (struct plugin_case){.code = code, .kind = JOB_VALIDATE, .context = setup};
}

// What `marked` finds, as "code line:column-end_column" of the first module, in one line; "module:code ..."
// for others.
static void summarize(struct bytes output, char *text, size_t size)
{
    size_t length = 0;
    char code[64];
    unsigned module, line, column, end;
    text[0] = '\0';
    char *copy = strndup(output.data, output.length);
    for (char *at = strstr(copy, "{\"code\":"); at != NULL; at = strstr(at + 1, "{\"code\":")) {
        const char *place = strstr(at, "\"module\":");
        if (sscanf(at, "{\"code\":\"%63[a-z_]", code) != 1 || place == NULL ||
            sscanf(place, "\"module\":%u,\"line\":%u,\"column\":%u,\"end_column\":%u", &module, &line,
                   &column, &end) != 4)
            break;
        length += (size_t)snprintf(text + length, size - length, "%s%s", length > 0 ? "; " : "", code);
        if (module != 1)
            length += (size_t)snprintf(text + length, size - length, "@%u", module);
        if (line > 0)
            length += (size_t)snprintf(text + length, size - length, " %u:%u-%u", line, column, end);
    }
    free(copy);
}

static void expect_case(const struct plugin_case *plugin, const char *findings, const char *message)
{
    struct plugin_end end;
    char text[4096];
    plugin_run(plugin, &end);
    assert_int_equal(end.wait_status, 0);
    assert_true(end.has_result);
    if (end.result.outcome != OUTCOME_OK)
        fail_msg("%s: %.*s", outcome_name(end.result.outcome), (int)end.result.message.length,
                 end.result.message.data);
    summarize(end.result.output, text, sizeof(text));
    if (strcmp(text, findings) != 0)
        fail_msg("of\n%s\nexpected: %s\nfound:    %s", plugin->code, findings, text);
    if (message != NULL &&
        memmem(end.result.output.data, end.result.output.length, message, strlen(message)) == NULL)
        fail_msg("no \"%s\" in %.*s", message, (int)end.result.output.length, end.result.output.data);
    plugin_end_free(&end);
}

static void expect(const char *code, const char *findings)
{
    const struct plugin_case plugin = validation_of(code);
    expect_case(&plugin, findings, NULL);
}

static void expect_told(const char *code, const char *findings, const char *message)
{
    const struct plugin_case plugin = validation_of(code);
    expect_case(&plugin, findings, message);
}

static void sound_code_has_no_findings_and_is_not_run(void **state)
{
    (void)state;
    expect("while true do end", "");
    expect("result = { ok = context.a, t = os.time() }", "");
    expect("local first <close> = setmetatable({}, {__close = error}) return ('x'):rep(3)", "");
    expect("\xef\xbb\xbfreturn 1", "");
}

static void a_syntax_fault_has_line_and_columns(void **state)
{
    (void)state;
    expect_told("local x = 1\nlocal y = = 2", "syntax 2:11-12", "unexpected symbol near '='");
    expect_told("return 'caf\xc3\xa9' foo", "syntax 1:15-18", "<eof> expected near 'foo'");
    expect_told("if x then", "syntax 1:10-11", "'end' expected near <eof>");
    expect_told("x = 'open\n", "syntax 1:5-10", "unfinished string near ''open'");
    expect_told("\x1bLua", "syntax", "this is bytecode; a plugin is Lua text");
    static char deep[1000];
    memset(deep, '(', sizeof(deep) - 1);
    memcpy(deep, "x = ", 4);
    expect_told(deep, "syntax", "nested too deeply");
}

static void what_plugins_do_not_have_is_an_error_with_what_to_do_instead(void **state)
{
    (void)state;
    expect_told("os.execute('ls')", "forbidden_global 1:1-11",
                "`os.execute` is not available: plugins cannot start processes");
    expect_told("return io.open('f')", "forbidden_global 1:8-15",
                "plugins have no files; pass data in `context`");
    expect_told("return unpack(context)", "forbidden_global 1:8-14", "use `table.unpack`");
    expect_told("return load('x')", "forbidden_global 1:8-12",
                "`load` is not available under policy \\\"tested\\\"");
    expect_told("return tonubmer('1')", "undefined_global 1:8-16", "did you mean `tonumber`?");
    expect_told("return string.fromat('')", "forbidden_global 1:8-21", "did you mean `string.format`?");
    expect_told("return nothing.like.it", "undefined_global 1:8-23", "`nothing.like` is not defined");
}

static void it_is_found_behind_locals_and_through_the_table_of_globals(void **state)
{
    (void)state;
    expect("local o = os\no.exit()", "forbidden_global 2:1-7");
    expect("return _G.os.exit()", "forbidden_global 1:8-18");
    expect("local i = io\ni.open()", "absent_global 1:11-13; forbidden_global 2:1-7");
    expect("local run = os.execute\nrun('ls')", "absent_global 1:13-23; forbidden_global 2:1-4");
    expect("local n = nothing\nn.open()", "undefined_global 1:11-18");
    expect("local io, os = io, os\nreturn os and io", "absent_global 1:16-18");
    expect("local jit = jit\nif jit then jit.off() end", "absent_global 1:13-16; absent_global 2:13-20");
    expect("local os = {execute = print}\nos.execute()", "");
}

static void a_name_of_any_bytes_is_told_in_one_line(void **state)
{
    (void)state;
    expect_told("return _G['a\\0b\\n\\27']", "undefined_global 1:8-23",
                "`a\\\\0b\\\\10\\\\27` is not defined");
}

static void a_name_that_is_tested_first_is_a_warning(void **state)
{
    (void)state;
    expect("local unpack = table.unpack or unpack\nreturn unpack(context)", "absent_global 1:32-38");
    expect("if jit then jit.off() end", "absent_global 1:4-7; absent_global 1:13-20");
    expect("if type(jit) == 'table' then jit.off() end", "absent_global 1:9-12; absent_global 1:30-37");
    expect("local exit = os.exit or error\nexit()", "absent_global 1:14-21");
    // Testing a member of what is not there fails like using it.
    expect("if io.open then print(1) end", "forbidden_global 1:4-11");
    expect("do if jit then print(1) end end\nreturn jit.version",
           "absent_global 1:7-10; forbidden_global 2:8-19");
}

static void globals_of_the_plugins_own_are_warned_of_where_they_are_written(void **state)
{
    (void)state;
    expect("count = 1\ncount = count + 1\nreturn count", "global_write 1:1-6");
    expect("function helper() return 1 end\nreturn helper()", "global_write 1:10-16");
    expect("string.trim = print\nreturn ('x'):trim(), string.trim('y')", "global_write 1:1-12");
    expect("_G.flag = true\nreturn flag", "global_write 1:1-8");
    expect("print = error", "global_write 1:1-6");
    expect("rawset(_G, 'x', 1)\nreturn x", "global_write 1:1-19");
    // What cannot be followed is not an error.
    expect("setmetatable(_G, {__index = print})\nreturn anything", "absent_global 2:8-16");
    expect("local function f(_ENV) return anything end\nreturn f", "absent_global 1:31-39");
}

static void doubtful_code_is_warned_of(void **state)
{
    (void)state;
    expect("local a = 1", "unused_variable 1:7-8");
    expect("local function f(a) return 1 end\nreturn f", "unused_argument 1:18-19");
    expect("local a = 1\nlocal a = 2\nprint(a)", "unused_variable 1:7-8; redefined_variable 2:7-8");
    expect("local a = 1\nif a then local a = 2 print(a) end", "shadowed_variable 2:17-18");
    expect("do return 1 end\nprint(2)", "unreachable_code 2:1-9");
    expect("for i = #context, 1 do print(i) end", "reversed_loop 1:1-36");
    expect("local a, b = 1\nprint(a)\nif not a == 2 then b = 3 end print(b)", "negated_comparison 3:4-14");
    expect("setmetatable({}, {__gc = print})", "finalizer 1:19-23");
}

static void comments_silence_warnings_but_no_errors(void **state)
{
    (void)state;
    expect("local a = 1 -- luacheck: ignore", "");
    expect("-- luacheck: ignore 211\nlocal a = 1\ncount = 1", "global_write 3:1-6");
    expect("count = 1 -- luacheck: globals count", "");
    expect("os.exit() -- luacheck: ignore", "forbidden_global 1:1-8");
    expect("io.open() -- luacheck: globals io", "forbidden_global 1:1-8");
    expect("-- luacheck: std max\nreturn 1", "inline_option 1:1-21");
    expect("-- luacheck: ignore [\nlocal a", "inline_option 1:1-22; unused_variable 2:7-8");
}

static void modules_are_checked_together(void **state)
{
    (void)state;
    struct plugin_case plugin = validation_of("local a = require 'a'\nshared = 1\nreturn a, require 'c'");
    plugin.modules[0].name = "a";
    plugin.modules[0].code = "local b = require('b')\nreturn b + shared";
    plugin.modules[1].name = "b";
    plugin.modules[1].code = "return require('a')";
    plugin.modules[2].name = "bad";
    plugin.modules[2].code = "return )";
    expect_case(&plugin, "syntax@4 1:8-9; global_write 2:1-7; unknown_module 3:11-22; module_cycle@3 1:8-20",
                "module 'a' requires itself: a -> b -> a");
}

static void a_module_that_nobody_requires_is_told(void **state)
{
    (void)state;
    struct plugin_case plugin = validation_of("local ok, a = pcall(require, 'a')\nreturn ok and a");
    plugin.modules[0].name = "a";
    plugin.modules[0].code = "return 1";
    expect_case(&plugin, "", NULL); // cannot be known
    plugin.code = "return 1";
    expect_case(&plugin, "unused_module@2", "no module requires 'a'");
    plugin.code = "return function() return require('a') end";
    plugin.modules[0].code = "return function() return require('a') end";
    expect_case(&plugin, "", NULL); // not while it is loaded
}

static void what_is_too_deep_for_it_is_told(void **state)
{
    (void)state;
    enum { SIZE = 1 << 18 };
    char *code = malloc(SIZE);
    size_t length = (size_t)snprintf(code, SIZE, "return 1");
    while (length + 2 < SIZE)
        length += (size_t)snprintf(code + length, SIZE - length, "+1");
    expect_told(code, "not_analysed", "nested too deeply to be checked");
    free(code);
}

static void warnings_beyond_the_maximum_are_counted_and_hide_no_error(void **state)
{
    (void)state;
    enum { SIZE = 1 << 18 };
    char *code = malloc(SIZE);
    size_t length = 0;
    for (int i = 0; i < 3000; i++)
        length += (size_t)snprintf(code + length, SIZE - length, "do local a = 1 end\n");
    snprintf(code + length, SIZE - length, "os.exit()");
    struct plugin_case plugin = validation_of(code);
    struct plugin_end end;
    plugin_run(&plugin, &end);
    assert_int_equal(end.result.outcome, OUTCOME_OK);
    assert_non_null(memmem(end.result.output.data, end.result.output.length, "\"omitted\":2002}", 15));
    assert_non_null(memmem(end.result.output.data, end.result.output.length, "forbidden_global", 16));
    plugin_end_free(&end);
    free(code);
}

static void its_limits_hold(void **state)
{
    (void)state;
    static char code[3 << 20];
    size_t length = (size_t)snprintf(code, sizeof(code), "if x then\n");
    while (length + 64 < sizeof(code))
        length += (size_t)snprintf(code + length, sizeof(code) - length, "elseif x == 1 then y = 1\n");
    struct plugin_case plugin = validation_of(code);
    plugin.cpu_ms = 20;
    expect_end(&plugin, OUTCOME_CPU_LIMIT, "");
    length = 0;
    for (int i = 0; i < 10000; i++)
        length += (size_t)snprintf(code + length, sizeof(code) - length, "do local a = 1 end\n");
    plugin = validation_of(code);
    plugin.memory_bytes = 16 << 20;
    expect_end(&plugin, OUTCOME_MEMORY_LIMIT, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_code_has_no_findings_and_is_not_run),
        cmocka_unit_test(a_syntax_fault_has_line_and_columns),
        cmocka_unit_test(what_plugins_do_not_have_is_an_error_with_what_to_do_instead),
        cmocka_unit_test(it_is_found_behind_locals_and_through_the_table_of_globals),
        cmocka_unit_test(a_name_of_any_bytes_is_told_in_one_line),
        cmocka_unit_test(a_name_that_is_tested_first_is_a_warning),
        cmocka_unit_test(globals_of_the_plugins_own_are_warned_of_where_they_are_written),
        cmocka_unit_test(doubtful_code_is_warned_of),
        cmocka_unit_test(comments_silence_warnings_but_no_errors),
        cmocka_unit_test(modules_are_checked_together),
        cmocka_unit_test(a_module_that_nobody_requires_is_told),
        cmocka_unit_test(what_is_too_deep_for_it_is_told),
        cmocka_unit_test(warnings_beyond_the_maximum_are_counted_and_hide_no_error),
        cmocka_unit_test(its_limits_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
