// SPDX-License-Identifier: Apache-2.0
// Files for editors and linters, generated from the one table of the Lua environment: stubs with ---@meta
// annotations, and configurations of luacheck and lua-language-server. What they name is exactly what a
// plugin sees under a policy.
#pragma once

#include "policies/policy.h"

#include <stdio.h>

void editor_put_stubs(FILE *out, const struct policy *policy);
void editor_put_luacheckrc(FILE *out, const struct policy *policy);
// Takes the language server's own declarations away, so that those of the stubs are all that there are.
void editor_put_luarc(FILE *out, const struct policy *policy);
