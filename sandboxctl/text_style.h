// SPDX-License-Identifier: Apache-2.0
// Colours and figures for people. Every function writes plain text where `colour` is false.
#pragma once

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_GOOD, STYLE_BAD, STYLE_WARN, STYLE_COUNT };

// The escape sequence that begins a style, "" without colour; style_end ends any of them.
const char *style_begin(bool colour, enum style style);
const char *style_end(bool colour);

// Text from elsewhere, which must neither steer the terminal nor read otherwise than it is: hidden characters
// (base/hidden_text.h), and what is no UTF-8, become '?'. NULL prints nothing. At least `width` characters
// wide, filled with spaces; longer text is not cut.
void put_foreign(FILE *out, const char *text, unsigned width);
// The same for text of several lines: newlines and tabs are kept.
void put_foreign_lines(FILE *out, struct bytes text);

enum { FIGURE_SIZE = 32 };
// "1.5 MiB", "24 KiB", "17 B".
const char *figure_bytes(uint64_t bytes, char text[FIGURE_SIZE]);
// "0.31 ms", "12.4 ms", "3.20 s".
const char *figure_us(uint64_t us, char text[FIGURE_SIZE]);
// "1,234,567".
const char *figure_count(uint64_t count, char text[FIGURE_SIZE]);
