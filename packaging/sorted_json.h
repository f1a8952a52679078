// SPDX-License-Identifier: Apache-2.0
// One text for one JSON value, however it was written: what a hash is taken of.
#pragma once

#include "base/bytes.h"

// `text`, which is valid JSON, with names in order and no white space. The caller frees it; NULL when out of
// memory.
char *json_sorted(struct bytes text);
