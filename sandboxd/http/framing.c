// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/http/framing.h"

#include <string.h>
#include <strings.h>

static bool named(struct bytes name, const char *text)
{
    return name.length == strlen(text) && strncasecmp(name.data, text, name.length) == 0;
}

// tchar of RFC 9110, 5.6.2.
static bool is_token(const char *text, size_t length)
{
    if (length == 0)
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!alphanumeric && (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL))
            return false;
    }
    return true;
}

static void fail(struct framing *framing, const char *fault)
{
    if (framing->fault == NULL)
        framing->fault = fault;
}

static void take_content_length(struct framing *framing, struct bytes value)
{
    if (++framing->content_lengths > 1)
        fail(framing, "more than one Content-Length");
    // 18 digits cannot overflow, and nothing that long is ever accepted.
    if (value.length == 0 || value.length > 18) {
        fail(framing, "Content-Length is not a number of bytes");
        return;
    }
    uint64_t length = 0;
    for (size_t i = 0; i < value.length; i++) {
        if (value.data[i] < '0' || value.data[i] > '9') {
            fail(framing, "Content-Length is not a number of bytes");
            return;
        }
        length = length * 10 + (uint64_t)(value.data[i] - '0');
    }
    framing->content_length = length;
}

void framing_header(struct framing *framing, struct bytes name, struct bytes value)
{
    if (!is_token(name.data, name.length))
        fail(framing, "a header field's name is not a token");
    for (size_t i = 0; i < value.length; i++)
        if ((unsigned char)value.data[i] < ' ' && value.data[i] != '\t')
            fail(framing, "a header field's value has a control character");
    if (named(name, "content-length"))
        take_content_length(framing, value);
    else if (named(name, "host"))
        framing->hosts++;
    else if (named(name, "transfer-encoding")) {
        framing->transfer_encodings++;
        if (!named(value, "chunked"))
            fail(framing, "the only Transfer-Encoding that is understood is chunked");
    }
}

bool framing_check(struct framing *framing, const char *method, const char *version)
{
    if (!is_token(method, strlen(method)))
        fail(framing, "the method is not a token");
    if (framing->transfer_encodings > 1)
        fail(framing, "more than one Transfer-Encoding");
    if (framing->transfer_encodings > 0 && framing->content_lengths > 0)
        fail(framing, "Content-Length and Transfer-Encoding together");
    if (framing->transfer_encodings > 0 && strcmp(version, "HTTP/1.0") == 0)
        fail(framing, "Transfer-Encoding does not exist in HTTP/1.0");
    if (framing->hosts > 1)
        fail(framing, "more than one Host");
    return framing->fault == NULL;
}
