// SPDX-License-Identifier: Apache-2.0
// Leaves the session keyring that was inherited, with whatever keys the engine's session holds, for an empty
// one. No layer of its own to report: where it is refused, keyrings do not exist or are refused to workers
// by the same rule.
#pragma once

void session_keyring_leave(void);
