// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/profiler.h"

#include "tests/support/cmocka_all.h"
#include "tests/unit/lua/plugin_harness.h"

static void profile_of(struct plugin_case *plugin, enum outcome outcome, struct plugin_end *ret_end)
{
    plugin->profile = true;
    plugin_run(plugin, ret_end);
    assert_true(ret_end->has_result);
    assert_int_equal(ret_end->result.outcome, outcome);
    assert_non_null(ret_end->profile);
}

// What all functions of one name cost, wherever they were called.
static struct profile_cost cost_of(const struct profile *profile, const char *name)
{
    struct profile_cost sum = {0};
    for (uint32_t i = 0; i < profile->node_count; i++) {
        const struct profile_node *node = &profile->nodes[i];
        if (!bytes_equal_text(profile->functions[node->function].name, name))
            continue;
        sum.samples += node->self.samples;
        sum.cpu_ns += node->self.cpu_ns;
        sum.bytes += node->self.bytes;
    }
    return sum;
}

static const struct profile_line *find_line(const struct profile *profile, const char *source, uint32_t line)
{
    for (uint32_t i = 0; i < profile->line_count; i++)
        if (profile->lines[i].line == line &&
            bytes_equal_text(profile->sources[profile->lines[i].source], source))
            return &profile->lines[i];
    fail_msg("line %u of %s is not in the profile", line, source);
    return NULL;
}

static void cpu_time_is_told_by_function_and_line(void **state)
{
    (void)state;
    struct plugin_end end;
    profile_of(&(struct plugin_case){.code = "local function cheap()\n"
                                             "  return 1\n"
                                             "end\n"
                                             "local function dear()\n"
                                             "  local x = 0\n"
                                             "  for i = 1, 3000000 do\n"
                                             "    x = x + i % 7\n"
                                             "  end\n"
                                             "  return x\n"
                                             "end\n"
                                             "cheap()\n"
                                             "local x = dear() -- a tail call would have no name\n"},
               OUTCOME_OK, &end);
    uint64_t dear_ns = cost_of(end.profile, "dear").cpu_ns;
    assert_true(dear_ns * 2 > end.profile->cpu_ns);
    assert_true(cost_of(end.profile, "cheap").cpu_ns * 10 < dear_ns);
    assert_true(find_line(end.profile, "main.lua", 7)->self.cpu_ns * 4 > dear_ns);
    const struct profile_line *call = find_line(end.profile, "main.lua", 12);
    assert_true(call->total.cpu_ns >= dear_ns && call->self.cpu_ns * 10 < dear_ns);
    plugin_end_free(&end);
}

static void time_in_c_functions_is_theirs(void **state)
{
    (void)state;
    struct plugin_end end;
    profile_of(&(struct plugin_case){.code = "local s = ('a'):rep(60)\n"
                                             "local n = 0\n"
                                             "for i = 1, 100 do\n"
                                             "  if s:find('.-.-.-b') then n = n + 1 end\n"
                                             "end\n"
                                             "return n\n"},
               OUTCOME_OK, &end);
    assert_true(cost_of(end.profile, "string.find").cpu_ns * 2 > end.profile->cpu_ns);
    assert_true(find_line(end.profile, "main.lua", 4)->self.cpu_ns * 2 > end.profile->cpu_ns);
    plugin_end_free(&end);
}

static void allocations_are_told_by_function(void **state)
{
    (void)state;
    struct plugin_end end;
    profile_of(&(struct plugin_case){.code = "local function little()\n"
                                             "  local t = {}\n"
                                             "  for i = 1, 100 do t[i] = i end\n"
                                             "  return t\n"
                                             "end\n"
                                             "local function much()\n"
                                             "  local t\n"
                                             "  for i = 1, 20000 do t = {i, i} end\n"
                                             "  return t\n"
                                             "end\n"
                                             "little()\n"
                                             "local s = ('x'):rep(1000000)\n"
                                             "return #much() + #s\n"},
               OUTCOME_OK, &end);
    uint64_t much = cost_of(end.profile, "much").bytes;
    assert_true(much > 20000 * 60 && cost_of(end.profile, "little").bytes * 20 < much);
    assert_true(cost_of(end.profile, "string.rep").bytes > 900000);
    assert_true(end.profile->allocated_bytes > much + 1000000);
    plugin_end_free(&end);
}

static void coroutines_hang_on_what_resumes_them(void **state)
{
    (void)state;
    struct plugin_end end;
    profile_of(&(struct plugin_case){.code = "local function spin()\n"
                                             "  local x = 0\n"
                                             "  for i = 1, 2000000 do x = x ~ i end\n"
                                             "  return x\n"
                                             "end\n"
                                             "local function start()\n"
                                             "  local x = coroutine.wrap(spin)()\n"
                                             "end\n"
                                             "local x = start()\n"},
               OUTCOME_OK, &end);
    const struct profile *profile = end.profile;
    bool found = false;
    for (uint32_t i = 0; i < profile->node_count && !found; i++) {
        if (profile->functions[profile->nodes[i].function].line != 1)
            continue;
        for (uint32_t at = profile->nodes[i].parent; at != 0; at = profile->nodes[at - 1].parent)
            found =
                found || bytes_equal_text(profile->functions[profile->nodes[at - 1].function].name, "start");
    }
    assert_true(found);
    plugin_end_free(&end);
}

static void a_run_that_hits_a_limit_tells_where_its_time_went(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        enum outcome outcome;
        uint64_t cpu_ms, memory_bytes, instructions;
    } rows[] = {
        {"local function spin() while true do end end\nspin()", OUTCOME_CPU_LIMIT, 60, 0, 0},
        {"local t = {}\nfor i = 1, 1e9 do t[i] = {} end", OUTCOME_MEMORY_LIMIT, 0, 4 << 20, 0},
        {"local s = ('a'):rep(30)\nreturn s:find(('a?'):rep(30) .. ('a'):rep(30))", OUTCOME_CPU_LIMIT, 60, 0,
         0},
        {"local x = 0\nwhile true do x = x + 1 end", OUTCOME_INSTRUCTION_LIMIT, 0, 0, 3000000},
        {"local function deep(n) return 1 + deep(n + 1) end\nreturn deep(1)", OUTCOME_PLUGIN_ERROR, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct plugin_end end;
        profile_of(&(struct plugin_case){.code = rows[i].code,
                                         .cpu_ms = rows[i].cpu_ms,
                                         .memory_bytes = rows[i].memory_bytes,
                                         .instructions = rows[i].instructions},
                   rows[i].outcome, &end);
        assert_true(end.profile->cpu_ns > 0 && end.profile->node_count > 0);
        plugin_end_free(&end);
    }
}

static void a_limit_inside_a_c_function_is_its_time(void **state)
{
    (void)state;
    struct plugin_end end;
    profile_of(&(struct plugin_case){.code = "local s = ('a'):rep(30)\n"
                                             "local x = s:find(('a?'):rep(30) .. ('a'):rep(30))\n"
                                             "return x\n",
                                     .cpu_ms = 60},
               OUTCOME_CPU_LIMIT, &end);
    assert_true(cost_of(end.profile, "string.find").cpu_ns * 2 > end.profile->cpu_ns);
    assert_true(find_line(end.profile, "main.lua", 2)->self.cpu_ns * 2 > end.profile->cpu_ns);
    plugin_end_free(&end);
}

static void the_plugin_notices_nothing(void **state)
{
    (void)state;
    static const char code[] = "local parts = {}\n"
                               "for i = 1, 20000 do\n"
                               "  local co = coroutine.wrap(function(a) coroutine.yield(a) return i end)\n"
                               "  parts[#parts + 1] = tostring(co(i)) .. tostring({}) .. math.random(100)\n"
                               "end\n"
                               "table.sort(parts, function(a, b) return a > b end)\n"
                               "return {parts[1], parts[#parts], #table.concat(parts)}\n";
    for (int count = 0; count < 2; count++) {
        struct plugin_case plugin = {.code = code, .seed = 7, .count = count == 1};
        struct plugin_end plain, sampled;
        plugin_run(&plugin, &plain);
        profile_of(&plugin, OUTCOME_OK, &sampled);
        assert_true(bytes_equal(plain.result.output, sampled.result.output));
        assert_int_equal(plain.result.instructions, sampled.result.instructions);
        assert_null(plain.profile);
        plugin_end_free(&plain);
        plugin_end_free(&sampled);
    }
}

static void memory_limits_are_the_same(void **state)
{
    (void)state;
    // Just enough, and a little less, whether sampled or not.
    struct plugin_case plugin = {.code = "local t = {}\nfor i = 1, 50000 do t[i] = {i} end\nreturn #t"};
    struct plugin_end end;
    plugin_run(&plugin, &end);
    uint64_t peak = end.result.memory_peak_bytes;
    plugin_end_free(&end);
    for (int sampled = 0; sampled < 2; sampled++) {
        plugin.profile = sampled == 1;
        plugin.memory_bytes = 2 * peak;
        expect_end(&plugin, OUTCOME_OK, "50000");
        plugin.memory_bytes = peak / 2;
        expect_end(&plugin, OUTCOME_MEMORY_LIMIT, NULL);
    }
}

static void a_validation_is_not_sampled(void **state)
{
    (void)state;
    struct plugin_case plugin = {.code = "return 1",
                                 .kind = JOB_VALIDATE,
                                 .context = "{\"policy\":\"tested\",\"allowed\":[]}",
                                 .profile = true};
    struct plugin_end end;
    plugin_run(&plugin, &end);
    assert_true(end.has_result);
    assert_null(end.profile);
    plugin_end_free(&end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cpu_time_is_told_by_function_and_line),
        cmocka_unit_test(time_in_c_functions_is_theirs),
        cmocka_unit_test(allocations_are_told_by_function),
        cmocka_unit_test(coroutines_hang_on_what_resumes_them),
        cmocka_unit_test(a_run_that_hits_a_limit_tells_where_its_time_went),
        cmocka_unit_test(a_limit_inside_a_c_function_is_its_time),
        cmocka_unit_test(the_plugin_notices_nothing),
        cmocka_unit_test(memory_limits_are_the_same),
        cmocka_unit_test(a_validation_is_not_sampled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
