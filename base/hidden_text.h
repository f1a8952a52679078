// SPDX-License-Identifier: Apache-2.0
// Characters that are not seen, or that change how others are seen: controls, which a terminal obeys; those
// that turn the direction of text around, so that it reads otherwise than it is; and those that take no
// room, so that two names look the same. They have no place in a name, and are never shown as they are.
// After Unicode's White_Space, Default_Ignorable_Code_Point and general category Cf, without those that have
// a shape of their own. Allocates nothing; async-signal-safe; any process.
#pragma once

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// How many bytes of `text` a hidden character takes that begins at `at`; 0 if there is none, and for what is
// no UTF-8. Joiners (U+200C, U+200D) are hidden but between characters beyond ASCII, which Persian, the
// languages of India and emoji need.
size_t hidden_length(struct bytes text, size_t at, uint32_t *ret_code_point);

// The first hidden character of `text`; false if there is none. In a text of several lines newlines and tabs
// are none.
bool hidden_find(struct bytes text, bool has_lines, uint32_t *ret_code_point);

// What is wrong with a text that has one: a format for printf, with the code point.
#define HIDDEN_TEXT_FAULT \
    "it has the character U+%04X, which is not seen, or changes how the rest is read: leave it out"

enum { HIDDEN_ESCAPE_SIZE = 13 };
// As JSON has it: "\u202e", "\ud834\udd73". Returns its length.
size_t hidden_escape(uint32_t code_point, char escape[HIDDEN_ESCAPE_SIZE]);
