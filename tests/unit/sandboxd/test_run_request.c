// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "sandboxd/api/run_request.h"

#include "base/json_cursor.h"

struct case_state {
    struct run_envelope envelope;
    struct diagnostics faults;
    struct effective_limits limits;
};

static bool read(struct case_state *run, const char *body)
{
    struct json_fault json_fault;
    diagnostics_init(&run->faults);
    return run_envelope_read(bytes_of_text(body), &run->envelope, &run->faults, &json_fault);
}

static void done(struct case_state *run)
{
    run_envelope_free(&run->envelope);
    diagnostics_free(&run->faults);
}

static struct policy policy_for_tests(void)
{
    struct policy policy = {.name = "default"};
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++)
        policy.limits.value[i] = policy.ceilings.value[i] = run_limit_table[i].minimum + 1000;
    policy.limits.value[LIMIT_CPU_MS] = 10000;
    policy.ceilings.value[LIMIT_CPU_MS] = 20000;
    policy.limits.value[LIMIT_MEMORY_BYTES] = policy.ceilings.value[LIMIT_MEMORY_BYTES] = 256 << 20;
    policy.limits.value[LIMIT_INSTRUCTIONS] = policy.ceilings.value[LIMIT_INSTRUCTIONS] = 0;
    return policy;
}

static void run_request_splits_the_envelope(void **state)
{
    (void)state;
    struct case_state run;
    assert_true(read(&run,
                     "{\"code\":\"return 1\\n\",\"context\": {\"a\": [1, 2]} ,\"policy\":\"strict\","
                     "\"limits\":{\"cpu_ms\":200,\"memory_bytes\":\"32MiB\",\"wall_ms\":\"10s\"},"
                     "\"options\":{\"seed\":7,\"chunk_name\":\"x.lua\",\"profile\":true,\"count\":true}}"));
    assert_int_equal(run.faults.count, 0);
    assert_true(bytes_equal_text(run.envelope.code, "return 1\n"));
    assert_true(bytes_equal_text(run.envelope.context, "{\"a\": [1, 2]}"));
    assert_string_equal(run.envelope.policy, "strict");
    assert_int_equal(run.envelope.limit[LIMIT_CPU_MS], 200);
    assert_int_equal(run.envelope.limit[LIMIT_MEMORY_BYTES], 32 << 20);
    assert_int_equal(run.envelope.limit[LIMIT_WALL_MS], 10000);
    assert_false(run.envelope.limit_given[LIMIT_LOG_BYTES]);
    assert_int_equal(run.envelope.seed, 7);
    assert_string_equal(run.envelope.chunk_name, "x.lua");
    assert_true(run.envelope.count_instructions && run.envelope.profile);
    done(&run);
}

static void run_request_has_defaults(void **state)
{
    (void)state;
    struct case_state run;
    assert_true(read(&run, "{\"code\":\"\"}"));
    assert_int_equal(run.faults.count, 0);
    assert_true(bytes_equal_text(run.envelope.context, "null"));
    assert_string_equal(run.envelope.policy, "default");
    assert_string_equal(run.envelope.chunk_name, "main.lua");
    done(&run);
}

static void run_request_finds_every_fault(void **state)
{
    (void)state;
    struct case_state run;
    assert_true(read(
        &run, "{\"limits\":{\"cpu\":1,\"cpu_ms\":\"10 apples\",\"wall_ms\":true},\"options\":{\"seed\":-1,"
              "\"profile\":1},\"codes\":1}"));
    assert_int_equal(run.faults.count, 6);
    done(&run);
    assert_true(read(&run, "{\"context\":1}"));
    assert_int_equal(run.faults.count, 1);
    assert_string_equal(run.faults.items[0].pointer, "/code");
    done(&run);
}

static void limits_come_from_the_policy_unless_asked(void **state)
{
    (void)state;
    struct policy policy = policy_for_tests();
    struct case_state run;
    read(&run, "{\"code\":\"\",\"limits\":{\"cpu_ms\":20000}}");
    assert_true(run_limits_resolve(&policy, NULL, NULL, &run.envelope, &run.limits, &run.faults));
    assert_int_equal(run.limits.limits.value[LIMIT_CPU_MS], 20000);
    assert_int_equal(run.limits.set_by[LIMIT_CPU_MS], ORIGIN_REQUEST);
    assert_int_equal(run.limits.limits.value[LIMIT_MEMORY_BYTES], 256 << 20);
    assert_int_equal(run.limits.set_by[LIMIT_MEMORY_BYTES], ORIGIN_POLICY);
    done(&run);
}

static void limits_beyond_the_ceiling_are_faults(void **state)
{
    (void)state;
    struct policy policy = policy_for_tests();
    struct case_state run;
    read(&run, "{\"code\":\"\",\"limits\":{\"cpu_ms\":20001,\"memory_bytes\":\"257MiB\",\"wall_ms\":0}}");
    assert_false(run_limits_resolve(&policy, NULL, NULL, &run.envelope, &run.limits, &run.faults));
    assert_int_equal(run.faults.count, 3);
    diagnostics_sort(&run.faults);
    done(&run);
}

static void no_instruction_limit_is_only_for_policies_that_have_none(void **state)
{
    (void)state;
    struct policy policy = policy_for_tests();
    struct case_state run;
    read(&run, "{\"code\":\"\",\"limits\":{\"instructions\":0}}");
    assert_true(run_limits_resolve(&policy, NULL, NULL, &run.envelope, &run.limits, &run.faults));
    policy.limits.value[LIMIT_INSTRUCTIONS] = policy.ceilings.value[LIMIT_INSTRUCTIONS] = 1000000;
    assert_false(run_limits_resolve(&policy, NULL, NULL, &run.envelope, &run.limits, &run.faults));
    done(&run);
}

static void plan_lowers_limits_and_ceilings_and_is_named(void **state)
{
    (void)state;
    struct policy policy = policy_for_tests();
    const struct plan plan = {.name = "free",
                              .has_ceiling = {[LIMIT_CPU_MS] = true, [LIMIT_INSTRUCTIONS] = true},
                              .ceiling = {[LIMIT_CPU_MS] = 500, [LIMIT_INSTRUCTIONS] = 1000000}};
    struct case_state run;
    read(&run, "{\"code\":\"\"}");
    assert_true(run_limits_resolve(&policy, NULL, &plan, &run.envelope, &run.limits, &run.faults));
    assert_int_equal(run.limits.limits.value[LIMIT_CPU_MS], 500);
    assert_int_equal(run.limits.set_by[LIMIT_CPU_MS], ORIGIN_PLAN);
    assert_int_equal(run.limits.limits.value[LIMIT_INSTRUCTIONS], 1000000);
    assert_int_equal(run.limits.set_by[LIMIT_INSTRUCTIONS], ORIGIN_PLAN);
    assert_int_equal(run.limits.set_by[LIMIT_WALL_MS], ORIGIN_POLICY);
    done(&run);
    read(&run, "{\"code\":\"\",\"limits\":{\"cpu_ms\":501,\"instructions\":0}}");
    assert_false(run_limits_resolve(&policy, NULL, &plan, &run.envelope, &run.limits, &run.faults));
    assert_int_equal(run.faults.count, 2);
    assert_non_null(strstr(run.faults.items[0].message, "plan \"free\" allows"));
    done(&run);
    read(&run, "{\"code\":\"\",\"limits\":{\"cpu_ms\":400}}");
    assert_true(run_limits_resolve(&policy, NULL, &plan, &run.envelope, &run.limits, &run.faults));
    assert_int_equal(run.limits.set_by[LIMIT_CPU_MS], ORIGIN_REQUEST);
    done(&run);
}

static void a_plugin_takes_the_place_of_code(void **state)
{
    (void)state;
    struct case_state run;
    assert_true(read(&run, "{\"plugin\":\"acme/slugify\",\"version\":\"^1.2\",\"context\":1}"));
    assert_int_equal(run.faults.count, 0);
    assert_string_equal(run.envelope.plugin, "acme/slugify");
    assert_string_equal(run.envelope.version, "^1.2");
    assert_null(run.envelope.code.data);
    done(&run);
    static const struct {
        const char *body, *pointer;
    } wrong[] = {
        {"{\"plugin\":\"slugify\"}", "/plugin"},
        {"{\"plugin\":\"acme/slugify\",\"code\":\"\"}", "/plugin"},
        {"{\"code\":\"\",\"version\":\"1.0.0\"}", "/version"},
        {"{\"plugin\":\"acme/slugify\",\"options\":{\"chunk_name\":\"x\"}}", "/options/chunk_name"},
        {"{}", "/code"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_true(read(&run, wrong[i].body));
        assert_int_equal(run.faults.count, 1);
        assert_string_equal(run.faults.items[0].pointer, wrong[i].pointer);
        done(&run);
    }
}

static void a_manifest_lowers_and_a_request_has_the_last_word(void **state)
{
    (void)state;
    struct case_state run;
    struct policy policy = policy_for_tests();
    const struct manifest manifest = {.limit_given = {[LIMIT_CPU_MS] = true, [LIMIT_WALL_MS] = true},
                                      .limit = {[LIMIT_CPU_MS] = 50, [LIMIT_WALL_MS] = 3600000}};
    assert_true(read(&run, "{\"plugin\":\"a/b\"}"));
    assert_true(run_limits_resolve(&policy, &manifest, NULL, &run.envelope, &run.limits, &run.faults));
    assert_int_equal(run.limits.limits.value[LIMIT_CPU_MS], 50);
    assert_int_equal(run.limits.set_by[LIMIT_CPU_MS], ORIGIN_PLUGIN);
    assert_int_equal(run.limits.limits.value[LIMIT_WALL_MS], policy.limits.value[LIMIT_WALL_MS]);
    done(&run);
    assert_true(read(&run, "{\"plugin\":\"a/b\",\"limits\":{\"cpu_ms\":70}}"));
    assert_true(run_limits_resolve(&policy, &manifest, NULL, &run.envelope, &run.limits, &run.faults));
    assert_int_equal(run.limits.limits.value[LIMIT_CPU_MS], 70);
    assert_int_equal(run.limits.set_by[LIMIT_CPU_MS], ORIGIN_REQUEST);
    done(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run_request_splits_the_envelope),
        cmocka_unit_test(run_request_has_defaults),
        cmocka_unit_test(run_request_finds_every_fault),
        cmocka_unit_test(limits_come_from_the_policy_unless_asked),
        cmocka_unit_test(limits_beyond_the_ceiling_are_faults),
        cmocka_unit_test(no_instruction_limit_is_only_for_policies_that_have_none),
        cmocka_unit_test(plan_lowers_limits_and_ceilings_and_is_named),
        cmocka_unit_test(a_plugin_takes_the_place_of_code),
        cmocka_unit_test(a_manifest_lowers_and_a_request_has_the_last_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
