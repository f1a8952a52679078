// SPDX-License-Identifier: Apache-2.0
// What is looked at of the service, and where a figure stops being good. To be started after everything that
// it looks at, and stopped before.
#pragma once

#include "sandboxd/service.h"

bool service_start_health(struct service *service, struct error *err);
// The isolation layers as the checks last saw them, without waiting for anybody. False if no policy was live.
bool service_isolation_seen(struct service *service, struct isolation_report *ret_report);
