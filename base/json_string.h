// SPDX-License-Identifier: Apache-2.0
// The inside of a JSON string: checking it and resolving its escapes. Allocates nothing; async-signal-safe;
// any process.
#pragma once

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>

struct json_string {
    struct bytes span; // between the quotes, escapes not resolved
    bool has_escapes;
    size_t end;          // offset behind the closing quote
    const char *fault;   // when the scan failed: static text, and the offset of the byte at fault
    size_t fault_offset; // text.length if the text ended too early
};

// Checks the string whose first byte behind the opening quote is at `begin` of `text`: UTF-8, no control
// characters, known escapes, surrogates in pairs. False: only the fault is set.
bool json_string_scan(struct bytes text, size_t begin, struct json_string *ret_string);

// Resolves the escapes of a scanned span into `out`, which has room for span.length bytes (the result is
// never longer) and may be the span itself. Returns the length.
size_t json_unescape(struct bytes span, char *out);
