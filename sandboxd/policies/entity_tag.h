// SPDX-License-Identifier: Apache-2.0
// Entity tags (RFC 9110, 8.8.3 and 13.1): whether what is live is what a caller thinks it is.
#pragma once

#include <stdbool.h>

// True if `header` (the value of If-Match or If-None-Match) is "*" or names `tag`, given without quotes.
// `tag` NULL: nothing is there, and nothing matches. Weak tags never match: these are strong.
bool entity_tag_matches(const char *header, const char *tag);
