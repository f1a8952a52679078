// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lua/plugin_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void encode_and_decode_are_inverse(void **state)
{
    (void)state;
    expect_output("local text = '{\"a\":[1,2.5,null,true,\"x\"],\"b\":{},\"c\":[]}'\n"
                  "return json.encode(json.decode(text)) == text",
                  "true");
    expect_output("return {json.encode(nil), json.encode(json.null), json.decode('null') == nil,"
                  " json.decode('[null]')[1] == json.null}",
                  "[\"null\",\"null\",true,true]");
}

static void array_marks_tables(void **state)
{
    (void)state;
    expect_output("return {json.array(), json.array({}), {}, json.array{1}}", "[[],[],{},[1]]");
    expect_output("local t = {} return json.array(t) == t", "true");
    expect_message(&(struct plugin_case){.code = "json.array(setmetatable({}, {}))"}, OUTCOME_PLUGIN_ERROR,
                   "cannot be marked as an array");
}

static void faults_tell_where(void **state)
{
    (void)state;
    expect_message(&(struct plugin_case){.code = "json.decode('{\"a\":\\n 1,}')"}, OUTCOME_PLUGIN_ERROR,
                   "main.lua:1: json.decode: line 2, column 4: ");
    expect_message(&(struct plugin_case){.code = "json.encode({a = {print}})"}, OUTCOME_PLUGIN_ERROR,
                   "$.a[1]");
    expect_message(&(struct plugin_case){.code = "json.decode(1)"}, OUTCOME_PLUGIN_ERROR, "string expected");
    expect_message(&(struct plugin_case){.code = "json.encode()"}, OUTCOME_PLUGIN_ERROR, "value expected");
}

static void depth_and_length_are_bounded(void **state)
{
    (void)state;
    struct plugin_case plugin = {.code = "json.decode(('['):rep(5) .. (']'):rep(5))", .json_depth = 4};
    expect_end(&plugin, OUTCOME_PLUGIN_ERROR, "");
    plugin.code = "json.encode({{{{{}}}}})";
    expect_end(&plugin, OUTCOME_PLUGIN_ERROR, "");
    plugin =
        (struct plugin_case){.code = "local t = {'leaf'} for i = 1, 40 do t = {t, t} end json.encode(t)"};
    expect_end(&plugin, OUTCOME_PLUGIN_ERROR, "");
    plugin = (struct plugin_case){.code = "return #json.encode(('x'):rep(100))", .output_bytes = 50};
    expect_end(&plugin, OUTCOME_PLUGIN_ERROR, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encode_and_decode_are_inverse),
        cmocka_unit_test(array_marks_tables),
        cmocka_unit_test(faults_tell_where),
        cmocka_unit_test(depth_and_length_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
