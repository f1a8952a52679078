// SPDX-License-Identifier: Apache-2.0
// `sandboxctl health`: the server's own report of its checks.
#pragma once

#include "sandboxctl/command.h"

enum exit_status health_command(const struct invocation *invocation);
