// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "policies/policy.h"
#include "sandboxctl/bundle.h"
#include "sandboxctl/command.h"
#include "validation/validation.h"

extern const struct option_spec validate_options[];
// Looks at a plugin, its manifest included, in a worker on this machine; `bundle` gets its modules. A folder
// whose manifest does not even name its modules has nothing but the manifest to look at. NULL: nobody could
// look. The caller frees bundle and validation.
struct validation *validate_plugin(struct bundle *bundle, const char *plugin, const struct policy *policy,
                                   struct error *err);
enum exit_status validate_command(const struct invocation *invocation);
