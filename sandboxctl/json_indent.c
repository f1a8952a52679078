// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/json_indent.h"

#include "sandboxctl/json_show.h"

#include <stdbool.h>
#include <stddef.h>

static void begin_line(FILE *out, unsigned depth)
{
    fputc('\n', out);
    for (unsigned i = 0; i < depth; i++)
        fputs("  ", out);
}

// Writes the string that begins at `at`; returns where it ends.
static size_t put_string(FILE *out, struct bytes json, size_t at)
{
    size_t end = at + 1;
    while (end < json.length && json.data[end] != '"')
        end += json.data[end] == '\\' ? 2 : 1;
    end = end < json.length ? end + 1 : json.length;
    put_foreign_json(out, bytes_of(json.data + at, end - at));
    return end;
}

static size_t skip_blanks(struct bytes json, size_t at)
{
    while (at < json.length &&
           (json.data[at] == ' ' || json.data[at] == '\n' || json.data[at] == '\t' || json.data[at] == '\r'))
        at++;
    return at;
}

void json_indent_put(FILE *out, struct bytes json)
{
    unsigned depth = 0;
    bool fresh = false; // an array or object has just begun
    for (size_t at = skip_blanks(json, 0); at < json.length; at = skip_blanks(json, at)) {
        char byte = json.data[at];
        bool closes = byte == '}' || byte == ']';
        depth -= closes && depth > 0 ? 1 : 0;
        if (fresh != closes)
            begin_line(out, depth);
        fresh = byte == '{' || byte == '[';
        depth += fresh ? 1 : 0;
        if (byte == '"') {
            at = put_string(out, json, at);
            continue;
        }
        fputc(byte, out);
        at++;
        if (byte == ':')
            fputc(' ', out);
        else if (byte == ',')
            begin_line(out, depth);
    }
}
