// SPDX-License-Identifier: Apache-2.0
// A moment as people name it on a command line. Pure.
#pragma once

#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>

// "15m" (s, m, h, d: so long before `now_unix_ms`) as RFC 3339. False for anything else, which the server
// judges.
bool time_option_ago(const char *text, int64_t now_unix_ms, char ret_time[CLOCK_TEXT_SIZE]);
