// SPDX-License-Identifier: Apache-2.0
// The body of FRAME_LOG, as the engine reads it: what is taken is what the encoder would write.
#include "base/utf8.h"
#include "runtime/protocol/frame.h"
#include "runtime/protocol/job_messages.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct log_line line;
    if (!log_line_decode(bytes_of(data, size), &line))
        return 0;
    require(utf8_valid(line.message) && line.message.length <= LOG_MESSAGE_MAX);
    require(plugin_log_level_name(line.level) != NULL);
    struct buffer out = buffer_make(size + 100);
    log_line_encode(&out, &line);
    require(buffer_ok(&out) && out.length == FRAME_HEADER_SIZE + size);
    require(bytes_equal(bytes_of(out.data + FRAME_HEADER_SIZE, size), bytes_of(data, size)));
    buffer_free(&out);
    return 0;
}
