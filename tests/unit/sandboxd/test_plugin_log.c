// SPDX-License-Identifier: Apache-2.0
// Into a pipe with little room, which stands for a disk that is full for a while.
#include "tests/support/cmocka_all.h"

#include "sandboxd/observe/plugin_log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROOM = 8192 }; // two pages: a pipe with one, half full, is full to poll

struct stream {
    struct service *service;
    int read_end;
    char text[2 * ROOM];
};

static struct stream *stream_new(void)
{
    struct stream *stream = calloc(1, sizeof *stream);
    assert_non_null(stream);
    stream->service = calloc(1, sizeof *stream->service);
    assert_non_null(stream->service);
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    assert_int_equal(fcntl(ends[1], F_SETPIPE_SZ, ROOM), ROOM);
    stream->read_end = ends[0];
    stream->service->plugin_log_fd = ends[1];
    return stream;
}

static void stream_free(struct stream *stream)
{
    plugin_log_close(stream->service);
    close(stream->read_end);
    free(stream->service);
    free(stream);
}

static void write_records(struct stream *stream, const char *text)
{
    struct buffer records = buffer_make(2 * ROOM);
    buffer_append_text(&records, text);
    plugin_log_write(stream->service, &records);
}

// What came since the last time.
static const char *drain(struct stream *stream)
{
    ssize_t got = read(stream->read_end, stream->text, sizeof stream->text - 1);
    stream->text[got > 0 ? got : 0] = '\0';
    return stream->text;
}

static uint64_t lines_lost(const struct stream *stream)
{
    return atomic_load(&stream->service->plugin_log_lost);
}

// "first" and of the second line what there is room for.
static void tear_a_line(struct stream *stream)
{
    char text[ROOM + 512] = "first\n";
    memset(text + strlen(text), 'x', sizeof text - 2 - strlen(text));
    text[sizeof text - 2] = '\n';
    write_records(stream, text);
}

static void lines_are_written_as_they_come(void **state)
{
    (void)state;
    struct stream *stream = stream_new();
    write_records(stream, "one\ntwo\n");
    write_records(stream, "");
    write_records(stream, "three\n");
    assert_string_equal(drain(stream), "one\ntwo\nthree\n");
    assert_int_equal(lines_lost(stream), 0);
    stream_free(stream);
}

static void a_line_that_was_cut_is_lost_and_ended_before_the_next(void **state)
{
    (void)state;
    struct stream *stream = stream_new();
    tear_a_line(stream);
    assert_int_equal(lines_lost(stream), 1);
    assert_memory_equal(drain(stream), "first\nx", 7);
    assert_int_equal(stream->text[strlen(stream->text) - 1], 'x');
    write_records(stream, "next\n");
    assert_string_equal(drain(stream), "\nnext\n");
    write_records(stream, "after\n");
    assert_string_equal(drain(stream), "after\n");
    assert_int_equal(lines_lost(stream), 1);
    stream_free(stream);
}

static void a_line_stays_cut_while_nothing_can_be_written(void **state)
{
    (void)state;
    struct stream *stream = stream_new();
    tear_a_line(stream);
    write_records(stream, "lost\nlost as well\n");
    assert_int_equal(lines_lost(stream), 3);
    drain(stream);
    write_records(stream, "next\n");
    assert_string_equal(drain(stream), "\nnext\n");
    assert_int_equal(lines_lost(stream), 3);
    stream_free(stream);
}

static void a_reader_that_does_not_read_is_not_waited_for(void **state)
{
    (void)state;
    struct stream *stream = stream_new();
    int fd = stream->service->plugin_log_fd;
    assert_int_equal(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK), 0);
    char text[ROOM + 1];
    memset(text, 'x', ROOM);
    text[ROOM - 1] = '\n';
    text[ROOM] = '\0';
    write_records(stream, text);
    write_records(stream, "lost\n"); // and yet this returns
    assert_int_equal(lines_lost(stream), 1);
    drain(stream);
    write_records(stream, "next\n");
    assert_string_equal(drain(stream), "next\n");
    stream_free(stream);
}

static void a_line_that_never_began_needs_no_end(void **state)
{
    (void)state;
    struct stream *stream = stream_new();
    char text[ROOM + 1];
    memset(text, 'x', ROOM);
    text[ROOM - 1] = '\n';
    text[ROOM] = '\0';
    write_records(stream, text);
    write_records(stream, "lost\n");
    assert_int_equal(lines_lost(stream), 1);
    drain(stream);
    write_records(stream, "next\n");
    assert_string_equal(drain(stream), "next\n");
    stream_free(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_written_as_they_come),
        cmocka_unit_test(a_line_that_was_cut_is_lost_and_ended_before_the_next),
        cmocka_unit_test(a_line_stays_cut_while_nothing_can_be_written),
        cmocka_unit_test(a_reader_that_does_not_read_is_not_waited_for),
        cmocka_unit_test(a_line_that_never_began_needs_no_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
