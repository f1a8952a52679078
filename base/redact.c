// SPDX-License-Identifier: Apache-2.0
#include "base/redact.h"

#include <ctype.h>
#include <strings.h>

enum { TOKEN_MIN = 8, WEB_TOKEN_MIN = 20, PEM_KIND_MAX = 40 };

static const char *const secret_names[] = {"authorization", "api_key",    "api-key",     "apikey",
                                           "token",         "password",   "passwd",      "secret",
                                           "cookie",        "credential", "private_key", "private-key"};

// `word` has two letters at least.
static bool equal_ignoring_case(struct bytes text, size_t at, const char *word)
{
    size_t length = strlen(word);
    if (at + length > text.length)
        return false;
    // Asked at many bytes of every record: two letters nearly always tell, whatever their case.
    int other = (text.data[at] ^ word[0]) | (text.data[at + 1] ^ word[1]);
    return (other & ~0x20) == 0 && strncasecmp(text.data + at, word, length) == 0;
}

// Of the names above. Every key of every record comes by here, and few of their letters are one of these.
static bool may_begin_name(char c)
{
    switch (c | 0x20) {
    case 'a':
    case 'c':
    case 'p':
    case 's':
    case 't':
        return true;
    default:
        return false;
    }
}

bool redact_names_a_secret(struct bytes name)
{
    for (size_t at = 0; at < name.length; at++) {
        char letter = (char)(name.data[at] | 0x20);
        for (size_t i = 0; may_begin_name(letter) && i < sizeof secret_names / sizeof *secret_names; i++)
            if (letter == secret_names[i][0] && equal_ignoring_case(name, at, secret_names[i]))
                return true;
    }
    return false;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) != 0 || c == '_' || c == '-';
}

static bool is_token(char c)
{
    return is_word(c) || (c != '\0' && strchr(".~+/=", c) != NULL);
}

static size_t span_of(struct bytes text, size_t at, bool (*belongs)(char))
{
    size_t end = at;
    while (end < text.length && belongs(text.data[end]))
        end++;
    return end - at;
}

static size_t find(struct bytes text, size_t at, const char *word)
{
    for (; at < text.length; at++)
        if (equal_ignoring_case(text, at, word))
            return at;
    return text.length;
}

// Each gives the length of the secret at `at`, or 0. `ret_kept`: bytes of it that may be shown before.

static size_t own_key(struct bytes text, size_t at, size_t *ret_kept)
{
    (void)ret_kept;
    return equal_ignoring_case(text, at, "sbx_") ? span_of(text, at, is_word) : 0;
}

static size_t web_token(struct bytes text, size_t at, size_t *ret_kept)
{
    (void)ret_kept;
    size_t length = equal_ignoring_case(text, at, "eyJ") ? span_of(text, at, is_token) : 0;
    return length >= WEB_TOKEN_MIN ? length : 0;
}

static size_t scheme_token(struct bytes text, size_t at, size_t *ret_kept)
{
    size_t scheme = equal_ignoring_case(text, at, "bearer ")  ? 7
                    : equal_ignoring_case(text, at, "basic ") ? 6
                                                              : 0;
    size_t length = scheme > 0 ? span_of(text, at + scheme, is_token) : 0;
    *ret_kept = scheme;
    return length >= TOKEN_MIN ? scheme + length : 0;
}

static size_t pem_key(struct bytes text, size_t at, size_t *ret_kept)
{
    (void)ret_kept;
    size_t kind = equal_ignoring_case(text, at, "-----BEGIN ") ? find(text, at, "PRIVATE KEY") : text.length;
    if (kind == text.length || kind > at + PEM_KIND_MAX)
        return 0;
    size_t end = find(text, at, "-----END ");
    end = find(text, end + 9 < text.length ? end + 9 : text.length, "-----");
    return (end + 5 < text.length ? end + 5 : text.length) - at;
}

static size_t url_user(struct bytes text, size_t at, size_t *ret_kept)
{
    if (!equal_ignoring_case(text, at, "://"))
        return 0;
    for (size_t end = at + 3; end < text.length && strchr("/?# \t\r\n\"'<>", text.data[end]) == NULL; end++) {
        if (text.data[end] != '@')
            continue;
        *ret_kept = 3;
        return end - at;
    }
    return 0;
}

static bool is_quote_or_blank(char c)
{
    return c == ' ' || c == '\t' || c == '"' || c == '\'' || c == '\\';
}

// At the sign of `"token": "value"`, `token=value`, `Cookie: a=b`.
static size_t named_value(struct bytes text, size_t at, size_t *ret_kept)
{
    if (text.data[at] != '=' && text.data[at] != ':')
        return 0;
    size_t end = at;
    while (end > 0 && is_quote_or_blank(text.data[end - 1]))
        end--;
    size_t name = end;
    while (name > 0 && is_word(text.data[name - 1]))
        name--;
    if (name == end || !redact_names_a_secret(bytes_of(text.data + name, end - name)))
        return 0;
    size_t value = at + 1 + span_of(text, at + 1, is_quote_or_blank);
    bool quoted = value > at + 1 && strchr("\"'", text.data[value - 1]) != NULL;
    const char *ends = quoted ? "\"'" : "\"' \t\r\n,&}])";
    end = value;
    while (end < text.length && text.data[end] != '\0' && strchr(ends, text.data[end]) == NULL)
        end++;
    *ret_kept = value - at;
    return end > value ? end - at : 0;
}

// Most text has no secret in it: a look at one byte tells where none begins.
static bool may_begin_one(char c)
{
    switch (c) {
    case 's':
    case 'S':
    case 'b':
    case 'B':
    case 'e':
    case '-':
    case ':':
    case '=':
        return true;
    default:
        return false;
    }
}

void redact_put(struct buffer *out, struct bytes text)
{
    static size_t (*const forms[])(struct bytes, size_t, size_t *) = {own_key,   scheme_token, named_value,
                                                                      web_token, pem_key,      url_user};
    size_t shown = 0;
    for (size_t at = 0; at < text.length;) {
        size_t length = 0, kept = 0;
        bool looked_at = may_begin_one(text.data[at]);
        for (size_t i = 0; looked_at && length == 0 && i < sizeof forms / sizeof *forms; i++) {
            kept = 0;
            length = forms[i](text, at, &kept);
        }
        if (length == 0) {
            at++;
            continue;
        }
        buffer_append(out, text.data + shown, at + kept - shown);
        buffer_append_text(out, REDACTED);
        at += length;
        shown = at;
    }
    buffer_append(out, text.data + shown, text.length - shown);
}
