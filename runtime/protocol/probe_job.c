// SPDX-License-Identifier: Apache-2.0
#include "runtime/protocol/probe_job.h"

#include "base/json_cursor.h"
#include "base/json_write.h"

#include <string.h>

static const char *const order_names[PROBE_ORDER_COUNT] = {
    [PROBE_LIST] = "list ", [PROBE_HOLD] = "hold ", [PROBE_BEFORE] = "before ", [PROBE_TRY] = "try "};

void probe_order_encode(struct buffer *out, const struct probe_order *order)
{
    buffer_append_text(out, order_names[order->kind]);
    json_put_unsigned(out, order->attempt);
}

static bool decode_index(struct bytes text, uint32_t *ret_index)
{
    uint32_t index = 0;
    if (text.length == 0 || text.length > 6)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        index = index * 10 + (uint32_t)(text.data[i] - '0');
    }
    *ret_index = index;
    return true;
}

bool probe_order_decode(struct bytes code, struct probe_order *ret_order)
{
    for (unsigned i = 0; i < PROBE_ORDER_COUNT; i++) {
        size_t length = strlen(order_names[i]);
        struct probe_order order = {.kind = (enum probe_order_kind)i};
        if (code.length < length || memcmp(code.data, order_names[i], length) != 0)
            continue;
        if (!decode_index(bytes_of(code.data + length, code.length - length), &order.attempt))
            return false;
        *ret_order = order;
        return true;
    }
    return false;
}

void probe_baits_encode(struct buffer *out, const struct probe_baits *baits)
{
    for (unsigned i = 0; i < BAIT_COUNT; i++) {
        buffer_append_byte(out, i == 0 ? '[' : ',');
        json_put_integer(out, baits->value[i]);
    }
    buffer_append_byte(out, ']');
}

bool probe_baits_decode(struct bytes context, struct probe_baits *ret_baits)
{
    struct json_cursor cursor;
    struct probe_baits baits;
    json_cursor_init(&cursor, context, 1);
    if (json_next(&cursor) != JSON_ARRAY_BEGIN)
        return false;
    for (unsigned i = 0; i < BAIT_COUNT; i++) {
        if (json_next(&cursor) != JSON_INTEGER)
            return false;
        baits.value[i] = cursor.integer;
    }
    if (json_next(&cursor) != JSON_ARRAY_END || json_next(&cursor) != JSON_END)
        return false;
    *ret_baits = baits;
    return true;
}
