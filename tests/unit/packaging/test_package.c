// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "packaging/package.h"

#include <stdio.h>
#include <string.h>

static struct package *read_text(const char *text)
{
    struct diagnostics faults;
    diagnostics_init(&faults);
    struct package *package = package_read(bytes_of_text(text), &faults);
    if (!package)
        fail_msg("%s: %s: %s", text, faults.items[0].pointer, faults.items[0].message);
    diagnostics_free(&faults);
    return package;
}

static void modules_are_given_to_a_job_with_the_entry_first(void **state)
{
    (void)state;
    struct package *package =
        read_text("{\"modules\":{\"util\":\"return \\\"u\\\"\",\"go\":\"return 1\"},"
                  "\"manifest\":{\"entry\":\"go\",\"modules\":{\"go\":\"lua/go.lua\",\"util\":\"u.lua\"}}}");
    struct job_module modules[MODULES_MAX];
    assert_int_equal(package_modules(package, modules), 2);
    assert_true(bytes_equal_text(modules[0].name, "go.lua"));
    assert_true(bytes_equal_text(modules[0].code, "return 1"));
    assert_true(bytes_equal_text(modules[1].name, "util"));
    assert_true(bytes_equal_text(modules[1].code, "return \"u\""));
    assert_int_equal(package_code_bytes(package), 18);
    package_unref(package);
}

static void the_same_content_has_the_same_hash(void **state)
{
    (void)state;
    struct package *one = read_text("{\"manifest\":{\"description\":\"d\",\"author\":\"\\u00e4\"},"
                                    "\"modules\":{\"main\":\"return 1\",\"b\":\"return 2\"}}");
    struct package *same = read_text(" {\"modules\" : {\"b\":\"return\\u0020 2\",\"main\":\"return 1\"},\n"
                                     "\"manifest\":{\"author\":\"\xc3\xa4\",\"description\":\"d\"}}");
    struct package *other = read_text("{\"manifest\":{\"description\":\"d\",\"author\":\"\xc3\xa4\"},"
                                      "\"modules\":{\"main\":\"return 2\",\"b\":\"return 2\"}}");
    assert_string_equal(one->canonical, "{\"manifest\":{\"author\":\"\xc3\xa4\",\"description\":\"d\"},"
                                        "\"modules\":{\"b\":\"return 2\",\"main\":\"return 1\"}}");
    assert_string_not_equal(one->sha256, other->sha256);
    assert_int_equal(strlen(one->sha256), 64);
    struct package *again = read_text(one->canonical);
    assert_string_equal(again->canonical, one->canonical);
    assert_string_equal(again->sha256, one->sha256);
    // One space more is another content.
    assert_string_not_equal(one->sha256, same->sha256);
    package_unref(one);
    package_unref(same);
    package_unref(other);
    package_unref(again);
}

static void faults_are_told_by_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *fault;
    } rows[] = {
        {"[]", ": expected an object with \"manifest\" and \"modules\""},
        {"{\"modules\":{\"main\":\"\"}}", "/manifest: it is missing: what plugin.json says"},
        {"{\"manifest\":{}}", "/modules: it is missing: the Lua text of each module"},
        {"{\"manifest\":{},\"modules\":{}}", "/modules: the entry \"main\" is missing"},
        {"{\"manifest\":{},\"modules\":[]}", "/modules: expected an object such as {\"main\": \"return 1\"}"},
        {"{\"manifest\":{},\"modules\":{\"main\":1}}", "/modules/main: expected the module's Lua text"},
        {"{\"manifest\":{},\"modules\":{\"main\":\"\",\"main\":\"\"}}", "/modules/main: it is there twice"},
        {"{\"manifest\":{\"modules\":{\"main\":\"main.lua\"}},\"modules\":{\"main\":\"\",\"b\":\"\"}}",
         "/modules: \"b\" is not among the manifest's modules"},
        {"{\"manifest\":{\"modules\":{\"main\":\"main.lua\",\"b\":\"b.lua\"}},\"modules\":{\"main\":\"\"}}",
         "/modules: \"b\" of the manifest is missing"},
        {"{\"manifest\":{\"limits\":{\"cpu_ms\":0}},\"modules\":{\"main\":\"\"}}",
         "/manifest/limits/cpu_ms: expected 1 ms to 1 h"},
        {"{\"manifest\":{},\"modules\":{\"main\":\"\"},\"more\":1}",
         ": \"more\": expected \"manifest\" and \"modules\", each once"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct diagnostics faults;
        char found[700];
        diagnostics_init(&faults);
        if (package_read(bytes_of_text(rows[i].text), &faults))
            fail_msg("%s was read", rows[i].text);
        snprintf(found, sizeof found, "%s: %s", faults.items[0].pointer, faults.items[0].message);
        if (strcmp(found, rows[i].fault) != 0)
            fail_msg("%s: \"%s\", and expected \"%s\"", rows[i].text, found, rows[i].fault);
        assert_int_equal(faults.items[0].line, 0);
        diagnostics_free(&faults);
    }
}

static void the_schemas_count_as_memory(void **state)
{
    (void)state;
    struct package *package = read_text("{\"manifest\":{\"input\":{\"items\":{\"pattern\":\"^[a-z]{100}$\"}},"
                                        "\"output\":{\"const\":1}},\"modules\":{\"main\":\"return\"}}");
    size_t schemas = json_schema_bytes(package->manifest.input) + json_schema_bytes(package->manifest.output);
    assert_true(schemas > 400);
    assert_true(package_bytes(package) >= sizeof *package + package_code_bytes(package) + schemas);
    package_unref(package);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modules_are_given_to_a_job_with_the_entry_first),
        cmocka_unit_test(the_same_content_has_the_same_hash),
        cmocka_unit_test(faults_are_told_by_place),
        cmocka_unit_test(the_schemas_count_as_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
