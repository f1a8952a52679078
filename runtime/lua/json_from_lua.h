// SPDX-License-Identifier: Apache-2.0
// Lua values to JSON text: for a run's output, a raised table and json.encode.
//
// Access is raw, no metamethod is called, and nothing is allocated in Lua, so that no Lua error is raised on
// the way. The same value always gives the same bytes: members are in the order of their names' bytes.
// A table with the keys 1..n is an array, one with string keys an object, an empty one an object unless it is
// marked as an array; anything else has no JSON form. Integers have all their digits; floats their shortest
// exact form, and always a fraction or an exponent ("1.0"), so that reading them back gives a float again.
#pragma once

#include "base/buffer.h"

#include <lua.h>
#include <stddef.h>

struct lua_json_limits {
    unsigned depth; // open arrays and objects, 1..JSON_DEPTH_MAX
    size_t bytes;   // of JSON text
    size_t nodes;   // values, member names not counted
};

enum lua_json_status {
    LUA_JSON_OK,
    LUA_JSON_INVALID,  // the value has no JSON form; the message tells what and where: "$.items[3].name: ..."
    LUA_JSON_TOO_LONG, // it would have more bytes or nodes than the limits allow
    LUA_JSON_NO_MEMORY // a C allocation failed: at most about six times `limits->bytes` are asked for
};

enum { LUA_JSON_MESSAGE_SIZE = 512 };

// Appends the JSON text of the value at `index` to `out`; unless the result is LUA_JSON_OK, `out` has as many
// bytes as before and `message` (NUL-terminated, valid UTF-8, no addresses) says why. nil gives "null".
// Leaves the Lua stack as it was.
enum lua_json_status lua_write_json(lua_State *L, int index, const struct lua_json_limits *limits,
                                    struct buffer *out, char message[LUA_JSON_MESSAGE_SIZE]);
