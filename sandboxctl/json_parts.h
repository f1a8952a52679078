// SPDX-License-Identifier: Apache-2.0
// A JSON text taken apart one level deep, each part as it is written: a tree of doubles and 64-bit integers
// cannot hold every number. Any thread.
#pragma once

#include "base/bytes.h"
#include "base/error.h"

#include <stdbool.h>

// Whether it is one strict JSON value; the error says "file:line:column: ...".
bool json_parts_check(struct bytes text, const char *file, struct error *err);

// The first character that is no white space, after which the caller knows its kind: '{', '[', ... 0: none.
char json_parts_kind(struct bytes text);

// Calls `take` for each member of the object, or each item of the array (its name is empty), in their order;
// the parts are borrowed from `text`, escapes in names not resolved. False as soon as `take` is; a text that
// json_parts_check refuses ends where it is at fault.
bool json_parts_each(struct bytes text, bool (*take)(void *user, struct bytes name, struct bytes value),
                     void *user);
