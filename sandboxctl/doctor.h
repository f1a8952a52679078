// SPDX-License-Identifier: Apache-2.0
// `sandboxctl doctor`: what stands between a plugin and this host, and a self-attack that proves it.
#pragma once

#include "sandboxctl/command.h"

extern const struct option_spec doctor_options[];
enum exit_status doctor_command(const struct invocation *invocation);
