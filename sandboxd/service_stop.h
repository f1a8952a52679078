// SPDX-License-Identifier: Apache-2.0
// The orderly end.
#pragma once

#include "sandboxd/service.h"

// Takes no more work, lets runs end until stop_timeout_ms (or a second signal), cancels the rest, answers
// everybody, and frees all. Also for a service that did not get far in starting. False if runs could not be
// brought to an end.
bool service_stop(struct service *service, int signals_fd);
