// SPDX-License-Identifier: Apache-2.0
// Packets of the control socket, in both directions: what is taken is what the encoder would write.
#include "runtime/protocol/zygote_messages.h"
#include "tests/fuzz/fuzz.h"

// Decodes the packet and encodes it again; false if it was refused.
static bool again(uint8_t type, struct bytes body, struct buffer *out)
{
    union {
        struct zygote_setup setup;
        struct zygote_spawn spawn;
        struct zygote_kill kill;
        struct zygote_give_way give_way;
        struct zygote_bound_cpu bound_cpu;
        struct zygote_ready ready;
        struct zygote_failed failed;
        struct zygote_exited exited;
    } packet;
    switch (type) {
#define PACKET(type_, name) \
    case type_: \
        if (!zygote_##name##_decode(body, &packet.name)) \
            return false; \
        zygote_##name##_encode(out, &packet.name); \
        return true
        PACKET(ZYGOTE_SETUP, setup);
        PACKET(ZYGOTE_SPAWN, spawn);
        PACKET(ZYGOTE_KILL, kill);
        PACKET(ZYGOTE_GIVE_WAY, give_way);
        PACKET(ZYGOTE_BOUND_CPU, bound_cpu);
        PACKET(ZYGOTE_READY, ready);
        PACKET(ZYGOTE_FAILED, failed);
        PACKET(ZYGOTE_EXITED, exited);
#undef PACKET
    default:
        return false;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct buffer out = buffer_make(size + 100);
    if (again(data[0], bytes_of(data + 1, size - 1), &out))
        require(buffer_ok(&out) && bytes_equal(bytes_of(out.data, out.length), bytes_of(data, size)));
    buffer_free(&out);
    return 0;
}
