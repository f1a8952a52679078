// SPDX-License-Identifier: Apache-2.0
// Text within XML elements and attributes. Main thread only.
#pragma once

#include <stdio.h>

// Writes `text`, which is UTF-8, escaped; control characters that XML 1.0 does not have become '?'.
void xml_put(FILE *out, const char *text);
