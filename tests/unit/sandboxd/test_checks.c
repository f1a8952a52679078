// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/health/checks.h"
#include "tests/support/cmocka_all.h"

#include <pthread.h>
#include <string.h>

// A check whose next finding the test sets, and whose looks it lets through one by one.
struct stage {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    unsigned allowed, done;
    struct health_finding finding;
    bool absent;
    unsigned changes;
    enum health last_change;
};

static void look(void *stage_, struct health_look *look)
{
    struct stage *stage = stage_;
    pthread_mutex_lock(&stage->lock);
    while (stage->done >= stage->allowed)
        pthread_cond_wait(&stage->moved, &stage->lock);
    if (!stage->absent)
        health_find(look, &stage->finding);
    stage->done++;
    pthread_cond_broadcast(&stage->moved);
    pthread_mutex_unlock(&stage->lock);
}

static void changed(void *stage_, const struct health_result *result)
{
    struct stage *stage = stage_;
    pthread_mutex_lock(&stage->lock);
    stage->changes++;
    stage->last_change = result->health;
    pthread_cond_broadcast(&stage->moved);
    pthread_mutex_unlock(&stage->lock);
}

struct seen {
    unsigned count;
    struct health_result figure, duration;
};

static void take(void *seen_, const struct health_result *result)
{
    struct seen *seen = seen_;
    if (strcmp(result->finding.measurement, "check_duration") == 0)
        seen->duration = *result;
    else
        seen->figure = *result;
    seen->count++;
}

static struct seen see(struct health_checks *checks)
{
    struct seen seen = {0};
    health_checks_read(checks, take, &seen);
    return seen;
}

enum { LONG_MS = 60000, SHORT_MS = 20 };

static struct health_checks *start(struct stage *stage, uint32_t deadline_ms)
{
    static struct health_check check = {"thing", HEALTH_FAIL, 0, look};
    check.deadline_ms = deadline_ms;
    *stage = (struct stage){
        .allowed = 1,
        .finding = {
            .component = "thing", .measurement = "size", .type = "component", .unit = "things", .value = 7}};
    pthread_mutex_init(&stage->lock, NULL);
    pthread_cond_init(&stage->moved, NULL);
    const struct health_options options = {
        .checks = &check, .check_count = 1, .interval_ms = 1, .context = stage, .changed = changed};
    struct health_checks *checks = health_checks_new(&options, NULL);
    assert_non_null(checks);
    return checks;
}

// Lets looks through until as many as wanted are reported on.
static void let_look(struct stage *stage, unsigned looks)
{
    pthread_mutex_lock(&stage->lock);
    // One more is begun only after the one before is written down.
    for (unsigned i = 0; i < looks; i++) {
        stage->allowed++;
        pthread_cond_broadcast(&stage->moved);
        while (stage->done < stage->allowed)
            pthread_cond_wait(&stage->moved, &stage->lock);
    }
    pthread_mutex_unlock(&stage->lock);
}

// Until what was found is what is reported: a look ends a moment before that.
static struct seen see_when(struct health_checks *checks, unsigned bad_looks)
{
    struct seen seen = see(checks);
    while (seen.figure.bad_looks != bad_looks)
        seen = see(checks);
    return seen;
}

static void finish(struct stage *stage, struct health_checks *checks)
{
    pthread_mutex_lock(&stage->lock);
    stage->allowed = ~0u;
    pthread_cond_broadcast(&stage->moved);
    pthread_mutex_unlock(&stage->lock);
    while (!health_checks_stop(checks)) {
    }
    health_checks_free(checks);
    pthread_cond_destroy(&stage->moved);
    pthread_mutex_destroy(&stage->lock);
}

static void set(struct stage *stage, enum health health, bool certain)
{
    pthread_mutex_lock(&stage->lock);
    stage->finding.health = health;
    stage->finding.certain = certain;
    pthread_mutex_unlock(&stage->lock);
}

static void the_first_look_is_there_from_the_start(void **state)
{
    (void)state;
    struct stage stage;
    struct health_checks *checks = start(&stage, LONG_MS);
    struct seen seen = see(checks);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.figure.finding.value, 7);
    assert_int_equal(seen.figure.health, HEALTH_PASS);
    assert_true(seen.figure.at_unix_ms > 0);
    assert_string_equal(seen.duration.finding.component, "thing");
    finish(&stage, checks);
}

static void three_failures_in_a_row_count_and_one_success_recovers(void **state)
{
    (void)state;
    struct stage stage;
    struct health_checks *checks = start(&stage, LONG_MS);
    set(&stage, HEALTH_FAIL, false);
    for (unsigned i = 1; i <= 2; i++) {
        let_look(&stage, 1);
        assert_int_equal(see_when(checks, i).figure.health, HEALTH_PASS);
    }
    let_look(&stage, 1);
    assert_int_equal(see_when(checks, 3).figure.health, HEALTH_FAIL);
    set(&stage, HEALTH_PASS, false);
    let_look(&stage, 1);
    assert_int_equal(see_when(checks, 0).figure.health, HEALTH_PASS);
    pthread_mutex_lock(&stage.lock);
    while (stage.changes < 2)
        pthread_cond_wait(&stage.moved, &stage.lock);
    assert_int_equal(stage.last_change, HEALTH_PASS);
    pthread_mutex_unlock(&stage.lock);
    finish(&stage, checks);
}

static void failures_with_a_success_between_do_not_count(void **state)
{
    (void)state;
    struct stage stage;
    struct health_checks *checks = start(&stage, LONG_MS);
    for (unsigned i = 0; i < 4; i++) {
        set(&stage, HEALTH_FAIL, false);
        let_look(&stage, 2);
        assert_int_equal(see_when(checks, 2).figure.health, HEALTH_PASS);
        set(&stage, HEALTH_PASS, false);
        let_look(&stage, 1);
        see_when(checks, 0);
    }
    finish(&stage, checks);
    assert_int_equal(stage.changes, 0);
}

static void of_warnings_and_failures_the_milder_is_reported(void **state)
{
    (void)state;
    struct stage stage;
    struct health_checks *checks = start(&stage, LONG_MS);
    set(&stage, HEALTH_FAIL, false);
    let_look(&stage, 2);
    set(&stage, HEALTH_WARN, false);
    let_look(&stage, 1);
    assert_int_equal(see_when(checks, 3).figure.health, HEALTH_WARN);
    finish(&stage, checks);
}

static void a_fact_counts_at_once(void **state)
{
    (void)state;
    struct stage stage;
    struct health_checks *checks = start(&stage, LONG_MS);
    set(&stage, HEALTH_WARN, true);
    let_look(&stage, 1);
    assert_int_equal(see_when(checks, 1).figure.health, HEALTH_WARN);
    finish(&stage, checks);
}

static void what_is_not_found_any_more_is_forgotten(void **state)
{
    (void)state;
    struct stage stage;
    struct health_checks *checks = start(&stage, LONG_MS);
    pthread_mutex_lock(&stage.lock);
    stage.absent = true;
    pthread_mutex_unlock(&stage.lock);
    let_look(&stage, 1);
    while (see(checks).count != 1) {
    }
    finish(&stage, checks);
}

static void a_check_that_hangs_fails_by_its_deadline_and_holds_up_no_report(void **state)
{
    (void)state;
    struct stage stage;
    struct health_checks *checks = start(&stage, SHORT_MS);
    // The second look waits for the test: it hangs.
    struct seen seen;
    do
        seen = see(checks);
    while (seen.duration.health != HEALTH_FAIL);
    assert_int_equal(seen.duration.bad_looks, HEALTH_LOOKS);
    assert_true(seen.duration.finding.value >= 3 * SHORT_MS);
    assert_non_null(strstr(seen.duration.finding.output, "has not ended"));
    assert_int_equal(seen.figure.finding.value, 7);
    assert_false(health_checks_stop(checks));
    finish(&stage, checks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_look_is_there_from_the_start),
        cmocka_unit_test(three_failures_in_a_row_count_and_one_success_recovers),
        cmocka_unit_test(failures_with_a_success_between_do_not_count),
        cmocka_unit_test(of_warnings_and_failures_the_milder_is_reported),
        cmocka_unit_test(a_fact_counts_at_once),
        cmocka_unit_test(what_is_not_found_any_more_is_forgotten),
        cmocka_unit_test(a_check_that_hangs_fails_by_its_deadline_and_holds_up_no_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
