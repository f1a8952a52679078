// SPDX-License-Identifier: Apache-2.0
// Whole validations in the real validator.
#include "tests/support/engine_fixture.h"
#include "tests/support/engine_tests.h"
#include "tests/unit/validation/fixture.h"

#include <stdlib.h>

static void begin(struct fixture *fixture, const struct fixture_options *options)
{
    struct fixture_options with_zygote = *options;
    with_zygote.zygote_path = zygote_path;
    fixture_start(fixture, &with_zygote);
}

static struct validation *validate(struct fixture *fixture, struct policy *policy, const char *main_code,
                                   const char *util_code)
{
    struct validation_input input = {.policy = policy};
    struct error err = {0};
    fixture_module(&input, "main.lua", bytes_of_text(main_code));
    if (util_code != NULL)
        fixture_module(&input, "util", bytes_of_text(util_code));
    struct validation *validation = validation_run(fixture->engine, &input, &err);
    if (validation == NULL)
        fail_msg("%s", err.text);
    return validation;
}

static void expect_only(struct fixture *fixture, struct policy *policy, const char *code,
                        enum validation_code expected)
{
    struct validation *validation = validate(fixture, policy, code, NULL);
    const struct findings *findings = validation_findings(validation);
    assert_int_equal(findings->count, 1);
    assert_int_equal(findings->items[0].code, expected);
    validation_free(validation);
}

static void a_plugin_is_validated_for_its_policy(void **state)
{
    (void)state;
    struct fixture fixture;
    struct policy policy = fixture_validation_policy();
    begin(&fixture, &(struct fixture_options){0});
    struct validation *validation = validate(&fixture, &policy, "return require('util')", "return load('')");
    assert_true(validation_is_valid(validation));
    assert_int_equal(validation_findings(validation)->count, 0);
    validation_free(validation);
    policy.lua_allowed[LUA_NAME_BASE_LOAD] = false;
    validation = validate(&fixture, &policy, "return require('util')", "return load('')");
    assert_false(validation_is_valid(validation));
    const struct finding *finding = &validation_findings(validation)->items[0];
    assert_int_equal(finding->code, VALIDATION_CODE_FORBIDDEN_GLOBAL);
    assert_string_equal(validation_source(validation, finding), "util");
    validation_free(validation);
    fixture_stop(&fixture);
}

static void hostile_sources_get_an_answer(void **state)
{
    (void)state;
    struct fixture fixture;
    struct policy policy = fixture_validation_policy();
    policy.limits.value[LIMIT_CODE_BYTES] = 8 << 20;
    begin(&fixture, &(struct fixture_options){.memory_budget_bytes = UINT64_MAX});
    enum { ROOM = 1 << 20 };
    char *code = malloc(ROOM);
    assert_non_null(code);
    size_t length = (size_t)snprintf(code, ROOM, "return ");
    memset(code + length, '(', 100000);
    code[length + 100000] = '\0';
    expect_only(&fixture, &policy, code, VALIDATION_CODE_SYNTAX);
    length = 0;
    for (int i = 0; i < 30000; i++)
        length += (size_t)snprintf(code + length, ROOM - length, "local a%d = %d ", i, i);
    expect_only(&fixture, &policy, code, VALIDATION_CODE_SYNTAX);
    length = (size_t)snprintf(code, ROOM, "return context");
    for (int i = 0; i < 100000; i++)
        length += (size_t)snprintf(code + length, ROOM - length, ".a");
    expect_only(&fixture, &policy, code, VALIDATION_CODE_NOT_ANALYSED);
    // A pattern of the author's own that needs for ever.
    length = (size_t)snprintf(code, ROOM, "-- luacheck: ignore ");
    for (int i = 0; i < 30; i++)
        length += (size_t)snprintf(code + length, ROOM - length, ".*");
    snprintf(code + length, ROOM - length, "x\nlocal %0200d = 1", 0);
    memset(strstr(code, "local ") + 6, 'a', 200);
    expect_only(&fixture, &policy, code, VALIDATION_CODE_LIMIT);
    free(code);
    fixture_stop(&fixture);
}

static void policies_come_and_go_without_it(void **state)
{
    (void)state;
    struct fixture fixture;
    struct policy policy = fixture_validation_policy();
    begin(&fixture, &(struct fixture_options){0});
    validation_free(validate(&fixture, &policy, "return 1", NULL));
    unsigned started = fixture.events[EVENT_ZYGOTE_STARTED];
    assert_true(engine_set_policies(fixture.engine, NULL, 0, 10000, NULL));
    validation_free(validate(&fixture, &policy, "return 1", NULL));
    assert_int_equal(fixture.events[EVENT_ZYGOTE_STARTED], started);
    fixture_stop(&fixture);
}

static void a_stopping_engine_says_so(void **state)
{
    (void)state;
    struct fixture fixture;
    struct policy policy = fixture_validation_policy();
    struct validation_input input = {.policy = &policy};
    struct error err;
    begin(&fixture, &(struct fixture_options){0});
    engine_refuse_new(fixture.engine);
    fixture_module(&input, "main.lua", bytes_of_text("return 1"));
    assert_null(validation_run(fixture.engine, &input, &err));
    assert_int_equal(err.kind, ERROR_CLOSED);
    fixture_stop(&fixture);
}

ENGINE_TESTS_MAIN(cmocka_unit_test(a_plugin_is_validated_for_its_policy),
                  cmocka_unit_test(hostile_sources_get_an_answer),
                  cmocka_unit_test(policies_come_and_go_without_it),
                  cmocka_unit_test(a_stopping_engine_says_so), )
