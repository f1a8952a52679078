// SPDX-License-Identifier: Apache-2.0
// What a validation found, for a person: one line each, with the source line that it is about, and a count.
#pragma once

#include "sandboxctl/bundle.h"
#include "validation/validation.h"

#include <stdbool.h>
#include <stdio.h>

// `plugin` is what the user called it; `bundle` has its modules, or none if they could not be read.
void findings_report(FILE *out, bool colour, const char *plugin, const struct bundle *bundle,
                     const struct validation *validation);
