// SPDX-License-Identifier: Apache-2.0
// JSON with texts from elsewhere, printed so that it neither steers a terminal nor reads otherwise than it
// is: hidden characters (base/hidden_text.h) become escapes, which leaves every value as it was. Main thread
// only.
#pragma once

#include "base/bytes.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

// A JSON text as it was written, white space too; what is no UTF-8 becomes '?'.
void put_foreign_json(FILE *out, struct bytes json);
// A value and a newline, with jansson's flags of json_dumps. False if memory ran out: nothing was written.
bool json_show(FILE *out, const json_t *value, size_t flags);
