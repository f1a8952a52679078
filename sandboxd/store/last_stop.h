// SPDX-License-Identifier: Apache-2.0
// Whether the one before us stopped in good order: a file in the state folder is there while a store is open.
// One that was killed may have left runs in its journal that are not in the store. One thread.
#pragma once

#include "base/error.h"

#include <stdbool.h>

// Marks the folder. `ret_interrupted`: the mark was there already.
bool last_stop_mark(const char *folder, bool *ret_interrupted, struct error *err);
// All is written. What fails only makes the next start say too much.
void last_stop_clear(const char *folder);
