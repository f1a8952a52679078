// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lua/plugin_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void expect_line_text(const struct plugin_end *end, uint32_t at, enum log_level level,
                             const char *text)
{
    assert_true(at < end->log_count);
    assert_int_equal(end->logs[at].level, level);
    if (!bytes_equal_text(end->logs[at].message, text))
        fail_msg("line %u is '%.*s', not '%s'", at, (int)end->logs[at].message.length,
                 end->logs[at].message.data, text);
}

static void lines_have_level_time_and_text(void **state)
{
    (void)state;
    struct plugin_end end;
    plugin_run(
        &(struct plugin_case){.code = "log.debug('d') log.info('i', 1, nil, {}) log.warn() log.error('e')\n"
                                      "print('p', true, setmetatable({}, {__tostring = function()\n"
                                      "return 'T' end})) return 1"},
        &end);
    assert_int_equal(end.result.outcome, OUTCOME_OK);
    assert_int_equal(end.log_count, 5);
    expect_line_text(&end, 0, LOG_LEVEL_DEBUG, "d");
    expect_line_text(&end, 1, LOG_LEVEL_INFO, "i\t1\tnil\ttable: 0x00000001");
    expect_line_text(&end, 2, LOG_LEVEL_WARN, "");
    expect_line_text(&end, 3, LOG_LEVEL_ERROR, "e");
    expect_line_text(&end, 4, LOG_LEVEL_INFO, "p\ttrue\tT");
    assert_true(end.logs[0].at_ns > 0 && end.logs[0].at_ns <= end.logs[4].at_ns);
    assert_false(end.result.logs_truncated);
    plugin_end_free(&end);
}

static void lines_are_cut_at_the_limit(void **state)
{
    (void)state;
    struct plugin_end end;
    const uint64_t two_lines = 2 * LOG_LINE_OVERHEAD + 10;
    plugin_run(&(struct plugin_case){.code = "log.info('12345') log.info('678901') log.info('x')",
                                     .log_bytes = two_lines},
               &end);
    assert_int_equal(end.result.outcome, OUTCOME_OK);
    assert_int_equal(end.log_count, 2);
    expect_line_text(&end, 1, LOG_LEVEL_INFO, "67890");
    assert_true(end.result.logs_truncated);
    plugin_end_free(&end);

    plugin_run(&(struct plugin_case){.code = "log.info('12345') log.info('67890')", .log_bytes = two_lines},
               &end);
    assert_int_equal(end.log_count, 2);
    assert_false(end.result.logs_truncated);
    plugin_end_free(&end);

    plugin_run(&(struct plugin_case){.code = "for i = 1, 1000 do log.info() end",
                                     .log_bytes = 10 * LOG_LINE_OVERHEAD + 1},
               &end);
    assert_int_equal(end.log_count, 10);
    assert_true(end.result.logs_truncated);
    plugin_end_free(&end);

    // Where nothing of the text would be left there is no line.
    plugin_run(&(struct plugin_case){.code = "log.info('x')", .log_bytes = LOG_LINE_OVERHEAD}, &end);
    assert_int_equal(end.log_count, 0);
    assert_true(end.result.logs_truncated);
    plugin_end_free(&end);
}

static void a_character_is_not_cut_in_two(void **state)
{
    (void)state;
    struct plugin_end end;
    plugin_run(
        &(struct plugin_case){.code = "log.info('123\xe2\x82\xac')", .log_bytes = LOG_LINE_OVERHEAD + 5},
        &end);
    expect_line_text(&end, 0, LOG_LEVEL_INFO, "123");
    assert_true(end.result.logs_truncated);
    plugin_end_free(&end);
}

static void invalid_bytes_are_replaced(void **state)
{
    (void)state;
    struct plugin_end end;
    plugin_run(&(struct plugin_case){.code = "log.info('a\\255b\\0c')"}, &end);
    assert_int_equal(end.log_count, 1);
    assert_int_equal(end.logs[0].message.length, 7);
    assert_memory_equal(end.logs[0].message.data,
                        "a\xef\xbf\xbd"
                        "b\0c",
                        7);
    plugin_end_free(&end);
}

static void a_run_that_is_ended_keeps_its_lines(void **state)
{
    (void)state;
    struct plugin_end end;
    plugin_run(&(struct plugin_case){.code = "log.info('before') while true do end", .cpu_ms = 10}, &end);
    assert_int_equal(end.result.outcome, OUTCOME_CPU_LIMIT);
    expect_line_text(&end, 0, LOG_LEVEL_INFO, "before");
    plugin_end_free(&end);
}

static void very_long_lines_are_cut(void **state)
{
    (void)state;
    struct plugin_end end;
    plugin_run(&(struct plugin_case){.code = "log.info(('x'):rep(100000)) log.info(('\\255'):rep(50000))",
                                     .log_bytes = 1 << 20},
               &end);
    assert_int_equal(end.log_count, 2);
    assert_int_equal(end.logs[0].message.length, LOG_MESSAGE_MAX);
    assert_in_range(end.logs[1].message.length, LOG_MESSAGE_MAX - 3, LOG_MESSAGE_MAX);
    assert_true(end.result.logs_truncated);
    plugin_end_free(&end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_have_level_time_and_text),      cmocka_unit_test(lines_are_cut_at_the_limit),
        cmocka_unit_test(a_character_is_not_cut_in_two),       cmocka_unit_test(invalid_bytes_are_replaced),
        cmocka_unit_test(a_run_that_is_ended_keeps_its_lines), cmocka_unit_test(very_long_lines_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
