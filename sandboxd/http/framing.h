// SPDX-License-Identifier: Apache-2.0
// The guard against ambiguous message framing: what two HTTP parsers in a row might read differently is
// refused and the connection closed, before anything of the request is acted upon. libmicrohttpd 0.9.75 lets
// all of these through. Pure; any thread.
#pragma once

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

struct framing {
    unsigned content_lengths; // fields seen
    unsigned transfer_encodings;
    unsigned hosts;
    uint64_t content_length; // when content_lengths == 1
    const char *fault;       // the first one, static text; NULL: none
};

// Takes the next header field.
void framing_header(struct framing *framing, struct bytes name, struct bytes value);
// After the last one: whether the message has one meaning only. `method` and `version` as on the request
// line. False: `framing->fault` says why, for the client.
bool framing_check(struct framing *framing, const char *method, const char *version);
