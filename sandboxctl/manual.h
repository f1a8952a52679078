// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sandboxctl/command.h"

// sandboxctl manual: the page sandboxctl(1) as scdoc text, made from the command table. The build runs it.
enum exit_status manual_command(const struct invocation *invocation);
