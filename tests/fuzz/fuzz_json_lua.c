// SPDX-License-Identifier: Apache-2.0
// JSON into Lua and back: what was read can be written, what was written is strict JSON, and reading that
// gives the same bytes again.
#include "runtime/lua/json_from_lua.h"
#include "runtime/lua/json_to_lua.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/bare_lua.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct lua_json_limits limits = {.depth = 32, .bytes = 1 << 24, .nodes = 1 << 20};
    struct bytes text = bytes_of(data, size);
    struct json_fault fault;
    char message[LUA_JSON_MESSAGE_SIZE];
    lua_State *L = bare_lua_new();
    bool read = lua_push_json(L, text, 32, &fault);
    require(read == json_check(text, 32, NULL));
    if (read) {
        struct buffer first = buffer_make(1 << 24);
        struct buffer second = buffer_make(1 << 24);
        require(lua_write_json(L, -1, &limits, &first, message) == LUA_JSON_OK);
        struct bytes written = bytes_of(first.data, first.length);
        require(json_check(written, 32, NULL));
        require(lua_push_json(L, written, 32, &fault));
        require(lua_write_json(L, -1, &limits, &second, message) == LUA_JSON_OK);
        require(bytes_equal(written, bytes_of(second.data, second.length)));
        buffer_free(&first);
        buffer_free(&second);
    }
    lua_close(L);
    return 0;
}
