// SPDX-License-Identifier: Apache-2.0
// What sandboxctl's exit status means; the manual page lists the same.
#pragma once

enum exit_status {
    STATUS_SUCCESS = 0,
    STATUS_FAILURE = 1,
    STATUS_USAGE = 2,
    STATUS_PLUGIN_FAILED = 3, // the plugin, a test or a validation failed
    STATUS_NOT_ALLOWED = 4,   // not authenticated, or not allowed
    STATUS_NOT_FOUND = 5,
    STATUS_LIMITED = 6,     // refused by a limit or quota
    STATUS_UNREACHABLE = 7, // no server there
    STATUS_INTERRUPTED = 130,
};
