// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "packaging/manifest.h"

#include <stdio.h>
#include <string.h>

static bool read_text(const char *text, struct manifest *ret_manifest, struct diagnostics *faults)
{
    struct document_tree tree;
    diagnostics_init(faults);
    if (!document_tree_parse("plugin.json", bytes_of_text(text), faults, &tree))
        fail_msg("%s: %s", text, faults->items[0].message);
    bool good = manifest_read(tree.root, "plugin.json", "", ret_manifest, faults);
    document_tree_free(&tree);
    return good;
}

static void a_whole_manifest_is_read(void **state)
{
    (void)state;
    struct manifest manifest;
    struct diagnostics faults;
    assert_true(read_text("{\"name\":\"acme/slugify\",\"version\":\"1.2.0\",\"description\":\"d\","
                          "\"author\":\"a\",\"license\":\"MIT\",\"entry\":\"go\","
                          "\"modules\":{\"go\":\"lua/go.lua\",\"util\":\"util.lua\"},"
                          "\"limits\":{\"cpu_ms\":\"1s\",\"memory_bytes\":2097152},"
                          "\"input\":{\"type\":\"object\"},\"output\":true}",
                          &manifest, &faults));
    assert_string_equal(manifest.name, "acme/slugify");
    assert_string_equal(manifest.version, "1.2.0");
    assert_string_equal(manifest.entry, "go");
    assert_int_equal(manifest.module_count, 2);
    assert_string_equal(manifest.modules[0].file, "lua/go.lua");
    assert_true(manifest.limit_given[LIMIT_CPU_MS] && manifest.limit[LIMIT_CPU_MS] == 1000);
    assert_false(manifest.limit_given[LIMIT_WALL_MS]);
    assert_non_null(manifest.input);
    assert_non_null(manifest.output);
    manifest_free(&manifest);
    diagnostics_free(&faults);
}

static void what_is_not_said_is_left_open(void **state)
{
    (void)state;
    struct manifest manifest;
    struct diagnostics faults;
    assert_true(read_text("{}", &manifest, &faults));
    assert_string_equal(manifest.entry, "main");
    assert_null(manifest.name);
    assert_null(manifest.input);
    assert_int_equal(manifest.module_count, 0);
    manifest_free(&manifest);
    diagnostics_free(&faults);
}

static void a_faulty_manifest_is_refused_by_place(void **state)
{
    (void)state;
    static const struct {
        const char *manifest, *fault;
    } rows[] = {
        {"[]", "1:1 : expected an object, not an array"},
        {"{\"licence\":\"MIT\"}", "1:12 /licence: unknown member; did you mean \"license\"?"},
        {"{\"name\":\"Slugify\"}",
         "1:9 /name: expected a name such as \"slugify\" or \"acme/slugify\": "
         "lower-case letters, digits, '_' and '-', a letter first, at most 63 bytes "
         "before the '/' and 64 after it"},
        {"{\"version\":\"1.2\"}",
         "1:12 /version: \"1.2\": expected three numbers, none with a 0 before it, as "
         "in \"1.2.0\""},
        {"{\"description\":1}", "1:16 /description: expected a text of at most 4096 bytes"},
        {"{\"entry\":\"\"}", "1:10 /entry: expected the name of a module"},
        {"{\"entry\":\"go\",\"modules\":{\"main\":\"main.lua\"}}",
         "1:1 : the entry \"go\" is not among the modules"},
        {"{\"modules\":{}}", "1:12 /modules: expected an object such as {\"main\": \"main.lua\"}"},
        {"{\"modules\":{\"main\":\"../main.lua\"}}",
         "1:20 /modules/main: expected a file inside the plugin's folder, such as \"main.lua\""},
        {"{\"modules\":{\"main\":\"/etc/passwd\"}}",
         "1:20 /modules/main: expected a file inside the plugin's folder, such as \"main.lua\""},
        {"{\"limits\":{\"cpu\":1}}", "1:18 /limits/cpu: there is no such limit; did you mean \"cpu_ms\"?"},
        {"{\"limits\":{\"cpu_ms\":0}}", "1:21 /limits/cpu_ms: expected 1 ms to 1 h"},
        {"{\"limits\":{\"cpu_ms\":\"1 day\"}}", "1:21 /limits/cpu_ms: expected a whole number of "
                                                "milliseconds, or a string such as \"500ms\", \"10s\", "
                                                "\"5min\" or \"1h\""},
        {"{\"input\":{\"properties\":{\"a\":{\"allOf\":[]}}}}",
         "1:38 /input/properties/a/allOf: the keyword \"allOf\" is not supported"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct manifest manifest;
        struct diagnostics faults;
        char found[700];
        assert_false(read_text(rows[i].manifest, &manifest, &faults));
        snprintf(found, sizeof found, "%u:%u %s: %s", faults.items[0].line, faults.items[0].column,
                 faults.items[0].pointer, faults.items[0].message);
        if (strcmp(found, rows[i].fault) != 0)
            fail_msg("%s: \"%s\", and expected \"%s\"", rows[i].manifest, found, rows[i].fault);
        manifest_free(&manifest);
        diagnostics_free(&faults);
    }
}

static void limits_are_lowered_and_never_raised(void **state)
{
    (void)state;
    struct manifest manifest = {
        .limit_given = {[LIMIT_CPU_MS] = true, [LIMIT_WALL_MS] = true, [LIMIT_INSTRUCTIONS] = true},
        .limit = {[LIMIT_CPU_MS] = 50, [LIMIT_WALL_MS] = 900, [LIMIT_INSTRUCTIONS] = 1000}};
    struct run_limits limits = {
        .value = {[LIMIT_CPU_MS] = 100, [LIMIT_WALL_MS] = 500, [LIMIT_LOG_BYTES] = 7}};
    enum limit_origin set_by[RUN_LIMIT_COUNT] = {0};
    manifest_lower_limits(&manifest, &limits, set_by);
    assert_int_equal(limits.value[LIMIT_CPU_MS], 50);
    assert_int_equal(set_by[LIMIT_CPU_MS], ORIGIN_PLUGIN);
    assert_int_equal(limits.value[LIMIT_WALL_MS], 500);
    assert_int_equal(set_by[LIMIT_WALL_MS], ORIGIN_POLICY);
    assert_int_equal(limits.value[LIMIT_INSTRUCTIONS], 1000); // there was no limit
    assert_int_equal(limits.value[LIMIT_LOG_BYTES], 7);
}

static void texts_for_people_have_no_hidden_characters(void **state)
{
    (void)state;
    struct manifest manifest;
    struct diagnostics faults;
    assert_true(
        read_text("{\"description\":\"two\\nlines\",\"author\":\"a\\u202eb\",\"license\":\"\\u001b[2J\"}",
                  &manifest, &faults));
    manifest_check_texts(&manifest, "plugin.json", "/manifest", &faults);
    assert_int_equal(faults.count, 2);
    assert_string_equal(faults.items[0].pointer, "/manifest/author");
    assert_non_null(strstr(faults.items[0].message, "U+202E"));
    assert_string_equal(faults.items[1].pointer, "/manifest/license");
    assert_non_null(strstr(faults.items[1].message, "U+001B"));
    diagnostics_free(&faults);
    manifest_free(&manifest);
}

static void full_names_are_taken_apart(void **state)
{
    (void)state;
    struct bytes space, name;
    assert_true(plugin_full_name_split(bytes_of_text("acme/slug-i_fy2"), &space, &name));
    assert_true(bytes_equal_text(space, "acme") && bytes_equal_text(name, "slug-i_fy2"));
    static const char *const wrong[] = {"", "acme", "acme/", "/slugify", "a/b/c", "Acme/x", "a/1x", "a/x y"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(plugin_full_name_split(bytes_of_text(wrong[i]), &space, &name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_manifest_is_read),
        cmocka_unit_test(what_is_not_said_is_left_open),
        cmocka_unit_test(a_faulty_manifest_is_refused_by_place),
        cmocka_unit_test(limits_are_lowered_and_never_raised),
        cmocka_unit_test(texts_for_people_have_no_hidden_characters),
        cmocka_unit_test(full_names_are_taken_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
