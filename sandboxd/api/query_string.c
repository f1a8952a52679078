// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/api/query_string.h"

#include "base/clock.h"
#include "base/closest.h"
#include "base/json_cursor.h"
#include "base/require.h"
#include "policies/quote.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT_MAX = 1000 };

static const struct query_field *find(const struct query_field *fields, size_t count, struct bytes name)
{
    for (size_t i = 0; i < count; i++)
        if (bytes_equal_text(name, fields[i].name))
            return &fields[i];
    return NULL;
}

static void refuse_unknown(struct http_request *request, const struct query_field *fields, size_t count,
                           struct bytes name)
{
    char quoted[QUOTE_SIZE];
    struct closest closest = closest_make(name.data, name.length);
    for (size_t i = 0; i < count; i++)
        closest_offer(&closest, fields[i].name);
    const char *meant = closest_text(&closest);
    bool shown = utf8_valid(name);
    http_refuse(request, PROBLEM_INVALID_REQUEST, "there is no query parameter %s%s%s%s",
                shown ? quote(name, quoted) : "of this name", meant != NULL ? "; did you mean \"" : "",
                meant != NULL ? meant : "", meant != NULL ? "\"?" : "");
}

bool query_read(struct http_request *request, const struct query_field *fields, size_t count)
{
    uint64_t seen = 0;
    require(count <= 64);
    for (size_t i = 0; i < count; i++)
        fields[i].value[0] = '\0';
    const char *part = request->query;
    while (*part != '\0') {
        size_t length = strcspn(part, "&");
        struct bytes name = bytes_of(part, strcspn(part, "=&"));
        const struct query_field *field = find(fields, count, name);
        if (length > 0 && field == NULL) {
            refuse_unknown(request, fields, count, name);
            return false;
        }
        uint64_t bit = field != NULL ? UINT64_C(1) << (field - fields) : 0;
        if ((seen & bit) != 0) {
            http_refuse(request, PROBLEM_INVALID_REQUEST, "the query parameter \"%s\" is given twice",
                        field->name);
            return false;
        }
        seen |= bit;
        if (field != NULL && (!query_value(request->query, field->name, field->value, field->size) ||
                              !utf8_valid(bytes_of_text(field->value)))) {
            http_refuse(request, PROBLEM_INVALID_REQUEST,
                        "the query parameter \"%s\" is malformed or too long", field->name);
            return false;
        }
        part += length + (part[length] == '&');
    }
    return true;
}

static bool read_number(const char *text, int64_t *ret_number)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0)
        return false;
    *ret_number = number;
    return true;
}

bool query_limit(struct http_request *request, const char *text, unsigned fallback, unsigned *ret_limit)
{
    int64_t number = fallback;
    if (text[0] != '\0' && (!read_number(text, &number) || number < 1 || number > LIMIT_MAX)) {
        http_refuse(request, PROBLEM_INVALID_REQUEST,
                    "the query parameter \"limit\" must be a number from 1 to %d", LIMIT_MAX);
        return false;
    }
    *ret_limit = (unsigned)number;
    return true;
}

bool query_cursor(struct http_request *request, const char *text, int64_t *ret_serial)
{
    int64_t number = 0;
    if (text[0] != '\0' && (!read_number(text, &number) || number < 1)) {
        http_refuse(request, PROBLEM_INVALID_REQUEST,
                    "the query parameter \"cursor\" must be the \"next_cursor\" of an earlier answer");
        return false;
    }
    *ret_serial = number;
    return true;
}

bool query_time(struct http_request *request, const char *name, const char *text, int64_t *ret_unix_ms)
{
    *ret_unix_ms = 0;
    if (text[0] == '\0')
        return true;
    if (clock_parse_rfc3339(text, ret_unix_ms)) {
        // 0 says that none was given; nothing of ours is older than the first millisecond after.
        if (*ret_unix_ms < 1)
            *ret_unix_ms = 1;
        return true;
    }
    http_refuse(request, PROBLEM_INVALID_REQUEST,
                "the query parameter \"%s\" must be a time such as 2026-01-31T12:00:00Z", name);
    return false;
}
