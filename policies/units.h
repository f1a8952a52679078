// SPDX-License-Identifier: Apache-2.0
// Sizes and times as people write them: "256MiB", "10s". One reader and one writer for policies, requests,
// configuration and the command line. Any thread.
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "runtime/protocol/limits.h"

#include <stdbool.h>
#include <stdint.h>

// Reads a whole number and a unit, with at most one space between them: B, KiB, MiB, GiB, TiB for UNIT_BYTES,
// ms, s, min, h for UNIT_MS. UNIT_COUNT has no units: such a value is written as a number. A number without a
// unit is refused: in JSON it is written without quotes. ERROR_INVALID tells what was expected.
bool units_parse(struct bytes text, enum limit_unit unit, uint64_t *ret_value, struct error *err);

enum { UNITS_TEXT_SIZE = 48 };
// For people: "256 MiB", "10 s", "1,500 ms", "10,000,000": exact, in the largest unit that divides the value,
// and a NUL.
void units_format(uint64_t value, enum limit_unit unit, char text[UNITS_TEXT_SIZE]);
// As a document has it, so that units_parse reads it back: "256MiB", "1500ms". Not for UNIT_COUNT.
void units_spell(uint64_t value, enum limit_unit unit, char text[UNITS_TEXT_SIZE]);
// For people: the same, but rounded to three digits where that is shorter: "12.3 MiB", "1.25 s".
void units_format_rounded(uint64_t value, enum limit_unit unit, char text[UNITS_TEXT_SIZE]);

// The least readable value not below `value`: 1, 1.5, 2, 3, 4, 6 or 8 times a power of ten for times and
// counts (and 2.5, 5), 1 or 1.5 times a power of two of KiB for sizes.
uint64_t units_round_up(uint64_t value, enum limit_unit unit);
