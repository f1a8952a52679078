// SPDX-License-Identifier: Apache-2.0
// The sockets that the configuration asks for, or that systemd hands over.
#pragma once

#include "sandboxd/config/config.h"
#include "sandboxd/http/server.h"

// Opens all of them, or none. Sockets of systemd take the place of `listen`.
bool service_open_endpoints(const struct config *config, struct http_endpoint ret_endpoints[LISTENERS_MAX],
                            unsigned *ret_count, struct error *err);
