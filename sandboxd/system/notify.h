// SPDX-License-Identifier: Apache-2.0
// Telling systemd how it goes (sd_notify(3)), without libsystemd: one datagram to $NOTIFY_SOCKET.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Sends `state` ("READY=1\nSTATUS=..."). Nothing happens where no service manager asked for it.
void notify_send(const char *state);
// RELOADING=1 with the time that systemd wants beside it.
void notify_reloading(void);
// How often WATCHDOG=1 is to be sent, in milliseconds: half of what systemd allows. 0: no watchdog.
uint32_t notify_watchdog_ms(void);
