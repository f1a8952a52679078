// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lua/plugin_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void require_runs_each_module_once(void **state)
{
    (void)state;
    expect_end(&(struct plugin_case){.code =
                                         "local a, b = require('util'), require('util')\n"
                                         "return {a == b, a.name, count, require('quiet'), require('no')}",
                                     .modules = {{"util", "count = (count or 0) + 1 return {name = ...}"},
                                                 {"quiet", "local x = 1"},
                                                 {"no", "count = count + 10 return false"}}},
               OUTCOME_OK, "[true,\"util\",1,true,false]");
}

static void require_names_what_there_is(void **state)
{
    (void)state;
    expect_message(&(struct plugin_case){.code = "require('utl')", .modules = {{"util", ""}, {"a.b", ""}}},
                   OUTCOME_PLUGIN_ERROR, "module 'utl' not found: this plugin has 'util', 'a.b'");
    expect_message(&(struct plugin_case){.code = "require('os')"}, OUTCOME_PLUGIN_ERROR,
                   "module 'os' not found: this plugin has no other modules");
    expect_message(&(struct plugin_case){.code = "require('/etc/passwd')"}, OUTCOME_PLUGIN_ERROR,
                   "not found");
}

static void require_reports_cycles(void **state)
{
    (void)state;
    expect_message(&(struct plugin_case){.code = "require('a')",
                                         .modules = {{"a", "require('b')"},
                                                     {"b", "\nlocal f = coroutine.wrap("
                                                           "function() require('a') end) f()"}}},
                   OUTCOME_PLUGIN_ERROR, "module 'a' requires itself: a -> b -> a");
    expect_message(&(struct plugin_case){.code = "require('main.lua')"}, OUTCOME_PLUGIN_ERROR,
                   "module 'main.lua' requires itself: main.lua -> main.lua");
}

static void a_module_that_failed_can_be_required_again(void **state)
{
    (void)state;
    expect_end(
        &(struct plugin_case){.code = "local ok, e = pcall(require, 'a') ready = true\n"
                                      "return {ok, e, require('a')}",
                              .modules = {{"a", "if not ready then\n error('not yet') end return 'fine'"}}},
        OUTCOME_OK, "[false,\"a:2: not yet\",\"fine\"]");
}

static void errors_name_the_module(void **state)
{
    (void)state;
    struct plugin_case plugin = {.code = "\nrequire('util').f()",
                                 .modules = {{"util", "return {f = function()\n  local x = nil + 1\nend}"}}};
    struct plugin_end end;
    plugin_run(&plugin, &end);
    assert_int_equal(end.result.outcome, OUTCOME_PLUGIN_ERROR);
    assert_true(bytes_equal_text(end.result.traceback[0].source, "util"));
    assert_int_equal(end.result.traceback[0].line, 2);
    assert_true(bytes_equal_text(end.result.traceback[0].function, "f"));
    assert_true(bytes_equal_text(end.result.traceback[1].source, "main.lua"));
    plugin_end_free(&end);
}

static void a_module_that_does_not_compile_is_a_syntax_error(void **state)
{
    (void)state;
    struct plugin_case plugin = {.code = "\nrequire('util')", .modules = {{"util", "local x\nlocal = 2"}}};
    struct plugin_end end;
    plugin_run(&plugin, &end);
    assert_int_equal(end.result.outcome, OUTCOME_SYNTAX_ERROR);
    assert_true(bytes_equal_text(end.result.message, "util:2: <name> expected near '='"));
    assert_true(bytes_equal_text(end.result.traceback[0].source, "util"));
    assert_int_equal(end.result.traceback[0].line, 2);
    assert_int_equal(end.result.traceback_count, 3);
    plugin_end_free(&end);
    plugin.code = "return (pcall(require, 'util'))";
    expect_end(&plugin, OUTCOME_OK, "false");
    plugin.code = "pcall(require, 'util') error('other')";
    expect_message(&plugin, OUTCOME_PLUGIN_ERROR, "main.lua:1: other");
    plugin.modules[0].code = "\x1bLua";
    plugin.code = "require('util')";
    expect_message(&plugin, OUTCOME_SYNTAX_ERROR, "util: this is bytecode");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(require_runs_each_module_once),
        cmocka_unit_test(require_names_what_there_is),
        cmocka_unit_test(require_reports_cycles),
        cmocka_unit_test(a_module_that_failed_can_be_required_again),
        cmocka_unit_test(errors_name_the_module),
        cmocka_unit_test(a_module_that_does_not_compile_is_a_syntax_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
