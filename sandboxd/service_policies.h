// SPDX-License-Identifier: Apache-2.0
// Policies and configuration, at start and at SIGHUP.
#pragma once

#include "sandboxd/service.h"

// Loads the policy folder and starts a zygote for each. A policy that cannot run on this host is logged, and
// its runs are answered 503; with none left, or a fault in any document, false.
bool service_start_policies(struct service *service, struct error *err);
// SIGHUP: takes over what can change while running, and logs what could not.
void service_reload(struct service *service);
// Each fault as a line of the log.
void service_log_faults(struct service *service, const struct diagnostics *faults, const char *message);
