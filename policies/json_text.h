// SPDX-License-Identifier: Apache-2.0
// A jansson value from text and as text, whole or not at all. jansson itself (up to 2.14) goes on after some
// failed allocations: a byte that it had no room for is missing from a string (lex_save in its load.c), and
// if that was the closing quote, it copies from beyond the one block to beyond the other. It also calls some
// of them a fault of the text. So this watches its allocations, and leaves it at the first that fails while
// it reads. Any thread.
#pragma once

#include "base/bytes.h"

#include <jansson.h>
#include <stdbool.h>

// json_loadb, with its flags. NULL without memory as well: then json_error_code(ret_fault), which may be
// NULL, is json_error_out_of_memory.
json_t *json_read(struct bytes text, size_t flags, json_error_t *ret_fault);

// The caller frees it; NULL if there is no memory. `flags` are json_dumps'. This measures first and then
// writes into memory that is there.
char *json_text_of(const json_t *value, size_t flags);

// From now on, json_memory_lacked tells whether jansson has asked for memory in vain, in this thread: then
// what was built meanwhile may lack a part.
void json_memory_watch(void);
bool json_memory_lacked(void);
// How often it has, ever: for who builds a part.
unsigned json_memory_failures(void);
