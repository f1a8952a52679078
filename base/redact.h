// SPDX-License-Identifier: Apache-2.0
// Taking secrets out of text that is kept: by the name of what holds it, and by what secrets look like. It
// knows forms, not values: a password that stands alone in a sentence passes. Any process; allocates nothing
// by itself.
#pragma once

#include "base/buffer.h"
#include "base/bytes.h"

#define REDACTED "[redacted]"

// Whether a member, header or field of this name holds a secret: authorization, api_key, access_key, token,
// password, passphrase, pwd, secret, cookie, session_id, credential, private_key and names that have one of
// these in them.
bool redact_names_a_secret(struct bytes name);

// Appends `text` with these replaced by "[redacted]": our own keys ("sbx_..."), those of AWS and GitHub, what
// follows "Bearer" and "Basic", JSON Web Tokens, private keys in PEM form, user and password in a URL, and
// the value of `name=value` or `"name": "value"` where the name names a secret: a string, an object or list
// whole, the indented lines of a YAML block, of an authorization or cookie the rest of the line, otherwise a
// word, commas included that no other `name=value` follows. In linear time. Doing it to
// the result changes nothing.
void redact_put(struct buffer *out, struct bytes text);
