// SPDX-License-Identifier: Apache-2.0
// Reading and writing the numbers of JSON text. Exact: what is read is the nearest double, what is written
// is the shortest text that reads back as the same one. Allocates nothing; any process.
#pragma once

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>

// `text` is the text of one JSON number (RFC 8259's grammar, as JSON_INTEGER and JSON_FLOAT tokens carry it).
// True if the nearest double is infinite. Async-signal-safe.
bool json_number_overflows(struct bytes text);
// The nearest double; infinite if it overflows.
double json_number_to_double(struct bytes text);

enum { JSON_DOUBLE_TEXT_SIZE = 32 };
// Writes a finite `value` and a NUL; returns the length. A whole number has no fraction: 1.0 gives "1".
size_t json_number_text(double value, char text[JSON_DOUBLE_TEXT_SIZE]);
