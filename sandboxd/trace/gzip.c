// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/trace/gzip.h"

#include "base/require.h"

#include <zlib.h>

enum { WINDOW_BITS_GZIP = 15 + 16, MEMORY_LEVEL = 8 };

bool gzip_put(struct buffer *out, struct bytes data)
{
    z_stream stream = {.next_in = (Bytef *)data.data, .avail_in = (uInt)data.length};
    require(data.length == stream.avail_in);
    if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, WINDOW_BITS_GZIP, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        return false;
    size_t room = deflateBound(&stream, data.length);
    stream.next_out = (Bytef *)buffer_reserve(out, room);
    stream.avail_out = (uInt)room;
    bool whole = stream.next_out != NULL && deflate(&stream, Z_FINISH) == Z_STREAM_END;
    if (whole)
        out->length += stream.total_out;
    deflateEnd(&stream);
    return whole;
}
