// SPDX-License-Identifier: Apache-2.0
// `sandboxctl run --remote`: the same plugin, run by the server.
#pragma once

#include "sandboxctl/command.h"

// Rows of `run`'s option table.
#define REMOTE_RUN_OPTIONS \
    {"remote", 'r', NULL, "let the server run it; NAMESPACE/NAME[@VERSION] names a published plugin", NULL}, \
    { \
        "url", 0, "URL", "the server of --remote (default: as for the remote commands)", NULL \
    }

enum exit_status remote_run_command(const struct invocation *invocation);
