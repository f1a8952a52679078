// SPDX-License-Identifier: Apache-2.0
// JSON text for the eye: indented, and every number and string as it was written, hidden characters as
// escapes. Main thread only.
#pragma once

#include "base/bytes.h"

#include <stdio.h>

// Writes `json`, which has been checked, with two spaces for each level and no newline at its end.
void json_indent_put(FILE *out, struct bytes json);
