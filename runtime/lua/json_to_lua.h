// SPDX-License-Identifier: Apache-2.0
// JSON text to Lua values: for the context and for json.decode. Objects become tables, arrays marked tables
// (json_values.h), null inside them json.null, a lone null nil; numbers without fraction and exponent
// integers where they fit, else floats. Where a name comes twice, the last one counts.
#pragma once

#include "base/bytes.h"
#include "base/json_cursor.h"

#include <lua.h>
#include <stdbool.h>

// Pushes the one value of `text`; `depth_maximum` as for the cursor. False with `ret_fault` set, and nothing
// pushed, if the text is not strict JSON or the Lua stack cannot hold so deep a value. Holds nothing of C
// when it raises a Lua error, which it does only if Lua's memory runs out.
bool lua_push_json(lua_State *L, struct bytes text, unsigned depth_maximum, struct json_fault *ret_fault);
