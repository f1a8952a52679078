// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "base/cleanup.h"
#include "policies/document_tree.h"

#include <string.h>

static bool parse(const char *text, struct diagnostics *diagnostics, struct document_tree *ret_tree)
{
    diagnostics_init(diagnostics);
    return document_tree_parse("x.json", bytes_of_text(text), diagnostics, ret_tree);
}

static void values_remember_where_they_stood(void **state)
{
    (void)state;
    struct diagnostics diagnostics;
    struct document_tree tree;
    assert_true(
        parse("\n {\"a\": [1,\n  true, null, -2.5, \"x\\ny\"],\n  \"b\": {}}\n", &diagnostics, &tree));
    const struct node *root = tree.root, *a = root->first, *b = a->next;
    assert_int_equal(root->kind, NODE_OBJECT);
    assert_int_equal(root->at.line, 2);
    assert_int_equal(root->at.column, 2);
    assert_true(bytes_equal_text(a->name, "a"));
    assert_int_equal(a->name_at.column, 3);
    assert_int_equal(a->at.column, 8);
    assert_int_equal(a->kind, NODE_ARRAY);
    const struct node *item = a->first;
    assert_int_equal(item->kind, NODE_INTEGER);
    assert_int_equal(item->integer, 1);
    assert_int_equal(item->at.column, 9);
    item = item->next;
    assert_int_equal(item->kind, NODE_BOOLEAN);
    assert_true(item->boolean);
    assert_int_equal(item->at.line, 3);
    assert_int_equal(item->at.column, 3);
    item = item->next;
    assert_int_equal(item->kind, NODE_NULL);
    assert_int_equal(item->at.column, 9);
    item = item->next;
    assert_int_equal(item->kind, NODE_FLOAT);
    assert_true(bytes_equal_text(item->text, "-2.5"));
    assert_int_equal(item->at.column, 15);
    item = item->next;
    assert_int_equal(item->kind, NODE_STRING);
    assert_true(bytes_equal_text(item->text, "x\ny"));
    assert_int_equal(item->at.column, 21);
    assert_null(item->next);
    assert_int_equal(b->kind, NODE_OBJECT);
    assert_int_equal(b->at.line, 4);
    assert_null(b->first);
    assert_null(b->next);
    document_tree_free(&tree);
}

static void of_a_repeated_name_the_first_is_kept(void **state)
{
    (void)state;
    struct diagnostics diagnostics;
    struct document_tree tree;
    assert_true(parse("{\"a\": {\"b\": 1, \"b\": {\"c\": 2}, \"d\": 3}}", &diagnostics, &tree));
    assert_int_equal(diagnostics.count, 1);
    assert_string_equal(diagnostics.items[0].pointer, "/a/b");
    assert_int_equal(diagnostics.items[0].column, 16);
    const struct node *b = tree.root->first->first;
    assert_int_equal(b->integer, 1);
    assert_true(bytes_equal_text(b->next->name, "d"));
    document_tree_free(&tree);
    diagnostics_free(&diagnostics);
}

static void what_is_no_json_gives_one_fault_and_no_tree(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "{", "[1,]", "{\"a\":1}}", "nul", "\"\x80\""};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct diagnostics diagnostics;
        struct document_tree tree;
        assert_false(parse(texts[i], &diagnostics, &tree));
        assert_int_equal(diagnostics.count, 1);
        assert_int_equal(diagnostics.items[0].line, 1);
        diagnostics_free(&diagnostics);
    }
}

static void pointers_are_escaped(void **state)
{
    (void)state;
    autofree char *member = pointer_member("/a", bytes_of_text("b/c~d"));
    assert_string_equal(member, "/a/b~1c~0d");
    autofree char *control = pointer_member("", bytes_of("\x1b\0", 2));
    assert_string_equal(control, "/?\?");
    autofree char *item = pointer_item("/a", 12);
    assert_string_equal(item, "/a/12");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_remember_where_they_stood),
        cmocka_unit_test(of_a_repeated_name_the_first_is_kept),
        cmocka_unit_test(what_is_no_json_gives_one_fault_and_no_tree),
        cmocka_unit_test(pointers_are_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
