// SPDX-License-Identifier: Apache-2.0
// What plugins log, as a stream of its own: one record a line in a file that the administrator names. It is
// the tenants' text, not ours, so it never mixes with the service's log unless it is sent there. Any thread.
#pragma once

#include "runtime/engine/engine.h"
#include "sandboxd/service.h"

// Opens log.plugin_file, or does nothing if it is not set.
bool plugin_log_open(struct service *service, struct error *err);
// Opens it again, for a file that was moved away. The old one goes on if that fails.
bool plugin_log_reopen(struct service *service, struct error *err);
void plugin_log_close(struct service *service);
// Makes the records of a run's lines while the result is there; nothing without a stream.
void plugin_log_gather(const struct service *service, const struct log_context *context,
                       const struct run_result *result, struct buffer *records);
// Empties `records`. A reader that does not read is waited for as by the service's log (base/log.h), and then
// no longer. Lines that could not be written are counted in `plugin_log_lost`; one that was cut is
// ended before the next.
void plugin_log_write(struct service *service, struct buffer *records);
