// SPDX-License-Identifier: Apache-2.0
// Every document in faulty/ has exactly the faults of its .expect file, one a line: line:column: pointer:
// message. With EXPECT_WRITE set, the files are written instead of compared: read the difference before
// committing it.
#include "tests/support/cmocka_all.h"

#include "base/buffer.h"
#include "base/cleanup.h"
#include "policies/policy_document.h"
#include "policies/policy_set.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_whole(const char *path, size_t *ret_length)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return NULL;
    struct buffer content = buffer_make(1 << 20);
    char part[4096];
    size_t got;
    while ((got = fread(part, 1, sizeof part, file)) > 0)
        buffer_append(&content, part, got);
    fclose(file);
    return buffer_take(&content, ret_length);
}

// The faults of the stock policies with one document more.
static char *faults_of(const char *path)
{
    struct policy_sources sources;
    struct diagnostics diagnostics;
    struct error err = {0};
    policy_sources_init(&sources);
    diagnostics_init(&diagnostics);
    assert_true(policy_sources_add_folder(&sources, STOCK_POLICIES, &err));
    assert_true(policy_sources_add_file(&sources, path, &err));
    assert_null(policy_set_make(&sources, &diagnostics, &err));
    policy_sources_free(&sources);
    struct buffer text = buffer_make(1 << 20);
    buffer_append_text(&text, "");
    for (size_t i = 0; i < diagnostics.count; i++) {
        const struct diagnostic *item = &diagnostics.items[i];
        assert_string_equal(item->file, path);
        // A file that another fault names is named without its folder.
        char *stock = strstr(item->message, STOCK_POLICIES "/");
        if (stock)
            memmove(stock, stock + strlen(STOCK_POLICIES "/"),
                    strlen(stock + strlen(STOCK_POLICIES "/")) + 1);
        buffer_printf(&text, "%u:%u: %s: %s\n", item->line, item->column, item->pointer, item->message);
    }
    diagnostics_free(&diagnostics);
    return buffer_take(&text, NULL);
}

static void compare_with_expectation(const char *name)
{
    autofree char *path = NULL, *expect_path = NULL;
    assert_true(asprintf(&path, "%s/%s", FAULTY_POLICIES, name) > 0);
    assert_true(asprintf(&expect_path, "%.*s.expect", (int)(strlen(path) - strlen(".json")), path) > 0);
    autofree char *faults = faults_of(path);
    assert_non_null(faults);
    if (getenv("EXPECT_WRITE")) {
        FILE *file = fopen(expect_path, "we");
        assert_non_null(file);
        assert_true(fputs(faults, file) >= 0);
        assert_int_equal(fclose(file), 0);
        return;
    }
    size_t length;
    autofree char *expected = read_whole(expect_path, &length);
    if (!expected || strcmp(expected, faults) != 0)
        fail_msg("%s: expected\n%sgot\n%s", name, expected ? expected : "(no .expect file)\n", faults);
}

static void every_faulty_document_has_exactly_its_faults(void **state)
{
    (void)state;
    DIR *folder = opendir(FAULTY_POLICIES);
    assert_non_null(folder);
    unsigned count = 0;
    const struct dirent *entry;
    while ((entry = readdir(folder))) {
        size_t length = strlen(entry->d_name);
        if (length > 5 && strcmp(entry->d_name + length - 5, ".json") == 0) {
            compare_with_expectation(entry->d_name);
            count++;
        }
    }
    closedir(folder);
    assert_true(count >= 140);
}

static bool read_text(const char *text, struct diagnostics *diagnostics, struct policy_document *ret_document)
{
    diagnostics_init(diagnostics);
    return policy_document_read("x.json", bytes_of_text(text), NULL, diagnostics, ret_document);
}

static void a_document_keeps_what_it_says_and_nothing_more(void **state)
{
    (void)state;
    struct diagnostics diagnostics;
    struct policy_document document;
    assert_true(read_text("{\"name\": \"a-1_b\", \"extends\": \"base\", \"description\": \"caf\\u00e9\",\n"
                          " \"limits\": {\"cpu_ms\": \"2 min\", \"description\": \"why\"}}",
                          &diagnostics, &document));
    assert_int_equal(diagnostics.count, 0);
    assert_string_equal(document.name, "a-1_b");
    assert_string_equal(document.extends, "base");
    assert_string_equal(document.description, "caf\xc3\xa9");
    for (unsigned i = 0; i < RUN_LIMIT_COUNT; i++)
        assert_int_equal(document.value[MEMBER_LIMIT_FIRST + i].set, i == LIMIT_CPU_MS);
    assert_int_equal(document.value[MEMBER_LIMIT_FIRST + LIMIT_CPU_MS].number, 120000);
    assert_int_equal(document.value[MEMBER_LIMIT_FIRST + LIMIT_CPU_MS].at.line, 2);
    assert_int_equal(document.value[MEMBER_LIMIT_FIRST + LIMIT_CPU_MS].at.column, 23);
    policy_document_free(&document);
}

static void a_name_other_than_the_files_is_a_fault(void **state)
{
    (void)state;
    struct diagnostics diagnostics;
    struct policy_document document;
    diagnostics_init(&diagnostics);
    assert_false(policy_document_read("gold.json",
                                      bytes_of_text("{\"name\": \"silver\", \"extends\": \"base\"}"), "gold",
                                      &diagnostics, &document));
    assert_int_equal(diagnostics.count, 1);
    assert_string_equal(diagnostics.items[0].pointer, "/name");
    assert_string_equal(diagnostics.items[0].message,
                        "\"silver\" must be \"gold\", as the document is named");
    assert_int_equal(diagnostics.items[0].column, 10);
    diagnostics_free(&diagnostics);
    policy_document_free(&document);
}

static void a_document_at_fault_still_tells_its_name(void **state)
{
    (void)state;
    struct diagnostics diagnostics;
    struct policy_document document;
    assert_false(
        read_text("{\"name\": \"gold\", \"extends\": \"base\", \"limits\": 1}", &diagnostics, &document));
    assert_false(document.good);
    assert_string_equal(document.name, "gold");
    diagnostics_free(&diagnostics);
    policy_document_free(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_faulty_document_has_exactly_its_faults),
        cmocka_unit_test(a_document_keeps_what_it_says_and_nothing_more),
        cmocka_unit_test(a_name_other_than_the_files_is_a_fault),
        cmocka_unit_test(a_document_at_fault_still_tells_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
