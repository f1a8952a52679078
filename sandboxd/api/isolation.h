// SPDX-License-Identifier: Apache-2.0
// What stands between plugins and this host, over all policies together.
#pragma once

#include "sandboxd/service.h"

// The worst that any live policy's zygote found of each layer. False if no policy is live.
bool isolation_overall(struct service *service, struct isolation_report *ret_report);
