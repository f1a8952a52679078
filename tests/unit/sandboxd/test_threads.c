// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "sandboxd/http/threads.h"

#include <pthread.h>

enum { LISTENING = 3 };

static void thread_is_told_of_its_other_connections(void **state)
{
    (void)state;
    int fds[HTTP_OTHERS_MAX];
    unsigned count = 0;
    struct http_threads *threads = http_threads_new(1, LISTENING);
    struct http_thread *thread = http_thread_current(threads);
    assert_non_null(thread);
    for (int fd = 10; fd <= 12; fd++)
        http_thread_add(thread, fd);
    http_thread_remove(thread, 10);
    assert_true(http_thread_others(thread, 11, fds, &count));
    assert_int_equal(count, 2);
    assert_int_equal(fds[0], LISTENING);
    assert_int_equal(fds[1], 12);
    http_threads_free(threads);
}

static void thread_with_too_many_connections_says_so(void **state)
{
    (void)state;
    int fds[HTTP_OTHERS_MAX];
    unsigned count = 0;
    struct http_threads *threads = http_threads_new(1, LISTENING);
    struct http_thread *thread = http_thread_current(threads);
    for (int i = 0; i < HTTP_OTHERS_MAX; i++)
        http_thread_add(thread, 10 + i);
    assert_true(http_thread_others(thread, 10, fds, &count));
    assert_int_equal(count, HTTP_OTHERS_MAX);
    http_thread_add(thread, 100);
    assert_false(http_thread_others(thread, 10, fds, &count));
    // Though there is room for its name now, it is not known.
    http_thread_remove(thread, 11);
    assert_false(http_thread_others(thread, 10, fds, &count));
    http_thread_remove(thread, 100);
    assert_true(http_thread_others(thread, 10, fds, &count));
    assert_int_equal(count, HTTP_OTHERS_MAX - 1);
    http_threads_free(threads);
}

static void thread_whose_request_is_handed_out_may_be_wanted_unseen(void **state)
{
    (void)state;
    int fds[HTTP_OTHERS_MAX];
    unsigned count = 0;
    struct http_threads *threads = http_threads_new(1, LISTENING);
    struct http_thread *thread = http_thread_current(threads);
    http_thread_hand_out(thread);
    assert_false(http_thread_others(thread, 10, fds, &count));
    http_thread_take_back(thread);
    assert_true(http_thread_others(thread, 10, fds, &count));
    http_threads_free(threads);
}

static void *current(void *threads)
{
    return http_thread_current(threads);
}

static struct http_thread *in_another_thread(struct http_threads *threads)
{
    pthread_t thread;
    void *found;
    assert_int_equal(pthread_create(&thread, NULL, current, threads), 0);
    assert_int_equal(pthread_join(thread, &found), 0);
    return found;
}

static void each_thread_is_known_once_and_no_more_than_there_are(void **state)
{
    (void)state;
    struct http_threads *threads = http_threads_new(1, LISTENING);
    struct http_thread *mine = http_thread_current(threads);
    assert_non_null(mine);
    assert_ptr_equal(http_thread_current(threads), mine);
    assert_null(in_another_thread(threads));
    http_threads_free(threads);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thread_is_told_of_its_other_connections),
        cmocka_unit_test(thread_with_too_many_connections_says_so),
        cmocka_unit_test(thread_whose_request_is_handed_out_may_be_wanted_unseen),
        cmocka_unit_test(each_thread_is_known_once_and_no_more_than_there_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
