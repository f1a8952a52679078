// SPDX-License-Identifier: Apache-2.0
#include "tests/support/store_fixture.h"

#include "sandboxd/store/run_journal.h"

#include <fcntl.h>
#include <sys/stat.h>

struct journal_fixture {
    char folder[64], path[96];
    struct run_journal journal;
    struct journal_aside aside; // of the last time that it was opened
};

static void reopen(struct journal_fixture *fixture)
{
    struct error err = {0};
    run_journal_close(&fixture->journal);
    if (!run_journal_open(&fixture->journal, fixture->folder, &fixture->aside, &err))
        fail_msg("%s", err.text);
}

static int set_up(void **state)
{
    struct journal_fixture *fixture = calloc(1, sizeof *fixture);
    strcpy(fixture->folder, "/tmp/journal_test.XXXXXX");
    if (!mkdtemp(fixture->folder))
        return -1;
    snprintf(fixture->path, sizeof fixture->path, "%s/runs.journal", fixture->folder);
    reopen(fixture);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct journal_fixture *fixture = *state;
    run_journal_close(&fixture->journal);
    unlink(fixture->path);
    rmdir(fixture->folder);
    free(fixture);
    return 0;
}

static void put(struct journal_fixture *fixture, unsigned place, uint64_t sequence)
{
    struct run_record record = fixture_run("default", OUTCOME_OK, sequence);
    run_journal_put(&fixture->journal, place, sequence, &record);
}

static void what_was_put_is_there_when_it_is_opened_again_in_its_order(void **state)
{
    struct journal_fixture *fixture = *state;
    put(fixture, 4095, 11);
    put(fixture, 0, 12);
    put(fixture, 7, 10);
    reopen(fixture);
    uint16_t places[JOURNAL_PLACES];
    assert_int_equal(run_journal_left(&fixture->journal, 9, places), 3);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(run_journal_at(&fixture->journal, places[i])->figures.cpu_us, 10 + i);
    assert_int_equal(run_journal_left(&fixture->journal, 11, places), 1);
    assert_int_equal(run_journal_sequence(&fixture->journal, places[0]), 12);
    assert_int_equal(run_journal_left(&fixture->journal, 12, places), 0);
    run_journal_wipe(&fixture->journal);
    assert_int_equal(run_journal_left(&fixture->journal, 0, places), 0);
}

static void change_file(const struct journal_fixture *fixture, off_t offset, char byte)
{
    int fd = open(fixture->path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, &byte, 1, offset), 1);
    close(fd);
}

static void what_is_not_whole_is_passed_over(void **state)
{
    struct journal_fixture *fixture = *state;
    put(fixture, 0, 1);
    put(fixture, 1, 2);
    struct stat facts;
    assert_int_equal(stat(fixture->path, &facts), 0);
    off_t records = facts.st_size - (off_t)JOURNAL_PLACES * (off_t)sizeof(struct run_record);
    change_file(fixture, records, '!');
    uint16_t places[JOURNAL_PLACES];
    assert_int_equal(run_journal_left(&fixture->journal, 0, places), 1);
    assert_int_equal(places[0], 1);
}

// The size of what was put aside, which is then taken away; -1 if nothing was.
static off_t size_aside(const struct journal_fixture *fixture)
{
    struct stat facts;
    if (fixture->aside.path[0] == '\0')
        return -1;
    assert_int_equal(stat(fixture->aside.path, &facts), 0);
    assert_int_equal(unlink(fixture->aside.path), 0);
    assert_int_equal(fixture->aside.bytes, facts.st_size);
    return facts.st_size;
}

static void what_another_layout_left_is_put_aside_and_told(void **state)
{
    struct journal_fixture *fixture = *state;
    struct stat facts;
    uint16_t places[JOURNAL_PLACES];
    put(fixture, 0, 1);
    assert_int_equal(stat(fixture->path, &facts), 0);
    change_file(fixture, 7, '!');
    reopen(fixture);
    assert_int_equal(size_aside(fixture), facts.st_size);
    assert_int_equal(run_journal_left(&fixture->journal, 0, places), 0);
    put(fixture, 0, 2);
    reopen(fixture);
    assert_int_equal(size_aside(fixture), -1);
    assert_int_equal(run_journal_left(&fixture->journal, 0, places), 1);
    assert_int_equal(truncate(fixture->path, 100), 0);
    reopen(fixture);
    assert_int_equal(size_aside(fixture), 100);
    assert_int_equal(run_journal_left(&fixture->journal, 0, places), 0);
}

static void what_nothing_was_left_in_is_not_put_aside(void **state)
{
    struct journal_fixture *fixture = *state;
    uint16_t places[JOURNAL_PLACES];
    put(fixture, 0, 1);
    run_journal_wipe(&fixture->journal);
    assert_int_equal(truncate(fixture->path, 4096), 0);
    reopen(fixture);
    assert_int_equal(size_aside(fixture), -1);
    put(fixture, 0, 2);
    assert_int_equal(run_journal_left(&fixture->journal, 0, places), 1);
}

static void what_is_adopted_is_in_a_row_and_all_there_is(void **state)
{
    struct journal_fixture *fixture = *state;
    unsigned head;
    uint16_t places[JOURNAL_PLACES];
    put(fixture, 4095, 11);
    put(fixture, 0, 12);
    put(fixture, 1, 3);
    assert_int_equal(run_journal_adopt(&fixture->journal, 10, &head), 2);
    assert_int_equal(head, 4095); // they stay where they are
    assert_int_equal(run_journal_left(&fixture->journal, 0, places), 2);
    put(fixture, 1, 10);
    put(fixture, 4, 13);
    put(fixture, 2, 14);
    assert_int_equal(run_journal_adopt(&fixture->journal, 9, &head), 5);
    assert_int_equal(head, 0);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(run_journal_sequence(&fixture->journal, i), 10 + i);
        assert_int_equal(run_journal_at(&fixture->journal, i)->figures.cpu_us, 10 + i);
    }
    assert_int_equal(run_journal_left(&fixture->journal, 0, places), 5);
}

static void a_copy_with_holes_gets_its_room(void **state)
{
    struct journal_fixture *fixture = *state;
    struct stat facts;
    assert_int_equal(stat(fixture->path, &facts), 0);
    assert_int_equal(truncate(fixture->path, 0), 0);
    assert_int_equal(truncate(fixture->path, facts.st_size), 0);
    reopen(fixture);
    assert_int_equal(stat(fixture->path, &facts), 0);
    assert_true(facts.st_blocks * 512 >= facts.st_size);
}

static void a_folder_that_is_in_use_is_told(void **state)
{
    struct journal_fixture *fixture = *state;
    struct run_journal second = {.fd = -1};
    struct error err = {0};
    assert_false(run_journal_open(&second, fixture->folder, &fixture->aside, &err));
    assert_non_null(strstr(err.text, "another sandboxd uses"));
    assert_non_null(strstr(err.text, fixture->folder));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_put_is_there_when_it_is_opened_again_in_its_order, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_whole_is_passed_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_another_layout_left_is_put_aside_and_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_nothing_was_left_in_is_not_put_aside, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_adopted_is_in_a_row_and_all_there_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_copy_with_holes_gets_its_room, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_folder_that_is_in_use_is_told, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
