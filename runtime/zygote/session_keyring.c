// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/session_keyring.h"

#include <linux/keyctl.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

void session_keyring_leave(void)
{
    syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
}
