// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/lua/tokens.h"

#include <ctype.h>
#include <stddef.h>

static const char *const keywords[] = {
    "and", "break", "do",  "else", "elseif", "end",    "false",  "for",  "function", "goto",  "if",
    "in",  "local", "nil", "not",  "or",     "repeat", "return", "then", "true",     "until", "while",
};

static const char *const long_signs[] = {"...", "..", "::", "==", "~=", "<=", ">=", "<<", ">>", "//"};

static char at_or_nul(struct bytes text, size_t at)
{
    return at < text.length ? text.data[at] : '\0';
}

// "[[", "[==[": where what it opens ends, or 0 if there is none at `at`; past the end if it has no end.
static size_t long_bracket_end(struct bytes text, size_t at)
{
    size_t level = 0;
    while (at_or_nul(text, at + 1 + level) == '=')
        level++;
    if (at_or_nul(text, at) != '[' || at_or_nul(text, at + 1 + level) != '[')
        return 0;
    for (size_t i = at + 2 + level; i < text.length; i++) {
        size_t closing = 0;
        while (text.data[i] == ']' && at_or_nul(text, i + 1 + closing) == '=')
            closing++;
        if (text.data[i] == ']' && closing == level && at_or_nul(text, i + 1 + level) == ']')
            return i + 2 + level;
    }
    return text.length + 1;
}

static size_t skip_blank(struct bytes text, size_t at)
{
    while (at < text.length) {
        if (isspace((unsigned char)text.data[at])) {
            at++;
        } else if (text.data[at] == '-' && at_or_nul(text, at + 1) == '-') {
            size_t end = long_bracket_end(text, at + 2);
            for (at = end > 0 ? end : at; end == 0 && at < text.length && text.data[at] != '\n';)
                at++;
        } else {
            break;
        }
    }
    return at;
}

static size_t quoted_end(struct bytes text, size_t at)
{
    char quote = text.data[at];
    for (at++; at < text.length && text.data[at] != quote; at++)
        at += text.data[at] == '\\';
    return at + 1;
}

static size_t number_end(struct bytes text, size_t at)
{
    bool hexadecimal = text.data[at] == '0' && (at_or_nul(text, at + 1) | 0x20) == 'x';
    while (at < text.length && (isalnum((unsigned char)text.data[at]) || text.data[at] == '.')) {
        char exponent = (char)(text.data[at] | 0x20);
        char sign = at_or_nul(text, at + 1);
        at += exponent == (hexadecimal ? 'p' : 'e') && (sign == '+' || sign == '-') ? 2 : 1;
    }
    return at;
}

static size_t word_end(struct bytes text, size_t at)
{
    while (at < text.length && (isalnum((unsigned char)text.data[at]) || text.data[at] == '_'))
        at++;
    return at;
}

static size_t sign_end(struct bytes text, size_t at)
{
    for (size_t i = 0; i < sizeof long_signs / sizeof *long_signs; i++) {
        size_t length = strlen(long_signs[i]);
        if (length <= text.length - at && memcmp(text.data + at, long_signs[i], length) == 0)
            return at + length;
    }
    return at + 1;
}

static enum token_kind word_kind(struct bytes word)
{
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (bytes_equal_text(word, keywords[i]))
            return TOKEN_KEYWORD;
    return TOKEN_NAME;
}

struct token token_after(struct bytes text, uint32_t at)
{
    size_t from = skip_blank(text, at);
    struct token end = {TOKEN_END, (uint32_t)text.length, (uint32_t)text.length};
    if (from >= text.length)
        return end;
    char first = text.data[from];
    size_t to = long_bracket_end(text, from);
    enum token_kind kind = TOKEN_STRING;
    if (to == 0 && (first == '"' || first == '\'')) {
        to = quoted_end(text, from);
    } else if (to == 0 && (isdigit((unsigned char)first) ||
                           (first == '.' && isdigit((unsigned char)at_or_nul(text, from + 1))))) {
        to = number_end(text, from);
        kind = TOKEN_NUMBER;
    } else if (to == 0 && (isalpha((unsigned char)first) || first == '_')) {
        to = word_end(text, from);
        kind = word_kind(bytes_of(text.data + from, to - from));
    } else if (to == 0) {
        to = sign_end(text, from);
        kind = TOKEN_SIGN;
    }
    return to <= text.length ? (struct token){kind, (uint32_t)from, (uint32_t)to} : end;
}
