// SPDX-License-Identifier: Apache-2.0
#include "base/uuid.h"

#include "base/clock.h"
#include "base/require.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/random.h>
#include <time.h>

// Milliseconds in the upper 48 bits and 12 bits of their fraction (RFC 9562, 6.2, method 3), but always
// above what this process used before, so that two ids within one tick keep their order.
static uint64_t next_stamp(void)
{
    static _Atomic uint64_t last;
    struct timespec now;
    require(clock_gettime(CLOCK_REALTIME, &now) == 0);
    uint64_t ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / NS_PER_MS;
    uint64_t fraction = (uint64_t)now.tv_nsec % NS_PER_MS * 4096 / NS_PER_MS;
    uint64_t stamp = ms << 12 | fraction;
    uint64_t before = last;
    uint64_t next;
    do {
        next = stamp > before ? stamp : before + 1;
    } while (!atomic_compare_exchange_weak(&last, &before, next));
    return next;
}

static void fill_random(uint8_t *bytes, size_t length)
{
    // Requests of up to 256 bytes are never cut short; before the pool is seeded, the call waits.
    ssize_t got;
    do {
        got = getrandom(bytes, length, 0);
    } while (got < 0 && errno == EINTR);
    require(got == (ssize_t)length);
}

void uuid_v7(char text[UUID_TEXT_SIZE])
{
    uint64_t stamp = next_stamp();
    uint8_t bytes[16];
    fill_random(bytes + 8, 8);
    for (int i = 0; i < 6; i++)
        bytes[i] = (uint8_t)(stamp >> (52 - 8 * i));
    bytes[6] = (uint8_t)(0x70 | (stamp >> 8 & 0x0f));
    bytes[7] = (uint8_t)stamp;
    bytes[8] = (uint8_t)(0x80 | (bytes[8] & 0x3f));
    size_t at = 0;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text[at++] = '-';
        text[at++] = "0123456789abcdef"[bytes[i] >> 4];
        text[at++] = "0123456789abcdef"[bytes[i] & 15];
    }
    text[at] = '\0';
}

bool uuid_text_valid(const char *text, size_t length)
{
    if (length != UUID_TEXT_SIZE - 1)
        return false;
    for (size_t i = 0; i < length; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        bool hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
        if (hyphen ? text[i] != '-' : !hex)
            return false;
    }
    return true;
}
