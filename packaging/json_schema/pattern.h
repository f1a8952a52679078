// SPDX-License-Identifier: Apache-2.0
// The keyword `pattern`: ECMA-262's regular expressions with the flag u, as far as they can be searched for
// in time that grows with the text alone (a set of states for each character, Thompson 1968), since both the
// expression and the text may be hostile. Without back references, looking around, named groups and \p.
#pragma once

#include "base/bytes.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct pattern;

// ERROR_INVALID tells what was expected, ERROR_LIMIT that it is too large. `text` is valid UTF-8.
struct pattern *pattern_read(struct bytes text, struct error *err);
void pattern_free(struct pattern *pattern);          // NULL is fine
size_t pattern_bytes(const struct pattern *pattern); // of memory that it keeps; 0 for NULL

enum pattern_verdict { PATTERN_FOUND, PATTERN_NOT_FOUND, PATTERN_TOO_MUCH };
// Searches valid UTF-8 for it. Every state that is looked at takes one from `work`; when none is left, the
// verdict is PATTERN_TOO_MUCH. Any thread.
enum pattern_verdict pattern_find(const struct pattern *pattern, struct bytes text, uint64_t *work);
