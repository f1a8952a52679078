// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sandboxctl/command.h"

enum exit_status watch_command(const struct invocation *invocation);
