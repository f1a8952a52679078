// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/json_show.h"

#include "base/cleanup.h"
#include "base/hidden_text.h"
#include "base/utf8.h"

#include <stdlib.h>

static bool is_plain(unsigned char byte)
{
    return (byte >= 0x20 && byte < 0x7f) || byte == '\n' || byte == '\t' || byte == '\r';
}

void put_foreign_json(FILE *out, struct bytes json)
{
    size_t done = 0, at = 0;
    while (at < json.length) {
        char escape[HIDDEN_ESCAPE_SIZE] = "?";
        uint32_t code_point;
        size_t length = 1;
        if (is_plain((unsigned char)json.data[at])) {
            at++;
            continue;
        }
        size_t sequence = utf8_sequence((const uint8_t *)json.data + at, json.length - at);
        size_t hidden = hidden_length(json, at, &code_point);
        if (sequence > 0 && hidden == 0) {
            at += sequence;
            continue;
        }
        if (hidden > 0) {
            hidden_escape(code_point, escape);
            length = hidden;
        }
        fwrite(json.data + done, 1, at - done, out);
        fputs(escape, out);
        at += length;
        done = at;
    }
    fwrite(json.data + done, 1, json.length - done, out);
}

bool json_show(FILE *out, const json_t *value, size_t flags)
{
    autofree char *text = json_dumps(value, flags);
    if (text == NULL)
        return false;
    put_foreign_json(out, bytes_of_text(text));
    fputc('\n', out);
    return true;
}
