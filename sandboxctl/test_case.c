// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/test_case.h"

#include "base/cleanup.h"
#include "sandboxctl/json_parts.h"
#include "sandboxctl/policy_source.h"
#include "sandboxctl/whole_file.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES_MAX = 64 * 1024 * 1024 };

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

// What they are called and may be, the engine knows; a number that is none would count as 0 there, which
// means unlimited.
static bool read_limits(struct test_case *test, json_t *object, const char *where, struct error *err)
{
    const char *name;
    json_t *value;
    if (!take_object(object, "limits", &test->limits, where, err))
        return false;
    json_object_foreach(test->limits, name, value)
    {
        bool whole = json_is_integer(value) && json_integer_value(value) >= 0;
        if (!whole && !json_is_string(value))
            return error_set(err, ERROR_INVALID,
                             "%s: \"limits.%s\": expected a whole number, or a text with a unit", where,
                             name);
    }
    return true;
}

// A document of the plugin's own is named as seen from its folder.
static bool read_policy(struct test_case *test, const json_t *object, const char *folder, const char *where,
                        struct error *err)
{
    autofree char *named = NULL;
    if (!take_text(object, "policy", &named, where, err))
        return false;
    if (named == NULL || named[0] == '/' || !policy_source_is_path(named)) {
        test->policy = named;
        named = NULL;
    } else if (asprintf(&test->policy, "%s/%s", folder, named) < 0) {
        test->policy = NULL;
        return error_set(err, ERROR_MEMORY, "out of memory");
    }
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

static bool read_seed(struct test_case *test, struct bytes text, const char *where, struct error *err)
{
    char digits[24];
    char *end;
    errno = 0;
    snprintf(digits, sizeof digits, "%.*s", (int)text.length, text.data);
    test->seed = strtoull(digits, &end, 10);
    if (text.length >= sizeof digits || *digits < '0' || *digits > '9' || *end != '\0' || errno != 0)
        return error_set(err, ERROR_INVALID, "%s: \"seed\": expected a whole number from 0 to 2^64-1", where);
    return true;
}

struct case_reader {
    struct test_case *test;
    json_t *members;
    const char *where;
    struct error *err;
};

// The members but the context and the seed, which are taken as they are written: a tree of doubles and 64-bit
// integers cannot hold every number that a run is given.
static bool take_member(void *user, struct bytes name, struct bytes text)
{
    const struct case_reader *reader = user;
    struct test_case *test = reader->test;
    json_t *members = reader->members;
    const char *where = reader->where;
    struct error *err = reader->err;
    json_error_t fault;
    char key[64];
    snprintf(key, sizeof key, "%.*s", (int)(name.length < sizeof key ? name.length : sizeof key - 1),
             name.data);
    if (json_object_get(members, key) != NULL)
        return error_set(err, ERROR_INVALID, "%s: the member \"%s\" stands there twice", where, key);
    json_t *value = json_null();
    if (bytes_equal_text(name, "context")) {
        test->context = strndup(text.data, text.length);
        if (test->context == NULL)
            return error_set(err, ERROR_MEMORY, "out of memory");
    } else if (bytes_equal_text(name, "seed")) {
        if (!read_seed(test, text, where, err))
            return false;
    } else {
        value = json_loadb(text.data, text.length, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL,
                           &fault);
        if (value == NULL)
            return error_set(err, ERROR_INVALID, "%s: \"%s\": %s", where, key, fault.text);
    }
    return json_object_set_new(members, key, value) == 0 || error_set(err, ERROR_MEMORY, "out of memory");
}

static bool read_case(struct test_case *test, struct bytes text, const char *folder, const char *where,
                      struct error *err)
{
    json_t *members = json_object();
    struct case_reader reader = {.test = test, .members = members, .where = where, .err = err};
    bool good =
        json_parts_kind(text) == '{' || error_set(err, ERROR_INVALID, "%s: expected an object", where);
    good = good && (members != NULL || error_set(err, ERROR_MEMORY, "out of memory")) &&
           json_parts_each(text, take_member, &reader) && known_members(members, case_members, where, err) &&
           take_text(members, "name", &test->name, where, err) &&
           read_policy(test, members, folder, where, err) && read_limits(test, members, where, err) &&
           take_object(members, "usage", &test->usage, where, err) &&
           test_usage_valid(test->usage, where, err) && read_expect(test, members, where, err);
    json_decref(members);
    if (good && test->context == NULL)
        test->context = strdup("null");
    return good && (test->context != NULL || error_set(err, ERROR_MEMORY, "out of memory"));
}

static bool new_case(struct test_cases *cases, const char *file, struct test_case **ret_case,
                     struct error *err)
{
    struct test_case *items = realloc(cases->items, (cases->count + 1) * sizeof *items);
    if (items == NULL)
        return error_set(err, ERROR_MEMORY, "out of memory");
    cases->items = items;
    *ret_case = &items[cases->count];
    **ret_case = (struct test_case){.file = strdup(file)};
    cases->count++; // what it owns so far is freed with the others
    return (*ret_case)->file != NULL || error_set(err, ERROR_MEMORY, "out of memory");
}

// A case that cannot be read has failed: the others can still be run.
static bool fault(struct test_case *test, const struct error *what, struct error *err)
{
    test->faulty = true;
    test->verdict.problem = strdup(what->text);
    return (what->kind != ERROR_MEMORY && test->verdict.problem != NULL) ||
           error_set(err, ERROR_MEMORY, "out of memory");
}

struct file_reader {
    struct test_cases *cases;
    const char *folder;
    const char *file;
    size_t number; // of cases so far
    struct error *err;
};

static bool add_case(void *user, struct bytes name, struct bytes text)
{
    struct file_reader *reader = user;
    char where[NAME_MAX + 40];
    struct test_case *test;
    struct error what;
    (void)name;
    reader->number++;
    snprintf(where, sizeof where, "%s: case %zu", reader->file, reader->number);
    if (!new_case(reader->cases, reader->file, &test, reader->err))
        return false;
    bool read = read_case(test, text, reader->folder, where, &what);
    if (test->name == NULL && asprintf(&test->name, "case %zu", reader->number) < 0) {
        test->name = NULL;
        return error_set(reader->err, ERROR_MEMORY, "out of memory");
    }
    return read || fault(test, &what, reader->err);
}

static bool add_unread_file(struct test_cases *cases, const char *file, const struct error *what,
                            struct error *err)
{
    struct test_case *test;
    if (!new_case(cases, file, &test, err))
        return false;
    test->name = strdup("cannot be read");
    return test->name != NULL ? fault(test, what, err) : error_set(err, ERROR_MEMORY, "out of memory");
}

static bool load_file(struct test_cases *cases, const char *folder, const char *name, struct error *err)
{
    char file[NAME_MAX + 8];
    struct error what;
    size_t length;
    snprintf(file, sizeof file, "tests/%s", name);
    autofree char *data = read_file_beneath(folder, file, FILE_BYTES_MAX, &length, &what);
    if (data == NULL || !json_parts_check(bytes_of(data, length), file, &what))
        return add_unread_file(cases, file, &what, err);
    struct bytes text = bytes_of(data, length);
    struct file_reader reader = {.cases = cases, .folder = folder, .file = file, .err = err};
    return json_parts_kind(text) == '[' ? json_parts_each(text, add_case, &reader)
                                        : add_case(&reader, bytes_of("", 0), text);
}

// Not what begins with a dot: editors keep their locks and copies there.
static int is_json(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 5 && entry->d_name[0] != '.' && strcmp(entry->d_name + length - 5, ".json") == 0;
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
