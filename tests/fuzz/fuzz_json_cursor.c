// SPDX-License-Identifier: Apache-2.0
// The JSON scanner: its answer does not depend on how it is asked, faults lie within the text, strings it
// took are UTF-8 once unescaped, and numbers it took are finite.
#include "base/cleanup.h"
#include "base/json_cursor.h"
#include "base/json_number.h"
#include "base/json_write.h"
#include "base/utf8.h"
#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void check_string(const struct json_cursor *cursor)
{
    autofree char *plain = malloc(cursor->span.length + 1);
    require(plain != NULL);
    size_t length = json_unescape(cursor->span, plain);
    require(length <= cursor->span.length);
    require(utf8_valid(bytes_of(plain, length)));
    require(cursor->has_escapes || bytes_equal(cursor->span, bytes_of(plain, length)));
    // Written again and read again, it is the same string.
    struct buffer out = buffer_make(cursor->span.length * 6 + 16);
    json_put_string(&out, bytes_of(plain, length));
    require(buffer_ok(&out));
    struct json_string again;
    require(json_string_scan(bytes_of(out.data, out.length), 1, &again) && again.end == out.length);
    autofree char *back = malloc(again.span.length + 1);
    require(back != NULL);
    require(bytes_equal(bytes_of(back, json_unescape(again.span, back)), bytes_of(plain, length)));
    buffer_free(&out);
}

static void check_number(const struct json_cursor *cursor)
{
    double value = json_number_to_double(cursor->span);
    require(isfinite(value) && !json_number_overflows(cursor->span));
    autofree char *copy = calloc(1, cursor->span.length + 1);
    require(copy != NULL);
    memcpy(copy, cursor->span.data, cursor->span.length);
    double expected = strtod(copy, NULL);
    require(memcmp(&value, &expected, sizeof value) == 0);
    char text[JSON_DOUBLE_TEXT_SIZE];
    double again = json_number_to_double(bytes_of(text, json_number_text(value, text)));
    require(memcmp(&value, &again, sizeof value) == 0);
}

static enum json_token walk(struct json_cursor *cursor)
{
    for (;;) {
        size_t before = cursor->offset;
        enum json_token token = json_next(cursor);
        require(cursor->offset <= cursor->length);
        require(token == JSON_END || token == JSON_FAULT || cursor->offset > before);
        require(cursor->depth <= cursor->depth_maximum);
        if (token == JSON_NAME || token == JSON_STRING)
            check_string(cursor);
        if (token == JSON_INTEGER || token == JSON_FLOAT)
            check_number(cursor);
        if (token == JSON_END || token == JSON_FAULT)
            return token;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes text = bytes_of(data, size);
    struct json_cursor cursor;
    json_cursor_init(&cursor, text, 16);
    bool good = walk(&cursor) == JSON_END;
    if (!good) {
        require(cursor.fault.what != NULL && cursor.fault.offset <= size);
        require(cursor.fault.line >= 1 && cursor.fault.column >= 1);
    }
    require(json_check(text, 16, NULL) == good);
    require(!good || json_check(text, JSON_DEPTH_MAX, NULL));
    struct bytes value;
    json_cursor_init(&cursor, text, 16);
    bool skipped = json_skip_value(&cursor, &value);
    require(!good || skipped);
    require(!skipped || json_check(value, 16, NULL));
    return 0;
}
