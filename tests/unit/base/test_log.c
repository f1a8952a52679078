// SPDX-License-Identifier: Apache-2.0
#include "base/cleanup.h"
#include "base/json_cursor.h"
#include "base/log.h"
#include "tests/support/cmocka_all.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// A pipe large enough for a record, and what one event wrote to it.
struct catcher {
    struct logger logger;
    int read_end;
    char text[32768];
    size_t length;
};

static struct catcher *catcher_new(enum log_format format)
{
    struct catcher *catcher = calloc(1, sizeof *catcher);
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    catcher->read_end = ends[0];
    catcher->logger = (struct logger){.fd = ends[1], .format = format, .service = "tester"};
    log_levels_set(&catcher->logger.levels, LOG_INFO, "quiet=error", NULL);
    return catcher;
}

static void catch_event(struct catcher *catcher)
{
    ssize_t got = read(catcher->read_end, catcher->text, sizeof catcher->text - 1);
    catcher->length = got > 0 ? (size_t)got : 0;
    catcher->text[catcher->length] = '\0';
}

static void catcher_free(struct catcher *catcher)
{
    close(catcher->logger.fd);
    close(catcher->read_end);
    free(catcher);
}

// One line of JSON and nothing else.
static void assert_one_json_line(const struct catcher *catcher)
{
    assert_true(catcher->length > 1);
    assert_int_equal(catcher->text[catcher->length - 1], '\n');
    assert_null(memchr(catcher->text, '\n', catcher->length - 1));
    struct json_fault fault;
    if (!json_check(bytes_of(catcher->text, catcher->length), 2, &fault))
        fail_msg("%s at %zu: %s", fault.what, fault.offset, catcher->text);
}

static void an_event_is_one_json_object_on_a_line(void **state)
{
    (void)state;
    struct catcher *catcher = catcher_new(LOG_FORMAT_JSON);
    log_to(&catcher->logger, LOG_WARN, "listening", LOG_TEXT("address", "127.0.0.1:80"),
           LOG_INTEGER("port", -80), LOG_DOUBLE("load", 0.5), LOG_DOUBLE("nan", NAN), LOG_BOOL("tls", false),
           LOG_MS_FROM_US("took_ms", 1070), LOG_TEXT("absent", NULL));
    catch_event(catcher);
    assert_one_json_line(catcher);
    const char *rest = strstr(catcher->text, "\"level\"");
    assert_non_null(rest);
    assert_string_equal(
        rest,
        "\"level\":\"warn\",\"msg\":\"listening\",\"service\":\"tester\",\"module\":\"base\",\"address\":"
        "\"127.0.0.1:80\",\"port\":-80,\"load\":0.5,\"nan\":null,\"tls\":false,\"took_ms\":1.07}\n");
    catcher_free(catcher);
}

static void the_text_form_reads_plainly_and_stays_on_one_line(void **state)
{
    (void)state;
    struct catcher *catcher = catcher_new(LOG_FORMAT_TEXT);
    log_to(&catcher->logger, LOG_INFO, "it is\nready", LOG_TEXT("path", "/var/lib"),
           LOG_TEXT("why", "two words"), LOG_TEXT("forged", "x\n2026 INFO evil"), LOG_TEXT("empty", ""));
    catch_event(catcher);
    assert_string_equal(catcher->text + 24, " INFO  it is\\nready path=/var/lib why=\"two words\" "
                                            "forged=\"x\\n2026 INFO evil\" empty=\"\"\n");
    catcher_free(catcher);
}

static void events_below_the_minimum_are_not_written(void **state)
{
    (void)state;
    struct catcher *catcher = catcher_new(LOG_FORMAT_JSON);
    log_to(&catcher->logger, LOG_DEBUG, "quiet", LOG_INTEGER("n", 1));
    catch_event(catcher);
    assert_int_equal(catcher->length, 0);
    catcher_free(catcher);
}

static int next(int *count)
{
    return ++*count;
}

static void what_is_off_is_not_even_evaluated(void **state)
{
    (void)state;
    int count = 0;
    struct catcher *catcher = catcher_new(LOG_FORMAT_JSON);
    log_to(&catcher->logger, LOG_DEBUG, "off", LOG_INTEGER("n", next(&count)));
    log_to((struct logger *)NULL, LOG_FATAL, "no logger", LOG_INTEGER("n", next(&count)));
    assert_int_equal(count, 0);
    log_to(&catcher->logger, LOG_INFO, "on", LOG_INTEGER("n", next(&count)));
    assert_int_equal(count, 1);
    catcher_free(catcher);
}

static void a_line_for_the_journal_begins_with_its_priority(void **state)
{
    (void)state;
    static const char *const begin[SEVERITY_COUNT] = {"<7>{", "<7>{", "<6>{", "<4>{", "<3>{", "<2>{"};
    struct catcher *catcher = catcher_new(LOG_FORMAT_JSON);
    catcher->logger.priorities = true;
    log_levels_set(&catcher->logger.levels, LOG_TRACE, "", NULL);
    for (int severity = LOG_TRACE; severity < SEVERITY_COUNT; severity++) {
        log_to(&catcher->logger, (enum severity)severity, "x", LOG_INTEGER("n", 1));
        catch_event(catcher);
        assert_memory_equal(catcher->text, begin[severity], 4);
        memmove(catcher->text, catcher->text + 3, catcher->length -= 3);
        assert_one_json_line(catcher);
    }
    catcher_free(catcher);
}

static void a_module_of_a_name_has_its_level(void **state)
{
    (void)state;
    struct catcher *catcher = catcher_new(LOG_FORMAT_JSON);
    log_levels_set(&catcher->logger.levels, LOG_INFO, "limits=debug", NULL);
    log_of(&catcher->logger, "limits", NULL, LOG_DEBUG, "told", LOG_INTEGER("n", 1));
    log_to(&catcher->logger, LOG_DEBUG, "not told", LOG_INTEGER("n", 1));
    catch_event(catcher);
    assert_one_json_line(catcher);
    assert_non_null(strstr(catcher->text, "\"module\":\"limits\""));
    catcher_free(catcher);
}

static void secrets_never_show(void **state)
{
    (void)state;
    struct catcher *catcher = catcher_new(LOG_FORMAT_JSON);
    log_to(&catcher->logger, LOG_INFO, "key sbx_01ab_hunter2-X refused",
           LOG_TEXT("Authorization", "Bearer hunter2"), LOG_TEXT("api_key", "hunter2"),
           LOG_TEXT("admin_password", "hunter2"), LOG_TEXT("Set-Cookie", "hunter2"),
           LOG_TEXT("header", "Bearer sbx_a_hunter2,sbx_b_hunter2"), LOG_TEXT("plain", "shown"));
    catch_event(catcher);
    assert_one_json_line(catcher);
    assert_null(strstr(catcher->text, "hunter2"));
    assert_non_null(strstr(catcher->text, "\"msg\":\"key [redacted] refused\""));
    assert_non_null(strstr(catcher->text, "\"header\":\"Bearer [redacted],[redacted]\""));
    assert_non_null(strstr(catcher->text, "\"plain\":\"shown\""));
    catcher_free(catcher);
}

static void bytes_that_are_not_utf8_become_replacement_characters(void **state)
{
    (void)state;
    struct catcher *catcher = catcher_new(LOG_FORMAT_JSON);
    log_to(&catcher->logger, LOG_INFO, "bad \xff", LOG_TEXT("value", "\xed\xa0\x80z"));
    catch_event(catcher);
    assert_one_json_line(catcher);
    assert_non_null(strstr(catcher->text, "bad \xef\xbf\xbd"));
    catcher_free(catcher);
}

// Values that grow sixfold when they are escaped are the worst case for the cap.
static void a_record_never_exceeds_its_cap(void **state)
{
    (void)state;
    for (int format = LOG_FORMAT_JSON; format <= LOG_FORMAT_TEXT; format++) {
        struct catcher *catcher = catcher_new((enum log_format)format);
        autofree char *large = malloc(5001);
        memset(large, '\x01', 5000);
        large[5000] = '\0';
        struct log_field fields[20];
        for (int i = 0; i < 20; i++)
            fields[i] = LOG_TEXT("field", large);
        log_event(&catcher->logger, &(const struct log_site){.module = "m"}, LOG_ERROR, large, fields, 20);
        catch_event(catcher);
        assert_true(catcher->length <= 16384);
        assert_non_null(strstr(catcher->text, "truncated"));
        assert_int_equal(catcher->text[catcher->length - 1], '\n');
        if (format == LOG_FORMAT_JSON)
            assert_one_json_line(catcher);
        catcher_free(catcher);
    }
}

static void a_long_value_is_cut_between_characters(void **state)
{
    (void)state;
    struct catcher *catcher = catcher_new(LOG_FORMAT_JSON);
    autofree char *large = malloc(6001);
    for (int i = 0; i < 2000; i++)
        memcpy(large + 3 * i, "\xe2\x82\xac", 3);
    large[6000] = '\0';
    log_to(&catcher->logger, LOG_INFO, "cut", LOG_TEXT("value", large));
    catch_event(catcher);
    assert_one_json_line(catcher);
    assert_null(strstr(catcher->text, "\xef\xbf\xbd"));
    assert_non_null(strstr(catcher->text, "\xac...\""));
    catcher_free(catcher);
}

static void a_context_is_told_with_every_event_in_it(void **state)
{
    (void)state;
    struct catcher *catcher = catcher_new(LOG_FORMAT_JSON);
    const struct log_context request = {.count = 2,
                                        .field = {LOG_TEXT("request_id", "r"), LOG_TEXT("tenant", NULL)}};
    const struct log_context run = {.parent = &request, .count = 1, .field = {LOG_TEXT("run_id", "u")}};
    log_in(&catcher->logger, &run, LOG_INFO, "x", LOG_INTEGER("n", 1));
    catch_event(catcher);
    assert_one_json_line(catcher);
    assert_non_null(strstr(catcher->text, "\"n\":1,\"run_id\":\"u\",\"request_id\":\"r\"}"));
    catcher_free(catcher);
}

static void a_module_has_a_level_of_its_own(void **state)
{
    (void)state;
    struct catcher *catcher = catcher_new(LOG_FORMAT_JSON);
    const struct log_site quiet = {.module = "quiet"};
    log_event(&catcher->logger, &quiet, LOG_WARN, "x", NULL, 0);
    catch_event(catcher);
    assert_int_equal(catcher->length, 0);
    assert_false(log_wanted(&catcher->logger, &quiet, LOG_WARN));
    assert_true(log_wanted(&catcher->logger, &quiet, LOG_ERROR));
    catcher_free(catcher);
}

static unsigned lines_caught(const struct catcher *catcher)
{
    unsigned lines = 0;
    for (size_t i = 0; i < catcher->length; i++)
        lines += catcher->text[i] == '\n';
    return lines;
}

static void a_message_that_comes_too_often_is_suppressed_and_counted(void **state)
{
    (void)state;
    struct catcher *catcher = catcher_new(LOG_FORMAT_JSON);
    for (int i = 0; i < 3 * LOG_BURST; i++)
        log_to(&catcher->logger, LOG_WARN, "again", LOG_INTEGER("i", i));
    assert_true(atomic_load(&catcher->logger.limit.suppressed) >= LOG_BURST);
    catch_event(catcher);
    for (int i = 0; i < 3 * LOG_BURST; i++)
        log_event(&catcher->logger, &(const struct log_site){.module = "m", .every = true}, LOG_INFO,
                  "request", NULL, 0);
    catch_event(catcher);
    assert_int_equal(lines_caught(catcher), 3 * LOG_BURST);
    // Who turns a module to debug wants to see what comes.
    log_levels_set(&catcher->logger.levels, LOG_DEBUG, "", NULL);
    for (int i = 0; i < 3 * LOG_BURST; i++)
        log_to(&catcher->logger, LOG_DEBUG, "asked for", LOG_INTEGER("i", i));
    catch_event(catcher);
    assert_int_equal(lines_caught(catcher), 3 * LOG_BURST);
    catcher_free(catcher);
}

static void what_was_suppressed_is_told_at_the_end(void **state)
{
    (void)state;
    struct catcher *catcher = catcher_new(LOG_FORMAT_JSON);
    log_tell_suppressed(&catcher->logger, true);
    for (int i = 0; i < LOG_BURST + 7; i++)
        log_to(&catcher->logger, LOG_WARN, "again", LOG_INTEGER("i", i));
    catch_event(catcher);
    assert_int_equal(lines_caught(catcher), LOG_BURST);
    log_tell_suppressed(&catcher->logger, true);
    catch_event(catcher);
    assert_one_json_line(catcher);
    assert_non_null(strstr(catcher->text, "\"level\":\"warn\",\"msg\":\"more of the same was left out\""));
    assert_non_null(strstr(catcher->text, "\"of\":\"again\",\"suppressed\":7}"));
    catcher_free(catcher);
}

static void a_reader_that_does_not_read_costs_lines_and_no_time(void **state)
{
    (void)state;
    struct catcher *catcher = catcher_new(LOG_FORMAT_JSON);
    assert_int_equal(fcntl(catcher->logger.fd, F_SETFL, 0), 0); // a write to it waits for ever
    const struct log_site every = {.module = "m", .every = true};
    for (int i = 0; i < 20000 && atomic_load(&catcher->logger.lost) == 0; i++)
        log_event(&catcher->logger, &every, LOG_INFO, "line", NULL, 0);
    assert_int_equal(atomic_load(&catcher->logger.lost), 1);
    for (int i = 0; i < 1000; i++)
        log_event(&catcher->logger, &every, LOG_INFO, "line", NULL, 0);
    assert_int_equal(atomic_load(&catcher->logger.lost), 1001);
    while (read(catcher->read_end, catcher->text, sizeof catcher->text) > 0)
        continue;
    log_event(&catcher->logger, &every, LOG_INFO, "again", NULL, 0);
    catch_event(catcher);
    assert_one_json_line(catcher);
    assert_non_null(strstr(catcher->text, "\"lines_lost\":1001}"));
    log_event(&catcher->logger, &every, LOG_INFO, "again", NULL, 0);
    catch_event(catcher);
    assert_null(strstr(catcher->text, "lines_lost"));
    catcher_free(catcher);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_one_json_object_on_a_line),
        cmocka_unit_test(the_text_form_reads_plainly_and_stays_on_one_line),
        cmocka_unit_test(events_below_the_minimum_are_not_written),
        cmocka_unit_test(what_is_off_is_not_even_evaluated),
        cmocka_unit_test(a_line_for_the_journal_begins_with_its_priority),
        cmocka_unit_test(a_module_of_a_name_has_its_level),
        cmocka_unit_test(secrets_never_show),
        cmocka_unit_test(bytes_that_are_not_utf8_become_replacement_characters),
        cmocka_unit_test(a_record_never_exceeds_its_cap),
        cmocka_unit_test(a_long_value_is_cut_between_characters),
        cmocka_unit_test(a_context_is_told_with_every_event_in_it),
        cmocka_unit_test(a_module_has_a_level_of_its_own),
        cmocka_unit_test(a_reader_that_does_not_read_costs_lines_and_no_time),
        cmocka_unit_test(a_message_that_comes_too_often_is_suppressed_and_counted),
        cmocka_unit_test(what_was_suppressed_is_told_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
