// SPDX-License-Identifier: Apache-2.0
// The body of FRAME_JOB, as a worker reads it: what is taken is what the encoder would write.
#include "runtime/protocol/frame.h"
#include "runtime/protocol/job_messages.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct job job;
    if (!job_decode(bytes_of(data, size), &job))
        return 0;
    require(run_limits_valid(&job.limits));
    struct buffer out = buffer_make(size + 100);
    job_encode(&out, &job);
    require(buffer_ok(&out) && out.length == FRAME_HEADER_SIZE + size);
    require(bytes_equal(bytes_of(out.data + FRAME_HEADER_SIZE, size), bytes_of(data, size)));
    buffer_free(&out);
    return 0;
}
