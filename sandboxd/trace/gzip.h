// SPDX-License-Identifier: Apache-2.0
// Compression of request bodies (RFC 1952). Any thread.
#pragma once

#include "base/buffer.h"
#include "base/bytes.h"

// Appends the compressed form. False when out of memory.
bool gzip_put(struct buffer *out, struct bytes data);
