// SPDX-License-Identifier: Apache-2.0
// What libFuzzer calls, and what our targets ask of the code under test: `require`, so that a broken promise
// ends the process as a memory error would. Without libFuzzer, replay.c calls it with files.
#pragma once

#include "base/bytes.h"
#include "base/require.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
