// SPDX-License-Identifier: Apache-2.0
// Writing JSON text piece by piece into a buffer: for results, logs and metrics, where building a tree first
// would cost more than the text. Any process.
#pragma once

#include "base/buffer.h"
#include "base/bytes.h"

#include <stdint.h>

// A quoted, escaped string. Bytes that are not UTF-8 become U+FFFD, so that the text is always valid JSON.
void json_put_string(struct buffer *out, struct bytes text);
void json_put_text(struct buffer *out, const char *text);
void json_put_integer(struct buffer *out, int64_t value);
void json_put_unsigned(struct buffer *out, uint64_t value);
// The shortest form that reads back as the same double. Not for NaN or infinity.
void json_put_double(struct buffer *out, double value);
// Milliseconds with up to three decimals from a number of microseconds: 1234 gives 1.234.
void json_put_ms_from_us(struct buffer *out, uint64_t us);
// `"name":`, with a comma before it unless the last byte in the buffer is '{'.
void json_put_name(struct buffer *out, const char *name);
