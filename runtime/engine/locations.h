// SPDX-License-Identifier: Apache-2.0
// Where the zygote's executable, the probes and the stock policies are: beside the running executable, in a
// build folder or installed, so that a moved installation still works. The environment can name others: it is
// the administrator's own, and neither sandboxd nor sandboxctl is ever set-uid.
#pragma once

#include "base/error.h"

#include <limits.h>
#include <stdbool.h>

// SANDBOX_ZYGOTE_PATH, or the first that exists of the places beside the executable.
bool location_of_zygote(char ret_path[PATH_MAX], struct error *err);
// SANDBOX_PROBE_PATH or, without the filter, SANDBOX_PROBE_UNFILTERED_PATH; or the places beside it.
bool location_of_probe(bool filtered, char ret_path[PATH_MAX], struct error *err);
// SANDBOXD_POLICY_DIR, or the first that exists of the places beside the executable.
bool location_of_policies(char ret_path[PATH_MAX], struct error *err);
