// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine/worker_io.h"

#include "base/fd.h"
#include "tests/support/cmocka_all.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LOG_MAX = 10 * LOG_LINE_OVERHEAD };

static const struct run_limits limits = {.value = {[LIMIT_OUTPUT_BYTES] = 1000, [LIMIT_LOG_BYTES] = LOG_MAX}};

// realloc fails once so many calls were made: linked with --wrap.
static size_t reallocations_left = SIZE_MAX;

void *__real_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size)
{
    if (reallocations_left == 0)
        return NULL;
    reallocations_left--;
    return __real_realloc(block, size);
}

struct talk {
    struct worker_io io;
    int engine_end;
    int worker_end;
    unsigned lines;
};

static void on_line(void *user, const struct run_log_line *line)
{
    struct talk *talk = user;
    assert_true(line->message.length <= LOG_MAX);
    talk->lines++;
}

static void talk_begin(struct talk *talk, bool audit)
{
    int pair[2];
    memset(talk, 0, sizeof *talk);
    assert_true(fd_socket_pair(SOCK_STREAM, pair, NULL));
    talk->engine_end = pair[0];
    talk->worker_end = pair[1];
    worker_io_init(&talk->io, &limits, &(struct worker_io_rules){.audit = audit});
    talk->io.log = on_line;
    talk->io.user = talk;
}

static void talk_end(struct talk *talk)
{
    worker_io_deinit(&talk->io);
    close(talk->engine_end);
    if (talk->worker_end >= 0)
        close(talk->worker_end);
}

static void put_log(struct buffer *out, const char *text)
{
    log_line_encode(
        out, &(struct log_line){.level = LOG_LEVEL_WARN, .at_ns = 5000, .message = bytes_of_text(text)});
}

static void put_result(struct buffer *out, const char *output)
{
    worker_result_encode(out,
                         &(struct worker_result){.outcome = OUTCOME_OK, .output = bytes_of_text(output)});
}

static void say(struct talk *talk, const struct buffer *out)
{
    assert_true(fd_write_all(talk->worker_end, out->data, out->length, NULL));
}

static void hang_up(struct talk *talk)
{
    close(talk->worker_end);
    talk->worker_end = -1;
    worker_io_drain(&talk->io, talk->engine_end, 0);
    worker_io_drain(&talk->io, talk->engine_end, 0);
}

static void frames_may_come_in_any_pieces(void **state)
{
    (void)state;
    struct talk talk;
    talk_begin(&talk, false);
    struct buffer out = buffer_make(100000);
    put_log(&out, "hello");
    put_log(&out, "");
    put_result(&out, "[1]");
    for (size_t i = 0; i < out.length; i++) {
        assert_true(fd_write_all(talk.worker_end, out.data + i, 1, NULL));
        worker_io_drain(&talk.io, talk.engine_end, 0);
    }
    hang_up(&talk);
    assert_null(talk.io.broken);
    assert_true(talk.io.closed);
    assert_true(talk.io.has_result);
    struct worker_result result;
    assert_true(worker_result_decode(worker_io_last_body(&talk.io), &result));
    assert_true(bytes_equal_text(result.output, "[1]"));
    uint32_t count;
    const struct run_log_line *lines = worker_io_logs(&talk.io, &count);
    assert_int_equal(count, 2);
    assert_int_equal(talk.lines, 2);
    assert_true(bytes_equal_text(lines[0].message, "hello"));
    assert_int_equal(lines[0].at_us, 5);
    assert_int_equal(lines[0].level, LOG_LEVEL_WARN);
    assert_int_equal(lines[1].message.length, 0);
    buffer_free(&out);
    talk_end(&talk);
}

static void a_silent_worker_says_nothing_and_blocks_nobody(void **state)
{
    (void)state;
    struct talk talk;
    talk_begin(&talk, false);
    worker_io_drain(&talk.io, talk.engine_end, 0);
    assert_false(talk.io.closed);
    assert_false(talk.io.has_result);
    hang_up(&talk);
    assert_true(talk.io.closed);
    talk_end(&talk);
}

static void lines_past_the_log_limit_are_dropped_even_when_empty(void **state)
{
    (void)state;
    struct talk talk;
    talk_begin(&talk, false);
    struct buffer out = buffer_make(100000);
    for (int i = 0; i < 120; i++)
        put_log(&out, "");
    say(&talk, &out);
    hang_up(&talk);
    assert_null(talk.io.broken);
    assert_int_equal(talk.io.line_count, 10);
    assert_int_equal(talk.lines, 10);
    assert_true(talk.io.logs_truncated);
    buffer_free(&out);
    talk_end(&talk);
}

static void a_line_is_charged_its_text_and_its_overhead(void **state)
{
    (void)state;
    char text[LOG_MAX] = "";
    for (int over = 0; over < 2; over++) {
        struct talk talk;
        talk_begin(&talk, false);
        struct buffer out = buffer_make(100000);
        put_log(&out, "12345");
        // What two lines leave of the limit, and one byte more.
        size_t length = (size_t)(LOG_MAX - 2 * LOG_LINE_OVERHEAD - 5 + over);
        memset(text, 'x', length);
        text[length] = 0;
        put_log(&out, text);
        say(&talk, &out);
        hang_up(&talk);
        assert_int_equal(talk.io.line_count, over ? 1 : 2);
        assert_int_equal(talk.io.log_text.length, over ? 5 : 5 + length);
        assert_int_equal(talk.io.logs_truncated, over);
        buffer_free(&out);
        talk_end(&talk);
    }
}

static void an_oversize_result_is_told_from_its_header_alone(void **state)
{
    (void)state;
    struct talk talk;
    talk_begin(&talk, false);
    static const unsigned char header[] = {0, 0, 0, 64, FRAME_RESULT};
    assert_true(fd_write_all(talk.worker_end, header, sizeof header, NULL));
    worker_io_drain(&talk.io, talk.engine_end, 0);
    assert_true(talk.io.oversize);
    talk_end(&talk);
}

// The taken job is a clean end, whatever was left of it is not.
static void a_worker_that_ended_over_an_unread_job_is_told_from_one_that_took_it(void **state)
{
    (void)state;
    for (size_t taken = 0; taken <= 3; taken++) {
        struct talk talk;
        char job[4];
        talk_begin(&talk, false);
        assert_true(fd_write_all(talk.engine_end, "job", 3, NULL));
        assert_int_equal(read(talk.worker_end, job, taken), taken);
        hang_up(&talk);
        assert_true(talk.io.closed);
        assert_int_equal(talk.io.unread, taken < 3);
        talk_end(&talk);
    }
}

static void what_the_rules_refuse_ends_the_listening(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
        const char *broken;
    } table[] = {
        {"\x00\x00\x00\x00\x63", 5, "forbids"},           // no such type
        {"\x00\x00\x00\x00\x01", 5, "forbids"},           // FRAME_JOB
        {"\xff\xff\xff\xff\x02", 5, "forbids"},           // a log line of 4 GiB
        {"\x01\x00\x00\x00\x02\x09", 6, "malformed log"}, // no such level
        {"\x01\x00\x00\x00\x05\x00", 6, "forbids"},       // a profile that nobody asked for
        {"\x01\x00\x00\x00\x06\x00", 6, "forbids"},       // likewise coverage
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct talk talk;
        talk_begin(&talk, false);
        assert_true(fd_write_all(talk.worker_end, table[i].bytes, table[i].length, NULL));
        worker_io_drain(&talk.io, talk.engine_end, 0);
        assert_non_null(talk.io.broken);
        assert_non_null(strstr(talk.io.broken, table[i].broken));
        talk_end(&talk);
    }
}

static void a_profile_and_coverage_are_kept_once_where_they_are_asked_for(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
        const char *broken;
    } table[] = {
        {"\x01\x00\x00\x00\x05"
         "p\x01\x00\x00\x00\x06"
         "c",
         12, NULL},
        {"\x01\x00\x00\x00\x05"
         "p\x01\x00\x00\x00\x05"
         "p",
         12, "a second"},
        {"\x00\x00\x00\x00\x06", 5, "an empty"},
        {"\xff\xff\xff\x00\x05", 5, "forbids"}, // a profile of 16 MiB
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct talk talk;
        talk_begin(&talk, false);
        worker_io_deinit(&talk.io);
        worker_io_init(&talk.io, &limits, &(struct worker_io_rules){.profile = true, .coverage = true});
        assert_true(fd_write_all(talk.worker_end, table[i].bytes, table[i].length, NULL));
        worker_io_drain(&talk.io, talk.engine_end, 0);
        if (table[i].broken == NULL) {
            assert_null(talk.io.broken);
            assert_string_equal(talk.io.profile.data, "p");
            assert_string_equal(talk.io.coverage.data, "c");
        } else {
            assert_non_null(strstr(talk.io.broken, table[i].broken));
        }
        talk_end(&talk);
    }
}

static void want_of_memory_is_not_held_against_the_worker(void **state)
{
    (void)state;
    struct talk talk;
    talk_begin(&talk, false);
    struct buffer out = buffer_make(100000);
    put_result(&out, "[1]");
    say(&talk, &out);
    reallocations_left = 0;
    worker_io_drain(&talk.io, talk.engine_end, 0);
    reallocations_left = SIZE_MAX;
    assert_true(talk.io.no_memory);
    assert_true(worker_io_given_up(&talk.io));
    assert_null(talk.io.broken);
    assert_false(talk.io.has_result);
    buffer_free(&out);
    talk_end(&talk);
}

static void a_line_that_there_is_no_memory_for_is_not_told_as_one_too_many(void **state)
{
    (void)state;
    // What is received, the table of lines, and their text.
    for (size_t fails_at = 0; fails_at < 3; fails_at++) {
        struct talk talk;
        talk_begin(&talk, false);
        struct buffer out = buffer_make(100000);
        put_log(&out, "a line");
        say(&talk, &out);
        reallocations_left = fails_at;
        worker_io_drain(&talk.io, talk.engine_end, 0);
        reallocations_left = SIZE_MAX;
        assert_true(talk.io.no_memory);
        assert_false(talk.io.logs_truncated);
        assert_int_equal(talk.lines, 0);
        buffer_free(&out);
        talk_end(&talk);
    }
}

static void nothing_may_follow_a_result(void **state)
{
    (void)state;
    struct talk talk;
    talk_begin(&talk, false);
    struct buffer out = buffer_make(100000);
    put_result(&out, "1");
    buffer_append_byte(&out, 0);
    say(&talk, &out);
    hang_up(&talk);
    assert_string_equal(talk.io.broken, "bytes after its last frame");
    buffer_free(&out);
    talk_end(&talk);
}

static void an_audited_denial_is_counted_and_an_enforced_one_is_the_last_word(void **state)
{
    (void)state;
    char frame[256];
    size_t length = denied_syscall_encode(frame, sizeof frame, &(struct denied_syscall){.number = 41});
    for (int audit = 0; audit < 2; audit++) {
        struct talk talk;
        talk_begin(&talk, audit);
        for (int i = 0; i < 3; i++)
            assert_true(fd_write_all(talk.worker_end, frame, length, NULL));
        hang_up(&talk);
        assert_int_equal(talk.io.audit_count, audit ? 1 : 0);
        if (audit)
            assert_int_equal(talk.io.audit_calls[0].count, 3);
        assert_int_equal(talk.io.has_denied, !audit);
        assert_int_equal(talk.io.broken != NULL, !audit);
        talk_end(&talk);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_may_come_in_any_pieces),
        cmocka_unit_test(a_silent_worker_says_nothing_and_blocks_nobody),
        cmocka_unit_test(lines_past_the_log_limit_are_dropped_even_when_empty),
        cmocka_unit_test(a_line_is_charged_its_text_and_its_overhead),
        cmocka_unit_test(a_worker_that_ended_over_an_unread_job_is_told_from_one_that_took_it),
        cmocka_unit_test(an_oversize_result_is_told_from_its_header_alone),
        cmocka_unit_test(what_the_rules_refuse_ends_the_listening),
        cmocka_unit_test(a_profile_and_coverage_are_kept_once_where_they_are_asked_for),
        cmocka_unit_test(want_of_memory_is_not_held_against_the_worker),
        cmocka_unit_test(a_line_that_there_is_no_memory_for_is_not_told_as_one_too_many),
        cmocka_unit_test(nothing_may_follow_a_result),
        cmocka_unit_test(an_audited_denial_is_counted_and_an_enforced_one_is_the_last_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
