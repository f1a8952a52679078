// SPDX-License-Identifier: Apache-2.0
// Tracing, switched on by the environment.
#pragma once

#include "sandboxd/service.h"

// Reads OTEL_*, logs what is wrong in it, and starts the exporter if an endpoint is named.
bool service_start_tracing(struct service *service, struct error *err);
