// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "sandboxd/replies/replies.h"
#include "tests/support/store_fixture.h"

#include <fcntl.h>
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

// An answer that a test waits for.
struct waiting {
    struct keeping keeping;
    sem_t *told;
    bool good;
};

static void be_told(struct keeping *keeping, const struct error *err)
{
    struct waiting *waiting = (struct waiting *)keeping;
    waiting->good = err == NULL;
    sem_post(waiting->told);
}

static bool keep_reply(struct replies *replies, struct reply_key *key, const struct reply *reply,
                       const struct run_record *run)
{
    sem_t told;
    sem_init(&told, 0, 0);
    struct waiting waiting = {.keeping = {.key = key, .reply = *reply, .run = run, .tell = be_told},
                              .told = &told};
    assert_true(replies_keep(replies, &waiting.keeping));
    sem_wait(&told);
    return waiting.good;
}

static void keep(struct replies *replies, struct reply_key *key, const char *text)
{
    struct reply reply = {.status = 201,
                          .content_type = "application/json",
                          .location = "/v1/x",
                          .body = {.data = (char *)text, .length = strlen(text)}};
    assert_true(keep_reply(replies, key, &reply, NULL));
}

static void same_request_gets_the_same_answer_also_after_a_restart(void **state)
{
    struct store_fixture *fixture = *state;
    struct replies *replies = open_replies(fixture);
    struct reply_key key = key_of("acme", "k1", "{}");
    assert_int_equal(replies_begin(replies, &key), REPLY_NEW);
    assert_int_equal(replies_begin(replies, &key), REPLY_RUNNING);
    keep(replies, &key, "{\"a\":1}");
    for (unsigned i = 0; i < 2; i++) {
        struct reply reply;
        assert_int_equal(replies_begin(replies, &key), REPLY_KEPT);
        assert_true(replies_read(replies, &key, &reply, NULL));
        assert_int_equal(reply.status, 201);
        assert_string_equal(reply.content_type, "application/json");
        assert_string_equal(reply.location, "/v1/x");
        assert_string_equal(reply.body.data, "{\"a\":1}");
        buffer_free(&reply.body);
        replies_close(replies);
        store_close(fixture->store);
        fixture_open_bounded(fixture, 0, 0);
        replies = open_replies(fixture);
    }
    replies_close(replies);
}

static void keys_are_their_tenants_and_of_one_body(void **state)
{
    struct replies *replies = open_replies(*state);
    struct reply_key key = key_of("acme", "k1", "{}"), other_body = key_of("acme", "k1", "[]");
    struct reply_key other_tenant = key_of("other", "k1", "[]");
    assert_int_equal(replies_begin(replies, &key), REPLY_NEW);
    assert_int_equal(replies_begin(replies, &other_body), REPLY_OTHER);
    assert_int_equal(replies_begin(replies, &other_tenant), REPLY_NEW);
    replies_close(replies);
}

static bool put_promise(struct database *db, void *promise, struct error *err)
{
    return reply_put(db, promise, err);
}

static void what_was_promised_is_not_done_again_after_a_kill(void **state)
{
    struct store_fixture *fixture = *state;
    struct replies *replies = open_replies(fixture);
    struct reply_key key = key_of("acme", "k1", "{}");
    struct reply reply;
    assert_int_equal(replies_begin(replies, &key), REPLY_NEW);
    assert_true(store_transact(fixture->store, put_promise, (void *)reply_promise(&key), NULL));
    replies_close(replies); // before it is answered
    replies = open_replies(fixture);
    assert_int_equal(replies_begin(replies, &key), REPLY_KEPT);
    assert_true(replies_read(replies, &key, &reply, NULL));
    assert_int_equal(reply.status, 0);
    buffer_free(&reply.body);
    replies_close(replies);
}

static void a_run_without_an_answer_is_not_done_again_and_says_where_it_is(void **state)
{
    struct replies *replies = open_replies(*state);
    struct reply_key key = key_of("acme", "k1", "{}");
    struct run_record run = fixture_run("default", OUTCOME_OK, 1);
    struct reply nothing = {.status = 0}, reply;
    struct error err;
    char where[64];
    snprintf(where, sizeof where, "/v1/runs/%s", run.id);
    assert_int_equal(replies_begin(replies, &key), REPLY_NEW);
    assert_true(keep_reply(replies, &key, &nothing, &run));
    assert_int_equal(replies_begin(replies, &key), REPLY_KEPT);
    assert_true(replies_read(replies, &key, &reply, &err));
    assert_int_equal(reply.status, 0);
    assert_string_equal(reply.location, where);
    buffer_free(&reply.body);
    replies_close(replies);
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

static void a_run_is_in_the_store_with_its_answer_or_not_at_all(void **state)
{
    struct store_fixture *fixture = *state;
    struct replies *replies = open_replies(fixture);
    struct reply_key first = key_of("acme", "k1", "{}"), second = key_of("acme", "k2", "{}");
    struct run_record run = fixture_run("default", OUTCOME_OK, 1);
    struct reply reply = {.status = 200};
    int64_t counts[2];
    assert_int_equal(replies_begin(replies, &first), REPLY_NEW);
    assert_true(keep_reply(replies, &first, &reply, &run));
    // The same run again cannot be kept, and so neither can its answer.
    assert_int_equal(replies_begin(replies, &second), REPLY_NEW);
    assert_false(keep_reply(replies, &second, &reply, &run));
    assert_true(store_read(fixture->store, count_runs, counts, NULL));
    assert_int_equal(counts[0], 1);
    assert_int_equal(counts[1], 1);
    assert_int_equal(replies_begin(replies, &first), REPLY_KEPT);
    assert_int_equal(replies_begin(replies, &second), REPLY_LOST); // and it is not done again
    replies_forget(replies, &second);
    assert_int_equal(replies_begin(replies, &second), REPLY_LOST);
    replies_close(replies);
}

static void forgotten_one_can_be_tried_again(void **state)
{
    struct replies *replies = open_replies(*state);
    struct reply_key key = key_of("", "k1", "{}");
    assert_int_equal(replies_begin(replies, &key), REPLY_NEW);
    replies_forget(replies, &key);
    assert_int_equal(replies_begin(replies, &key), REPLY_NEW);
    replies_close(replies);
}

static void kept_answer_stays_when_a_repeated_request_is_refused(void **state)
{
    struct replies *replies = open_replies(*state);
    struct reply_key key = key_of("acme", "k1", "{}");
    assert_int_equal(replies_begin(replies, &key), REPLY_NEW);
    keep(replies, &key, "{}");
    assert_int_equal(replies_begin(replies, &key), REPLY_KEPT);
    replies_forget(replies, &key);
    assert_int_equal(replies_begin(replies, &key), REPLY_KEPT);
    replies_close(replies);
}

static void answer_that_is_too_long_is_not_kept_but_not_done_again(void **state)
{
    struct replies *replies = open_replies(*state);
    struct reply_key key = key_of("acme", "k1", "{}");
    char *text = malloc(REPLY_BODY_MAX + 2);
    memset(text, 'x', REPLY_BODY_MAX + 1);
    for (unsigned extra = 0; extra < 2; extra++) {
        key = key_of("acme", extra ? "long" : "short", "{}");
        text[REPLY_BODY_MAX + extra] = '\0';
        if (extra)
            text[REPLY_BODY_MAX] = 'x';
        assert_int_equal(replies_begin(replies, &key), REPLY_NEW);
        keep(replies, &key, text);
        struct reply reply;
        assert_int_equal(replies_begin(replies, &key), REPLY_KEPT);
        assert_true(replies_read(replies, &key, &reply, NULL));
        assert_int_equal(reply.status, extra ? 0 : 201);
        assert_int_equal(reply.body.length, extra ? 0 : REPLY_BODY_MAX);
        buffer_free(&reply.body);
    }
    free(text);
    replies_close(replies);
}

static bool put_rows(struct database *db, void *context, struct error *err)
{
    (void)context;
    for (unsigned i = 0; i < REPLIES_OF_TENANT_MAX; i++) {
        char name[32];
        snprintf(name, sizeof name, "k%u", i);
        struct reply_key key = key_of("acme", name, "{}");
        struct reply_row row = {.tenant = "acme",
                                .id = key.id,
                                .body_sha256 = key.body_sha256,
                                .at_ms = clock_unix_ms() - REPLIES_OF_TENANT_MAX + i,
                                .sealed = bytes_of_text("x")};
        if (!reply_put(db, &row, err))
            return false;
    }
    return true;
}

static void tenant_with_too_many_loses_its_own_oldest_and_their_rows(void **state)
{
    struct store_fixture *fixture = *state;
    struct replies *replies = open_replies(fixture);
    struct reply_key other = key_of("other", "k", "{}"), newest = key_of("acme", "new", "{}");
    struct reply_key oldest = key_of("acme", "k0", "{}"), second = key_of("acme", "k1", "{}");
    assert_int_equal(replies_begin(replies, &other), REPLY_NEW);
    keep(replies, &other, "{}");
    replies_close(replies);
    assert_true(store_transact(fixture->store, put_rows, NULL, NULL));
    replies = open_replies(fixture);
    assert_int_equal(replies_begin(replies, &oldest), REPLY_KEPT); // a repeat takes no place
    assert_int_equal(replies_begin(replies, &newest), REPLY_NEW);
    keep(replies, &newest, "{}");
    replies_close(replies);
    replies = open_replies(fixture); // what is in the store
    assert_int_equal(replies_begin(replies, &other), REPLY_KEPT);
    assert_int_equal(replies_begin(replies, &newest), REPLY_KEPT);
    assert_int_equal(replies_begin(replies, &second), REPLY_KEPT);
    assert_int_equal(replies_begin(replies, &oldest), REPLY_NEW);
    replies_close(replies);
}

static void tenant_whose_share_goes_on_is_refused_before_it_is_done(void **state)
{
    struct replies *replies = open_replies(*state);
    for (unsigned tenant = 0; tenant < 6; tenant++) {
        char id[32], name[32];
        snprintf(id, sizeof id, "t%u", tenant);
        for (unsigned i = 0; i <= REPLIES_OF_TENANT_GOING_ON_MAX; i++) {
            snprintf(name, sizeof name, "k%u", i);
            struct reply_key key = key_of(id, name, "{}");
            bool room = tenant < 4 && i < REPLIES_OF_TENANT_GOING_ON_MAX;
            assert_int_equal(replies_begin(replies, &key), room ? REPLY_NEW : REPLY_FULL);
        }
    }
    struct reply_key admin = key_of("", "k", "{}"), first = key_of("t0", "k0", "{}");
    struct reply_key more = key_of("t0", "more", "{}"), last = key_of("t0", "last", "{}");
    assert_int_equal(replies_begin(replies, &admin), REPLY_NEW);
    assert_int_equal(replies_begin(replies, &first), REPLY_RUNNING);
    replies_forget(replies, &first);
    assert_int_equal(replies_begin(replies, &more), REPLY_NEW);
    keep(replies, &more, "{}");
    assert_int_equal(replies_begin(replies, &last), REPLY_NEW);
    replies_close(replies);
}

static bool file_has(const char *path, const char *text)
{
    static char content[4 << 20];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd >= 0 ? read(fd, content, sizeof content) : 0;
    if (fd >= 0)
        close(fd);
    return length > 0 && memmem(content, (size_t)length, text, strlen(text)) != NULL;
}

static void store_does_not_show_what_was_answered(void **state)
{
    struct store_fixture *fixture = *state;
    struct replies *replies = open_replies(fixture);
    struct reply_key key = key_of("acme", "a-key-of-a-client", "{}");
    assert_int_equal(replies_begin(replies, &key), REPLY_NEW);
    keep(replies, &key, "sbx_the_secret_of_a_new_key");
    replies_close(replies);
    store_close(fixture->store);
    char path[128];
    snprintf(path, sizeof path, "%s/sandboxd.db", fixture->folder);
    assert_true(file_has(path, "replies"));
    assert_false(file_has(path, "the_secret") || file_has(path, "a-key-of-a-client"));
    fixture_open_bounded(fixture, 0, 0);
}

int main(void)
{
    if (sodium_init() < 0)
        return 1;
#define STORY(story_) cmocka_unit_test_setup_teardown(story_, store_set_up, store_tear_down)
    const struct CMUnitTest tests[] = {
        STORY(same_request_gets_the_same_answer_also_after_a_restart),
        STORY(keys_are_their_tenants_and_of_one_body),
        STORY(what_was_promised_is_not_done_again_after_a_kill),
        STORY(a_run_without_an_answer_is_not_done_again_and_says_where_it_is),
        STORY(a_run_is_in_the_store_with_its_answer_or_not_at_all),
        STORY(forgotten_one_can_be_tried_again),
        STORY(kept_answer_stays_when_a_repeated_request_is_refused),
        STORY(answer_that_is_too_long_is_not_kept_but_not_done_again),
        STORY(tenant_with_too_many_loses_its_own_oldest_and_their_rows),
        STORY(tenant_whose_share_goes_on_is_refused_before_it_is_done),
        STORY(store_does_not_show_what_was_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
