// SPDX-License-Identifier: Apache-2.0
// The JSON Schema organisation's own cases (Debian's json-schema-test-suite): whatever schema we accept, we
// hold values to as they say. A schema with a keyword that we refuse is passed over.
#include "tests/support/schema_fixture.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_SCHEMAS = 40 }; // that are accepted: fewer would mean that nothing was tried

struct tally {
    unsigned schemas, refused, values;
};

static void try_values(const struct json_schema *schema, const json_t *group, struct tally *tally)
{
    size_t index;
    json_t *test;
    json_array_foreach(json_object_get(group, "tests"), index, test)
    {
        char *text = json_dumps(json_object_get(test, "data"), JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
        bool fits = json_schema_check(schema, bytes_of_text(text), "$", NULL);
        if (fits != json_is_true(json_object_get(test, "valid")))
            fail_msg("%s, %s: %s", json_string_value(json_object_get(group, "description")),
                     json_string_value(json_object_get(test, "description")), text);
        tally->values++;
        free(text);
    }
}

static void try_file(const char *path, struct tally *tally)
{
    json_t *groups = json_load_file(path, 0, NULL), *group;
    size_t index;
    json_array_foreach(groups, index, group)
    {
        struct diagnostics faults;
        char *text = json_dumps(json_object_get(group, "schema"), JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
        struct json_schema *schema = schema_read(text, &faults);
        tally->schemas += schema != NULL;
        tally->refused += schema == NULL;
        if (schema)
            try_values(schema, group, tally);
        json_schema_free(schema);
        diagnostics_free(&faults);
        free(text);
    }
    json_decref(groups);
}

static const char folder[] = "/usr/share/json-schema-test-suite/tests/draft7";

static void accepted_schemas_mean_what_the_suite_says(void **state)
{
    (void)state;
    struct tally tally = {0};
    struct dirent **names;
    int count = scandir(folder, &names, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        if (strstr(names[i]->d_name, ".json"))
            try_file(path, &tally);
        free(names[i]);
    }
    free(names);
    print_message("%u schemas and %u values tried, %u schemas refused\n", tally.schemas, tally.values,
                  tally.refused);
    assert_true(tally.schemas >= LEAST_SCHEMAS);
}

int main(void)
{
    DIR *there = opendir(folder);
    if (!there) {
        printf("host lacks: json-schema-test-suite\n");
        return 77;
    }
    closedir(there);
    const struct CMUnitTest tests[] = {cmocka_unit_test(accepted_schemas_mean_what_the_suite_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
