// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "sandboxd/replies/known_replies.h"

#include <stdio.h>
#include <string.h>

enum { MIB = 1 << 20, NOW_MS = 2 * REPLY_KEPT_MS };

static void id_of(const char *tenant, unsigned number, unsigned char id[REPLY_HASH_SIZE])
{
    memset(id, 0, REPLY_HASH_SIZE);
    snprintf((char *)id, REPLY_HASH_SIZE, "%.20s %u", tenant, number);
}

static struct known_reply *add(struct known_replies *known, const char *tenant, unsigned number)
{
    unsigned char id[REPLY_HASH_SIZE];
    id_of(tenant, number, id);
    const struct reply_row row = {.tenant = tenant, .id = id, .body_sha256 = id, .at_ms = NOW_MS};
    assert_true(known_replies_make_room(known, tenant, NOW_MS));
    struct known_reply *reply = known_reply_add(known, &row);
    assert_non_null(reply);
    return reply;
}

static void add_kept(struct known_replies *known, const char *tenant, unsigned number, uint64_t bytes)
{
    struct known_reply *reply = add(known, tenant, number);
    known_replies_make_bytes(known, tenant, bytes);
    known_reply_keep(known, reply, bytes);
}

static bool is_known(struct known_replies *known, const char *tenant, unsigned number)
{
    unsigned char id[REPLY_HASH_SIZE];
    id_of(tenant, number, id);
    return known_reply_find(known, id) != NULL;
}

static void a_tenant_with_too_many_bytes_loses_its_own_oldest(void **state)
{
    (void)state;
    struct known_replies known;
    assert_true(known_replies_init(&known));
    add_kept(&known, "quiet", 0, MIB);
    for (unsigned i = 0; i < 100; i++)
        add_kept(&known, "busy", i, MIB);
    assert_true(is_known(&known, "quiet", 0));
    assert_false(is_known(&known, "busy", 35));
    assert_true(is_known(&known, "busy", 36));
    assert_int_equal(known.bytes, 65 * (uint64_t)MIB);
    known_replies_free(&known);
}

static void a_tenant_with_too_many_loses_its_own_oldest(void **state)
{
    (void)state;
    struct known_replies known;
    assert_true(known_replies_init(&known));
    struct known_reply *first = add(&known, "busy", 0); // is being answered all the while
    for (unsigned i = 1; i < REPLIES_OF_TENANT_MAX + 10; i++)
        add_kept(&known, "busy", i, 10);
    assert_true(is_known(&known, "busy", 0));
    assert_false(is_known(&known, "busy", 10));
    assert_true(is_known(&known, "busy", 11));
    assert_int_equal(gauge_read(&known.map.count), REPLIES_OF_TENANT_MAX);
    known_reply_keep(&known, first, 10);
    known_replies_free(&known);
}

static void when_there_is_too_much_in_all_who_has_most_loses(void **state)
{
    (void)state;
    struct known_replies known;
    assert_true(known_replies_init(&known));
    char tenant[16];
    add_kept(&known, "quiet", 0, MIB);
    for (unsigned t = 0; t < 20; t++) {
        snprintf(tenant, sizeof tenant, "busy%u", t);
        for (unsigned i = 0; i < 60; i++)
            add_kept(&known, tenant, i, MIB);
    }
    assert_true(known.bytes <= REPLIES_BYTES_MAX);
    assert_true(is_known(&known, "quiet", 0));
    assert_true(is_known(&known, "busy19", 59));
    known_replies_free(&known);

    assert_true(known_replies_init(&known));
    add_kept(&known, "quiet", 0, 10);
    for (unsigned t = 0; t < 12; t++) {
        snprintf(tenant, sizeof tenant, "busy%u", t);
        for (unsigned i = 0; i < 9999; i++)
            add_kept(&known, tenant, i, 10);
    }
    assert_true(gauge_read(&known.map.count) <= REPLIES_MAX);
    assert_true(is_known(&known, "quiet", 0));
    known_replies_free(&known);
}

static void tenants_with_one_answer_each_make_room_too(void **state)
{
    (void)state;
    struct known_replies known;
    assert_true(known_replies_init(&known));
    char tenant[16];
    for (unsigned t = 0; t < 1100; t++) {
        snprintf(tenant, sizeof tenant, "t%u", t);
        add_kept(&known, tenant, 0, MIB);
    }
    assert_int_equal(known.bytes, REPLIES_BYTES_MAX);
    assert_true(is_known(&known, "t1099", 0));
    known_replies_free(&known);
}

static void those_whose_time_is_up_go(void **state)
{
    (void)state;
    struct known_replies known;
    assert_true(known_replies_init(&known));
    add_kept(&known, "acme", 0, 10);
    add(&known, "acme", 1);
    assert_true(known_replies_make_room(&known, "acme", NOW_MS + REPLY_KEPT_MS));
    assert_false(is_known(&known, "acme", 0));
    assert_true(is_known(&known, "acme", 1)); // it is being answered
    assert_int_equal(known.bytes, 0);
    known_replies_free(&known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tenant_with_too_many_bytes_loses_its_own_oldest),
        cmocka_unit_test(a_tenant_with_too_many_loses_its_own_oldest),
        cmocka_unit_test(when_there_is_too_much_in_all_who_has_most_loses),
        cmocka_unit_test(tenants_with_one_answer_each_make_room_too),
        cmocka_unit_test(those_whose_time_is_up_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
