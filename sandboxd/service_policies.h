// SPDX-License-Identifier: Apache-2.0
// Policies and configuration at SIGHUP.
#pragma once

#include "sandboxd/service.h"

// SIGHUP: takes over what can change while running, and logs what could not. Main thread.
void service_reload_config(struct service *service);
// SIGHUP: has the policy folder read again by the thread of changes, which may wait for zygotes. False if too
// many changes wait: to be tried again.
bool service_reload_policies(struct service *service);
// Each fault as a line of the log.
void service_log_faults(struct service *service, const struct diagnostics *faults, const char *message);
