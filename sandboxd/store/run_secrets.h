// SPDX-License-Identifier: Apache-2.0
// What a plugin says when it fails, without the secrets that it was given. Any thread.
#pragma once

#include "base/buffer.h"
#include "base/bytes.h"

enum { RUN_TEXT_SEARCHED_MAX = 4096, RUN_CONTEXT_SEARCHED_MAX = 64 * 1024, RUN_SECRETS_MAX = 64 };

// Appends `text` with these replaced: what looks like a secret (base/redact.h), and every string or number of
// `context` (strict JSON, or empty) below a member whose name names a secret. A longer text or context, or
// one with more such values than RUN_SECRETS_MAX, is not searched: then nothing of the text is appended, but
// a note. So the work is bounded, whatever a tenant sends.
void run_secrets_redact(struct buffer *out, struct bytes text, struct bytes context);
