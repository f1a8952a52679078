// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/profile_json.h"

#include "base/json_cursor.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static struct profile profile; // large

static void make_profile(void)
{
    profile = (struct profile){
        .cpu_ns = 7500000,
        .allocated_bytes = 900,
        .source_count = 2,
        .sources = {bytes_of_text("main.lua"), bytes_of_text("[C]")},
        .function_count = 3,
        .functions = {{bytes_of_text("main chunk"), 0, 0},
                      {bytes_of_text(""), 0, 12},
                      {bytes_of_text("string.rep"), 1, 0}},
        .node_count = 3,
        .nodes = {{0, 0, {0, 0, 0}}, {1, 1, {2, 2000000, 300}}, {2, 2, {5, 5000000, 600}}},
        .line_count = 2,
        .lines = {{0, 3, {0, 0, 0}, {7, 7000000, 900}}, {0, 13, {7, 7000000, 900}, {7, 7000000, 900}}},
    };
}

static void stacks_are_folded_and_the_costliest_comes_first(void **state)
{
    (void)state;
    make_profile();
    struct buffer out = buffer_make(SIZE_MAX);
    profile_json_put(&out, &profile);
    assert_string_equal(
        out.data,
        "{\"cpu_ms\":7.5,\"allocated_bytes\":900,\"stacks\":["
        "{\"stack\":\"main chunk main.lua;function main.lua:12;string.rep\",\"samples\":5,\"cpu_ms\":5,"
        "\"bytes\":600},"
        "{\"stack\":\"main chunk main.lua;function main.lua:12\",\"samples\":2,\"cpu_ms\":2,\"bytes\":300}],"
        "\"lines\":["
        "{\"source\":\"main.lua\",\"line\":13,\"samples\":7,\"cpu_ms\":7,\"bytes\":900,"
        "\"total\":{\"samples\":7,\"cpu_ms\":7,\"bytes\":900}},"
        "{\"source\":\"main.lua\",\"line\":3,\"samples\":0,\"cpu_ms\":0,\"bytes\":0,"
        "\"total\":{\"samples\":7,\"cpu_ms\":7,\"bytes\":900}}],"
        "\"truncated\":false}");
    buffer_free(&out);
}

static void names_cannot_break_a_folded_stack(void **state)
{
    (void)state;
    make_profile();
    profile.functions[0].name = bytes_of("a;b\nc\x7f\0d", 8);
    profile.sources[0] = bytes_of_text("x;y\r");
    struct buffer out = buffer_make(SIZE_MAX);
    profile_put_stack(&out, &profile, 1);
    assert_string_equal(out.data, "a?b?c??d x?y?;function x?y?:12");
    buffer_free(&out);
}

static void the_text_of_very_many_stacks_is_bounded(void **state)
{
    (void)state;
    static char name[PROFILE_NAME_MAX];
    memset(name, 'n', sizeof name);
    make_profile();
    profile.functions[0].name = bytes_of(name, sizeof name);
    profile.node_count = PROFILE_NODES_MAX;
    for (uint32_t i = 0; i < PROFILE_NODES_MAX; i++)
        profile.nodes[i] =
            (struct profile_node){i % PROFILE_DEPTH_MAX == 0 ? 0 : i, 0, {1, 1000 * (i + 1), 0}};
    struct buffer out = buffer_make(SIZE_MAX);
    profile_json_put(&out, &profile);
    assert_true(buffer_ok(&out));
    assert_true(out.length < 1200000);
    assert_true(json_check(bytes_of(out.data, out.length), 8, NULL));
    assert_non_null(strstr(out.data, "\"truncated\":true"));
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stacks_are_folded_and_the_costliest_comes_first),
        cmocka_unit_test(names_cannot_break_a_folded_stack),
        cmocka_unit_test(the_text_of_very_many_stacks_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
