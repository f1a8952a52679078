// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/replies/replies.h"
#include "tests/support/store_fixture.h"
#include "tests/support/store_gate.h"

#include <semaphore.h>
#include <sodium.h>

static struct replies *open_replies(struct store_fixture *fixture)
{
    struct error err = {0};
    struct replies *replies = replies_open(fixture->store, &err);
    if (replies == NULL)
        fail_msg("%s", err.text);
    return replies;
}

static struct reply_key key_of(const char *tenant, const char *key, const char *body)
{
    struct reply_key made;
    reply_key_make(tenant, bytes_of_text("/v1/runs"), bytes_of_text(key), bytes_of_text(body), &made);
    return made;
}

static bool count_runs(struct database *db, void *counts_, struct error *err)
{
    autostatement struct statement ask =
        statement_make(db, "SELECT count(*), (SELECT sum(runs) FROM usage_daily) FROM runs");
    int64_t *counts = counts_;
    if (statement_row(&ask))
        for (int i = 0; i < 2; i++)
            counts[i] = column_integer(&ask, i);
    return statement_done(&ask, err);
}

// Answers that were told, in their order.
struct order {
    sem_t told;
    const char *tenants[600];
    unsigned count;
};
struct ordered {
    struct keeping keeping;
    struct order *order;
    struct reply_key key;
    struct run_record run;
    bool good;
};

static void note_order(struct keeping *keeping, const struct error *err)
{
    struct ordered *ordered = (struct ordered *)keeping;
    ordered->good = err == NULL;
    ordered->order->tenants[ordered->order->count++] = ordered->key.tenant;
    sem_post(&ordered->order->told);
}

static void keep_in_order(struct replies *replies, struct order *order, struct ordered *ordered,
                          const char *tenant, unsigned number)
{
    char name[32];
    snprintf(name, sizeof name, "k%u", number);
    ordered->key = key_of(tenant, name, "{}");
    ordered->run = fixture_run("default", OUTCOME_OK, 1);
    ordered->order = order;
    ordered->keeping = (struct keeping){
        .key = &ordered->key, .run = &ordered->run, .reply = {.status = 200}, .tell = note_order};
    assert_int_equal(replies_begin(replies, &ordered->key), REPLY_NEW);
}

static void flood_of_one_tenant_does_not_keep_another_waiting(void **state)
{
    enum { FLOOD = 500 };
    struct store_fixture *fixture = *state;
    struct replies *replies = open_replies(fixture);
    struct gate gate = {.store = fixture->store};
    struct order order = {.count = 0};
    struct ordered *all = calloc(FLOOD + 1, sizeof *all);
    sem_init(&order.told, 0, 0);
    stop_writer(&gate);
    for (unsigned i = 0; i <= FLOOD; i++) {
        keep_in_order(replies, &order, &all[i], i < FLOOD ? "floods" : "quiet", i);
        assert_true(replies_keep(replies, &all[i].keeping));
    }
    let_writer_go(&gate);
    for (unsigned i = 0; i <= FLOOD; i++)
        sem_wait(&order.told);
    unsigned place = 0;
    while (strcmp(order.tenants[place], "quiet") != 0)
        place++;
    assert_true(place < 2 * 64); // in the transaction after the one that went on
    int64_t counts[2];
    assert_true(store_read(fixture->store, count_runs, counts, NULL));
    assert_int_equal(counts[0], FLOOD + 1);
    assert_int_equal(counts[1], FLOOD + 1);
    replies_close(replies);
    free(all);
}

static void one_answer_that_the_store_refuses_does_not_cost_the_others_theirs(void **state)
{
    enum { COUNT = 9, BAD = 5 };
    struct store_fixture *fixture = *state;
    struct replies *replies = open_replies(fixture);
    struct gate gate = {.store = fixture->store};
    struct order order = {.count = 0};
    struct ordered all[COUNT];
    sem_init(&order.told, 0, 0);
    stop_writer(&gate);
    for (unsigned i = 0; i < COUNT; i++) {
        keep_in_order(replies, &order, &all[i], "acme", i);
        if (i == BAD)
            all[i].run = all[0].run; // the same id
        assert_true(replies_keep(replies, &all[i].keeping));
    }
    let_writer_go(&gate);
    replies_finish(replies); // what waits is kept first
    for (unsigned i = 0; i < COUNT; i++) {
        assert_true(all[i].good == (i != BAD));
        assert_int_equal(replies_begin(replies, &all[i].key), i != BAD ? REPLY_KEPT : REPLY_LOST);
    }
    assert_false(replies_keep(replies, &all[0].keeping));
    replies_close(replies);
}

int main(void)
{
    if (sodium_init() < 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(flood_of_one_tenant_does_not_keep_another_waiting, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(one_answer_that_the_store_refuses_does_not_cost_the_others_theirs,
                                        store_set_up, store_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
