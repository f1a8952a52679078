// SPDX-License-Identifier: Apache-2.0
// Whether systemd's journal reads what is written: it says so by $JOURNAL_STREAM (systemd.exec(5)). Then a
// line may begin with its priority (sd-daemon(3)), which the journal takes off.
#pragma once

#include <stdbool.h>

bool journal_reads(int fd);
