// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lua/plugin_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void expect_diagnostics(const char *code, const char *diagnostics)
{
    expect_end(&(struct plugin_case){.code = code, .kind = JOB_VALIDATE}, OUTCOME_OK, diagnostics);
}

static void sound_code_has_no_diagnostics_and_is_not_run(void **state)
{
    (void)state;
    expect_diagnostics("while true do end error('run!')", "{\"diagnostics\":[]}");
}

static void a_fault_has_line_and_columns(void **state)
{
    (void)state;
    expect_diagnostics(
        "local x = 1\nlocal y = = 2",
        "{\"diagnostics\":[{\"severity\":\"error\",\"code\":\"syntax\",\"message\":\"unexpected symbol "
        "near '='\",\"source\":\"main.lua\",\"line\":2,\"column\":11,\"end_column\":12}]}");
    expect_diagnostics(
        "return 'caf\xc3\xa9' foo",
        "{\"diagnostics\":[{\"severity\":\"error\",\"code\":\"syntax\",\"message\":\"<eof> expected near "
        "'foo'\",\"source\":\"main.lua\",\"line\":1,\"column\":15,\"end_column\":18}]}");
    expect_diagnostics("if x then",
                       "{\"diagnostics\":[{\"severity\":\"error\",\"code\":\"syntax\",\"message\":\"'end' "
                       "expected near <eof>\",\"source\":\"main.lua\",\"line\":1,\"column\":10,"
                       "\"end_column\":11}]}");
    expect_diagnostics("x = 'open\n",
                       "{\"diagnostics\":[{\"severity\":\"error\",\"code\":\"syntax\",\"message\":"
                       "\"unfinished string near ''open'\",\"source\":\"main.lua\",\"line\":1,"
                       "\"column\":5,\"end_column\":10}]}");
}

static void every_module_is_checked(void **state)
{
    (void)state;
    expect_end(
        &(struct plugin_case){
            .code = "return 1",
            .kind = JOB_VALIDATE,
            .modules = {{"good", "return 2"}, {"bad", "\n\nreturn )"}, {"code", "\x1bLua"}}},
        OUTCOME_OK,
        "{\"diagnostics\":[{\"severity\":\"error\",\"code\":\"syntax\",\"message\":\"unexpected symbol near "
        "')'\",\"source\":\"bad\",\"line\":3,\"column\":8,\"end_column\":9},{\"severity\":\"error\",\"code\":"
        "\"syntax\",\"message\":\"code: this is bytecode; a plugin is Lua text\",\"source\":\"code\"}]}");
}

static void limits_hold_for_compiling(void **state)
{
    (void)state;
    static char code[3 << 20];
    size_t length = (size_t)snprintf(code, sizeof(code), "if x then\n");
    while (length + 64 < sizeof(code))
        length += (size_t)snprintf(code + length, sizeof(code) - length, "elseif x == 1 then y = 1\n");
    expect_end(&(struct plugin_case){.code = code, .kind = JOB_VALIDATE, .cpu_ms = 20}, OUTCOME_CPU_LIMIT,
               "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_code_has_no_diagnostics_and_is_not_run),
        cmocka_unit_test(a_fault_has_line_and_columns),
        cmocka_unit_test(every_module_is_checked),
        cmocka_unit_test(limits_hold_for_compiling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
