// SPDX-License-Identifier: Apache-2.0
// GET /metrics: what was counted, and gauges read at this moment.
#pragma once

#include "sandboxd/observe/exposition.h"
#include "sandboxd/service.h"

// The whole page. Takes no lock that a request or a run takes: a scrape holds up nobody, and is answered
// while any of them is held. Any thread.
void metrics_page_put(struct exposition *out, struct service *service);
