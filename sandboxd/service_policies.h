// SPDX-License-Identifier: Apache-2.0
// Policies and configuration at SIGHUP.
#pragma once

#include "sandboxd/service.h"

// SIGHUP: takes over what can change while running, and logs what could not.
void service_reload(struct service *service);
// Each fault as a line of the log.
void service_log_faults(struct service *service, const struct diagnostics *faults, const char *message);
