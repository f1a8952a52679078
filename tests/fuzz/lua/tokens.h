// SPDX-License-Identifier: Apache-2.0
// The tokens of a Lua text, one at a time.
#pragma once

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

enum token_kind { TOKEN_END, TOKEN_NAME, TOKEN_KEYWORD, TOKEN_NUMBER, TOKEN_STRING, TOKEN_SIGN };

struct token {
    enum token_kind kind;
    uint32_t from, to;
};

// The first token at or after `at`. TOKEN_END also where a string has no end.
struct token token_after(struct bytes text, uint32_t at);
