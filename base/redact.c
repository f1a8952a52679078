// SPDX-License-Identifier: Apache-2.0
#include "base/redact.h"

#include <ctype.h>
#include <strings.h>

enum { TOKEN_MIN = 8, WEB_TOKEN_MIN = 20, PEM_KIND_MAX = 52, MARKER_LENGTH = sizeof REDACTED - 1 };

static const char *const secret_names[] = {
    "authorization", "api_key",     "api-key",     "apikey",     "access_key", "access-key", "accesskey",
    "token",         "password",    "passwd",      "passphrase", "pwd",        "secret",     "cookie",
    "credential",    "private_key", "private-key", "session_id", "session-id", "sessionid"};

// Of these, the value goes on to the end of the line: parameters of any form.
static const char *const line_names[] = {"authorization", "cookie"};

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

static bool has_one_of(struct bytes name, const char *const *words, size_t count)
{
    for (size_t at = 0; at < name.length; at++) {
        char letter = (char)(name.data[at] | 0x20);
        for (size_t i = 0; may_begin_name(letter) && i < count; i++)
            if (letter == words[i][0] && equal_ignoring_case(name, at, words[i]))
                return true;
    }
    return false;
}

bool redact_names_a_secret(struct bytes name)
{
    return has_one_of(name, secret_names, sizeof secret_names / sizeof *secret_names);
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

static bool is_among(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_marker(struct bytes text, size_t at)
{
    return text.length - at >= MARKER_LENGTH && memcmp(text.data + at, REDACTED, MARKER_LENGTH) == 0;
}

// Each gives the length of the secret at `at`, or 0. `ret_kept`: bytes of it that may be shown before. None
// looks at more than it takes and a bounded rest, so that a text is gone through in linear time.

static size_t issued_key(struct bytes text, size_t at, size_t *ret_kept)
{
    // `length_min`: with the prefix. What is as short may be a word.
    static const struct {
        const char *prefix;
        size_t length_min;
        bool any_case;
        bool (*belongs)(char);
    } keys[] = {{"sbx_", 4, true, is_word},   {"eyJ", WEB_TOKEN_MIN, true, is_token},
                {"AKIA", 20, false, is_word}, {"ASIA", 20, false, is_word},
                {"ghp_", 20, false, is_word}, {"gho_", 20, false, is_word},
                {"ghu_", 20, false, is_word}, {"ghs_", 20, false, is_word},
                {"ghr_", 20, false, is_word}, {"github_pat_", 30, false, is_word}};
    (void)ret_kept;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *prefix = keys[i].prefix;
        if (!equal_ignoring_case(text, at, prefix) ||
            (!keys[i].any_case && memcmp(text.data + at, prefix, strlen(prefix)) != 0))
            continue;
        size_t length = span_of(text, at, keys[i].belongs);
        return length >= keys[i].length_min ? length : 0;
    }
    return 0;
}

// "Bearer " or "Basic " with the blanks after it; 0: neither.
static size_t scheme_length(struct bytes text, size_t at)
{
    size_t word = equal_ignoring_case(text, at, "bearer")  ? 6
                  : equal_ignoring_case(text, at, "basic") ? 5
                                                           : 0;
    size_t blanks = word > 0 ? span_of(text, at + word, is_blank) : 0;
    return blanks > 0 ? word + blanks : 0;
}

static size_t scheme_token(struct bytes text, size_t at, size_t *ret_kept)
{
    size_t scheme = scheme_length(text, at);
    size_t length = scheme > 0 ? span_of(text, at + scheme, is_token) : 0;
    *ret_kept = scheme;
    return length >= TOKEN_MIN ? scheme + length : 0;
}

static size_t pem_key(struct bytes text, size_t at, size_t *ret_kept)
{
    (void)ret_kept;
    if (!equal_ignoring_case(text, at, "-----BEGIN "))
        return 0;
    size_t room = text.length - at < PEM_KIND_MAX ? text.length - at : PEM_KIND_MAX;
    if (find(bytes_of(text.data + at, room), 0, "PRIVATE KEY") == room)
        return 0;
    size_t end = find(text, at, "-----END ");
    end = find(text, end + 9 < text.length ? end + 9 : text.length, "-----");
    return (end + 5 < text.length ? end + 5 : text.length) - at;
}

// To the last '@' before the host. `://u:12/3@host` may be a password with a '/' in it, or a host, its port
// and a path: it is taken for the former. Behind '?' and '#', which are seldom in passwords and often before
// an address, only if what is taken for the port is no number; no host has one.
static size_t url_user(struct bytes text, size_t at, size_t *ret_kept)
{
    static const char outside[] = " \t\r\n\"'<>", after_host[] = "/?#";
    if (!equal_ignoring_case(text, at, "://"))
        return 0;
    size_t user_end = 0, end = at + 3;
    bool has_port = false, host_over = false, port_is_number = true;
    for (; end < text.length && !is_among(text.data[end], outside); end++) {
        char c = text.data[end];
        if (equal_ignoring_case(text, end, "://"))
            break;
        if (c == '@')
            user_end = end;
        else if (is_among(c, after_host) && (user_end > 0 || !has_port || (port_is_number && c != '/')))
            break;
        host_over |= is_among(c, after_host);
        has_port |= c == ':' && text.data[at + 3] != '[';
        port_is_number &= !has_port || host_over || c == ':' || isdigit((unsigned char)c) != 0;
    }
    *ret_kept = 3;
    return user_end > at + 3 ? user_end - at : 0;
}

static bool is_before_sign(char c)
{
    return is_blank(c) || is_among(c, "\"'\\]");
}

// `t["token"] =`, `token =>`, `token :=`, and for headers and YAML also on the next line.
static bool is_after_colon(char c)
{
    return is_blank(c) || is_among(c, "=:>\r\n");
}

static bool is_after_equals(char c)
{
    return is_blank(c) || is_among(c, "=:>");
}

static bool is_backslash(char c)
{
    return c == '\\';
}

// The end of a string, its quote not included, whose opening quote has `escapes` backslashes before it: 0, or
// 1 in a string that is within a string, and so on. A quote with fewer ends a string around this one.
static size_t string_end(struct bytes text, size_t at, char quote, size_t escapes)
{
    for (size_t backslashes = 0; at < text.length; at++) {
        if (text.data[at] == quote && (backslashes < escapes || backslashes % (2 * (escapes + 1)) == escapes))
            return at - (backslashes < escapes ? backslashes : escapes);
        backslashes = text.data[at] == '\\' ? backslashes + 1 : 0;
    }
    return at;
}

// Behind the object or list that begins at `at`, or the end of the text.
static size_t structure_end(struct bytes text, size_t at)
{
    size_t depth = 0, backslashes = 0;
    for (; at < text.length; at++) {
        char c = text.data[at];
        if (c == '"' || c == '\'') {
            at = string_end(text, at + 1, c, backslashes) + backslashes;
            if (at >= text.length)
                return text.length;
        }
        backslashes = c == '\\' ? backslashes + 1 : 0;
        if (c == '{' || c == '[')
            depth++;
        else if ((c == '}' || c == ']') && --depth == 0)
            return at + 1;
    }
    return text.length;
}

// Whether a comma ends the value before it: in front of another `name=value`, a string, or nothing.
static bool ends_item(struct bytes text, size_t comma)
{
    size_t name = span_of(text, comma + 1, is_word), next = comma + 1 + name;
    if (next == text.length)
        return name == 0;
    return is_among(text.data[next], name > 0 ? "=:" : "\"' \t\r\n");
}

static size_t word_end(struct bytes text, size_t at)
{
    at += scheme_length(text, at);
    while (at < text.length && !is_among(text.data[at], "\"' \t\r\n&}])") &&
           (text.data[at] != ',' || !ends_item(text, at)))
        at += is_marker(text, at) ? MARKER_LENGTH : 1;
    return at;
}

static size_t line_end(struct bytes text, size_t at)
{
    while (at < text.length && text.data[at] != '\r' && text.data[at] != '\n')
        at++;
    return at;
}

static bool is_block_mark(char c)
{
    return is_among(c, "|>+-123456789");
}

// YAML's `password: |`, at the colon: the end of the indented lines below it, or 0. The first that is not
// empty says how far they are.
static size_t block_end(struct bytes text, size_t at, size_t *ret_begin)
{
    at += 1 + span_of(text, at + 1, is_blank);
    if (at == text.length || (text.data[at] != '|' && text.data[at] != '>'))
        return 0;
    at += span_of(text, at, is_block_mark);
    at += span_of(text, at, is_blank);
    size_t indent = 0, end = 0;
    while (at < text.length && is_among(text.data[at], "\r\n")) {
        size_t begin = at + 1 + span_of(text, at + 1, is_blank), blanks = begin - at - 1;
        at = line_end(text, begin);
        if (at == begin)
            continue;
        if (blanks == 0 || blanks < indent)
            break;
        if (end == 0) {
            indent = blanks;
            *ret_begin = begin;
        }
        end = at;
    }
    return end;
}

// At the sign of `"token": "value"`, `token=value`, `Cookie: a=b`.
static size_t named_value(struct bytes text, size_t at, size_t *ret_kept)
{
    if (text.data[at] != '=' && text.data[at] != ':')
        return 0;
    size_t end = at;
    while (end > 0 && is_before_sign(text.data[end - 1]))
        end--;
    size_t begin = end;
    while (begin > 0 && is_word(text.data[begin - 1]))
        begin--;
    struct bytes name = bytes_of(text.data + begin, end - begin);
    if (name.length == 0 || !redact_names_a_secret(name))
        return 0;
    size_t block = 0;
    end = text.data[at] == ':' ? block_end(text, at, &block) : 0;
    if (end > 0) {
        *ret_kept = block - at;
        return end - at;
    }
    size_t value = at + 1 + span_of(text, at + 1, text.data[at] == ':' ? is_after_colon : is_after_equals);
    size_t escapes = span_of(text, value, is_backslash);
    char first = value + escapes < text.length ? text.data[value + escapes] : ' ';
    if (first == '"' || first == '\'') {
        value += escapes + 1;
        end = string_end(text, value, first, escapes);
    } else if ((first == '{' || first == '[') && escapes == 0 && !is_marker(text, value)) {
        end = word_end(text, structure_end(text, value));
    } else if (has_one_of(name, line_names, sizeof line_names / sizeof *line_names)) {
        end = line_end(text, value);
    } else {
        end = word_end(text, value);
    }
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
    case 'E':
    case 'A':
    case 'g':
    case '-':
    case ':':
    case '=':
        return true;
    default:
        return false;
    }
}

// The next one at `*at` or behind it that is to be replaced; `*at` is where it begins then.
static bool next_secret(struct bytes text, size_t *at, size_t *ret_length)
{
    static size_t (*const forms[])(struct bytes, size_t, size_t *) = {issued_key, scheme_token, named_value,
                                                                      pem_key, url_user};
    while (*at < text.length) {
        if (is_marker(text, *at)) {
            *at += MARKER_LENGTH;
            continue;
        }
        size_t length = 0, kept = 0;
        bool looked_at = may_begin_one(text.data[*at]);
        for (size_t i = 0; looked_at && length == 0 && i < sizeof forms / sizeof *forms; i++) {
            kept = 0;
            length = forms[i](text, *at, &kept);
        }
        *at += length == 0 ? 1 : kept;
        if (length == 0)
            continue;
        *ret_length = length - kept;
        if (*ret_length != MARKER_LENGTH || !is_marker(text, *at))
            return true;
    }
    return false;
}

void redact_put(struct buffer *out, struct bytes text)
{
    size_t begin = out->length, shown = 0, at = 0, length = 0;
    while (next_secret(text, &at, &length)) {
        buffer_append(out, text.data + shown, at - shown);
        buffer_append_text(out, REDACTED);
        at += length;
        shown = at;
    }
    buffer_append(out, text.data + shown, text.length - shown);
    // Without what was taken out, the rest may read in another way: then none of it is shown.
    at = 0;
    if (shown > 0 && next_secret(bytes_of(out->data + begin, out->length - begin), &at, &length)) {
        out->length = begin;
        buffer_append_text(out, REDACTED);
    }
}
