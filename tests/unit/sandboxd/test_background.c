// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "sandboxd/background.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

struct work {
    sem_t entered, leave;
    unsigned done[64];
    unsigned count;
};
struct one {
    struct work *work;
    unsigned number;
};

static void wait_here(void *work_)
{
    struct work *work = work_;
    sem_wait(&work->leave);
}

static void note(void *one_)
{
    struct one *one = one_;
    one->work->done[one->work->count++] = one->number;
}

static void work_is_done_in_order_and_before_the_end(void **state)
{
    (void)state;
    struct work work = {.count = 0};
    struct one ones[20];
    sem_init(&work.leave, 0, 0);
    struct background *background = background_new("test", 32, NULL);
    assert_true(background_add(background, wait_here, &work));
    for (unsigned i = 0; i < 20; i++) {
        ones[i] = (struct one){&work, i};
        assert_true(background_add(background, note, &ones[i]));
    }
    assert_int_equal(work.count, 0);
    sem_post(&work.leave);
    background_free(background);
    assert_int_equal(work.count, 20);
    for (unsigned i = 0; i < 20; i++)
        assert_int_equal(work.done[i], i);
}

static void a_full_queue_takes_nothing(void **state)
{
    (void)state;
    struct work work = {.count = 0};
    struct one one = {&work, 1};
    sem_init(&work.leave, 0, 0);
    struct background *background = background_new("test", 2, NULL);
    assert_true(background_add(background, wait_here, &work));
    // The first may be in the queue still, or be waited on already.
    unsigned taken = 0;
    while (taken < 3 && background_add(background, note, &one))
        taken++;
    assert_true(taken == 1 || taken == 2);
    assert_false(background_add(background, note, &one) && background_add(background, note, &one));
    sem_post(&work.leave);
    background_free(background);
    assert_true(work.count >= taken && work.count <= 2);
}

static void wait_in_turn(void *work_)
{
    struct work *work = work_;
    sem_post(&work->entered);
    sem_wait(&work->leave);
}

static void tenants_leave_room_for_one_another_and_for_admins(void **state)
{
    (void)state;
    enum { CAPACITY = 32 };
    struct work work = {.count = 0};
    struct one one = {&work, 1};
    static const char *const names[] = {"one", "two", "three", "four", "five", "six"};
    sem_init(&work.entered, 0, 0);
    sem_init(&work.leave, 0, 0);
    struct background *background = background_new("test", CAPACITY, NULL);
    assert_true(background_add(background, wait_in_turn, &work));
    sem_wait(&work.entered); // from here on everything stays in the queue
    unsigned taken = 0;
    for (unsigned i = 0; i < 6; i++) {
        unsigned of_this = 0;
        while (background_add_for(background, names[i], note, &one))
            of_this++;
        assert_int_equal(of_this, taken < CAPACITY / 2 ? CAPACITY / 8 : 0);
        taken += of_this;
    }
    assert_int_equal(taken, CAPACITY / 2);
    while (background_add_for(background, "", note, &one))
        taken++;
    assert_int_equal(taken, CAPACITY);
    sem_post(&work.leave);
    background_free(background);
    assert_int_equal(work.count, CAPACITY);
}

static void after_its_end_nothing_is_taken(void **state)
{
    (void)state;
    struct work work = {.count = 0};
    struct one one = {&work, 1};
    struct background *background = background_new("test", 2, NULL);
    background_finish(background);
    assert_false(background_add(background, note, &one));
    background_finish(background);
    background_free(background);
    background_free(NULL);
    assert_int_equal(work.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_is_done_in_order_and_before_the_end),
        cmocka_unit_test(a_full_queue_takes_nothing),
        cmocka_unit_test(tenants_leave_room_for_one_another_and_for_admins),
        cmocka_unit_test(after_its_end_nothing_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
