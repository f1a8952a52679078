// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/test_case.h"

#include "base/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

// The members of a case and of its "expect"; anything else is a fault.
static const char *const case_members[] = {"name", "description", "context", "policy", "limits",
                                           "seed", "expect",      "usage",   NULL};
static const char *const expect_members[] = {"status", "output", "error", NULL};

static bool known_members(const json_t *object, const char *const *members, const char *where,
                          struct error *err)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        size_t i = 0;
        while (members[i] != NULL && strcmp(members[i], key) != 0)
            i++;
        if (members[i] == NULL)
            return error_set(err, ERROR_INVALID, "%s: unknown member \"%s\"", where, key);
    }
    return true;
}

static bool take_text(const json_t *object, const char *member, char **ret_text, const char *where,
                      struct error *err)
{
    const json_t *value = json_object_get(object, member);
    if (value == NULL)
        return true;
    if (!json_is_string(value))
        return error_set(err, ERROR_INVALID, "%s: \"%s\": expected a text", where, member);
    *ret_text = strdup(json_string_value(value));
    return *ret_text != NULL || error_set(err, ERROR_MEMORY, "out of memory");
}

static bool take_object(json_t *object, const char *member, json_t **ret_value, const char *where,
                        struct error *err)
{
    json_t *value = json_object_get(object, member);
    if (value != NULL && !json_is_object(value))
        return error_set(err, ERROR_INVALID, "%s: \"%s\": expected an object", where, member);
    *ret_value = json_incref(value);
    return true;
}

static bool read_error(struct test_case *test, const json_t *expect, const char *where, struct error *err)
{
    if (!take_text(expect, "error", &test->error_text, where, err))
        return false;
    if (test->error_text == NULL)
        return true;
    int fault = regcomp(&test->error, test->error_text, REG_EXTENDED | REG_NOSUB);
    if (fault != 0) {
        char text[128];
        regerror(fault, &test->error, text, sizeof text);
        return error_set(err, ERROR_INVALID, "%s: \"expect.error\" is no regular expression: %s", where,
                         text);
    }
    test->has_error = true;
    return true;
}

static bool read_expect(struct test_case *test, json_t *object, const char *where, struct error *err)
{
    json_t *expect = json_object_get(object, "expect");
    if (expect == NULL)
        return error_set(err, ERROR_INVALID,
                         "%s: \"expect\" is missing: what the run has to end with, e.g. {\"status\": \"ok\"}",
                         where);
    if (!json_is_object(expect))
        return error_set(err, ERROR_INVALID, "%s: \"expect\": expected an object", where);
    if (!known_members(expect, expect_members, where, err))
        return false;
    const json_t *status = json_object_get(expect, "status");
    test->status = OUTCOME_OK;
    test->unfit = json_is_string(status) && strcmp(json_string_value(status), TEST_STATUS_UNFIT) == 0;
    if (status != NULL && !test->unfit &&
        (!json_is_string(status) || !outcome_by_name(json_string_value(status), &test->status)))
        return error_set(err, ERROR_INVALID,
                         "%s: \"expect.status\": expected ok, plugin_error, cpu_limit, invalid_context, ...",
                         where);
    test->output = json_incref(json_object_get(expect, "output"));
    return read_error(test, expect, where, err);
}

static bool read_seed(struct test_case *test, const json_t *object, const char *where, struct error *err)
{
    const json_t *seed = json_object_get(object, "seed");
    if (seed == NULL)
        return true;
    if (!json_is_integer(seed) || json_integer_value(seed) < 0)
        return error_set(err, ERROR_INVALID, "%s: \"seed\": expected a whole number from 0", where);
    test->seed = (uint64_t)json_integer_value(seed);
    return true;
}

static bool read_case(struct test_case *test, json_t *object, const char *file, size_t number,
                      struct error *err)
{
    char where[256];
    snprintf(where, sizeof where, "%s: case %zu", file, number);
    test->file = strdup(file);
    if (!json_is_object(object))
        return error_set(err, ERROR_INVALID, "%s: expected an object", where);
    if (!known_members(object, case_members, where, err) ||
        !take_text(object, "name", &test->name, where, err) ||
        !take_text(object, "policy", &test->policy, where, err) ||
        !take_object(object, "limits", &test->limits, where, err) ||
        !take_object(object, "usage", &test->usage, where, err) || !read_seed(test, object, where, err) ||
        !read_expect(test, object, where, err))
        return false;
    if (test->name == NULL && asprintf(&test->name, "case %zu", number) < 0)
        test->name = NULL;
    const json_t *context = json_object_get(object, "context");
    test->context = context != NULL ? json_dumps(context, JSON_ENCODE_ANY | JSON_COMPACT) : strdup("null");
    return (test->name != NULL && test->file != NULL && test->context != NULL) ||
           error_set(err, ERROR_MEMORY, "out of memory");
}

static bool add_case(struct test_cases *cases, json_t *object, const char *file, size_t number,
                     struct error *err)
{
    struct test_case *items = realloc(cases->items, (cases->count + 1) * sizeof *items);
    if (items == NULL)
        return error_set(err, ERROR_MEMORY, "out of memory");
    cases->items = items;
    items[cases->count] = (struct test_case){0};
    cases->count++;
    return read_case(&items[cases->count - 1], object, file, number, err);
}

static bool load_file(struct test_cases *cases, const char *folder, const char *name, struct error *err)
{
    autofree char *path = NULL;
    char shown[NAME_MAX + 8];
    if (asprintf(&path, "%s/tests/%s", folder, name) < 0) {
        path = NULL;
        return error_set(err, ERROR_MEMORY, "out of memory");
    }
    snprintf(shown, sizeof shown, "tests/%s", name);
    json_error_t fault;
    json_t *document = json_load_file(path, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &fault);
    if (document == NULL)
        return error_set(err, ERROR_INVALID, "%s:%d:%d: %s", path, fault.line, fault.column, fault.text);
    bool ok = true;
    if (json_is_array(document)) {
        for (size_t i = 0; ok && i < json_array_size(document); i++)
            ok = add_case(cases, json_array_get(document, i), shown, i + 1, err);
    } else {
        ok = add_case(cases, document, shown, 1, err);
    }
    json_decref(document);
    return ok;
}

static int is_json(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 5 && strcmp(entry->d_name + length - 5, ".json") == 0;
}

bool test_cases_load(struct test_cases *ret_cases, const char *folder, struct error *err)
{
    autofree char *tests = NULL;
    if (asprintf(&tests, "%s/tests", folder) < 0) {
        tests = NULL;
        return error_set(err, ERROR_MEMORY, "out of memory");
    }
    struct dirent **names;
    int count = scandir(tests, &names, is_json, alphasort);
    if (count < 0)
        return error_system(err, errno, "%s", tests);
    struct test_cases cases = {0};
    bool ok = true;
    for (int i = 0; i < count; i++) {
        ok = ok && load_file(&cases, folder, names[i]->d_name, err);
        free(names[i]);
    }
    free(names);
    if (ok && cases.count == 0)
        ok = error_set(err, ERROR_NOT_FOUND, "%s: there is no test case here; expected *.json files", tests);
    if (!ok) {
        test_cases_free(&cases);
        return false;
    }
    *ret_cases = cases;
    return true;
}

void test_cases_free(struct test_cases *cases)
{
    for (size_t i = 0; i < cases->count; i++) {
        struct test_case *test = &cases->items[i];
        free(test->file);
        free(test->name);
        free(test->policy);
        free(test->context);
        free(test->error_text);
        free(test->verdict.problem);
        if (test->has_error)
            regfree(&test->error);
        json_decref(test->limits);
        json_decref(test->output);
        json_decref(test->usage);
    }
    free(cases->items);
    *cases = (struct test_cases){0};
}
