// SPDX-License-Identifier: Apache-2.0
// Somebody else's text inside a message of ours: in quotes, cut when long, with nothing in it that a terminal
// or a log would obey.
#pragma once

#include "base/bytes.h"

enum { QUOTE_SIZE = 96 };

// Writes `text` in double quotes into `out` and returns it. `text` must be valid UTF-8; so is the result.
// Hidden characters (base/hidden_text.h), quotes and backslashes become '?'; more than about 80 bytes are cut
// and end in "...".
const char *quote(struct bytes text, char out[QUOTE_SIZE]);
