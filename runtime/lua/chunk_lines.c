// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/chunk_lines.h"

#include "base/buffer.h"

#include <string.h>

enum {
    DUMP_BYTES_MAX = 1 << 28,
    LINE_IS_ABSOLUTE = -0x80, // among the differences of lines
    INSTRUCTION_BYTES = 4,
    NESTING_MAX = 250, // LUAI_MAXCCALLS bounds what compiles
};

static const char header[] = LUA_SIGNATURE "\x54\x00\x19\x93\r\n\x1a\n\x04\x08\x08";
enum { HEADER_BYTES = sizeof header - 1 + 8 + 8 + 1 }; // a sample integer and float; how many upvalues

// Types of constants, as lobject.h has them.
enum { CONSTANT_INTEGER = 0x03, CONSTANT_FLOAT = 0x13, CONSTANT_STRING = 0x04, CONSTANT_LONG_STRING = 0x14 };

struct dump {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
    void (*take)(void *user, uint32_t line);
    void *user;
};

static const uint8_t *take_bytes(struct dump *dump, uint64_t size)
{
    if (dump->failed || size > (uint64_t)(dump->end - dump->at)) {
        dump->failed = true;
        return NULL;
    }
    const uint8_t *taken = dump->at;
    dump->at += size;
    return taken;
}

static uint8_t take_byte(struct dump *dump)
{
    const uint8_t *byte = take_bytes(dump, 1);
    return byte != NULL ? *byte : 0;
}

// Seven bits a byte, the highest first; the last byte has its high bit set.
static uint64_t take_size(struct dump *dump)
{
    uint64_t size = 0;
    uint8_t byte = 0;
    while (!dump->failed && (byte & 0x80) == 0) {
        byte = take_byte(dump);
        if (size >> 57 != 0)
            dump->failed = true;
        size = size << 7 | (byte & 0x7f);
    }
    return dump->failed ? 0 : size;
}

// Its size is stored one larger; 0 is no string at all.
static void pass_string(struct dump *dump)
{
    uint64_t size = take_size(dump);
    take_bytes(dump, size > 0 ? size - 1 : 0);
}

static void pass_constants(struct dump *dump)
{
    for (uint64_t count = take_size(dump); count > 0 && !dump->failed; count--) {
        uint8_t type = take_byte(dump);
        if (type == CONSTANT_INTEGER || type == CONSTANT_FLOAT)
            take_bytes(dump, 8);
        else if (type == CONSTANT_STRING || type == CONSTANT_LONG_STRING)
            pass_string(dump);
    }
}

// Lines are stored as differences to the instruction before, with absolute ones in a list of their own.
static void read_lines(struct dump *dump, uint32_t first_line, bool vararg)
{
    uint64_t count = take_size(dump);
    const uint8_t *differences = take_bytes(dump, count);
    uint64_t absolutes = take_size(dump);
    uint32_t line = first_line;
    for (uint64_t i = 0; i < count && !dump->failed; i++) {
        int8_t difference = (int8_t)differences[i];
        if (difference == LINE_IS_ABSOLUTE && absolutes > 0) {
            take_size(dump); // of which instruction
            line = (uint32_t)take_size(dump);
            absolutes--;
        } else {
            line += (uint32_t)(int32_t)difference;
        }
        // A vararg function begins with an instruction of no line of the source.
        if (i + 1 < count && !(vararg && i == 0))
            dump->take(dump->user, line);
    }
    dump->failed = dump->failed || absolutes > 0;
}

static void read_function(struct dump *dump, unsigned depth)
{
    if (depth == NESTING_MAX) {
        dump->failed = true;
        return;
    }
    pass_string(dump); // source
    uint32_t first_line = (uint32_t)take_size(dump);
    take_size(dump); // last line
    take_byte(dump); // parameters
    bool vararg = take_byte(dump) != 0;
    take_byte(dump); // stack size
    uint64_t instructions = take_size(dump);
    take_bytes(dump, instructions < DUMP_BYTES_MAX ? instructions * INSTRUCTION_BYTES : UINT64_MAX);
    pass_constants(dump);
    uint64_t upvalues = take_size(dump);
    take_bytes(dump, upvalues < DUMP_BYTES_MAX ? upvalues * 3 : UINT64_MAX);
    for (uint64_t count = take_size(dump); count > 0 && !dump->failed; count--)
        read_function(dump, depth + 1);
    read_lines(dump, first_line, vararg);
    for (uint64_t locals = take_size(dump); locals > 0 && !dump->failed; locals--) {
        pass_string(dump);
        take_size(dump);
        take_size(dump);
    }
    for (uint64_t names = take_size(dump); names > 0 && !dump->failed; names--)
        pass_string(dump);
}

static int append(lua_State *L, const void *piece, size_t size, void *user)
{
    (void)L;
    struct buffer *out = user;
    buffer_append(out, piece, size);
    return buffer_ok(out) ? 0 : 1;
}

bool chunk_lines_each(lua_State *L, void (*take)(void *user, uint32_t line), void *user)
{
    struct buffer text = buffer_make(DUMP_BYTES_MAX);
    bool dumped = lua_dump(L, append, &text, 0) == 0 && text.length >= HEADER_BYTES &&
                  memcmp(text.data, header, sizeof header - 1) == 0;
    struct dump dump = {.failed = !dumped, .take = take, .user = user};
    if (dumped) {
        dump.at = (const uint8_t *)text.data + HEADER_BYTES;
        dump.end = (const uint8_t *)text.data + text.length;
        read_function(&dump, 0);
    }
    bool whole = !dump.failed && dump.at == dump.end;
    buffer_free(&text);
    return whole;
}
