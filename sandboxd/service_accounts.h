// SPDX-License-Identifier: Apache-2.0
// Accounts and their limits at start and while the service goes on. Main thread.
#pragma once

#include "sandboxd/service.h"

// Reads the accounts. With auth on, and no admin's key that can be used, makes one and writes it to the file
// admin.key in the state folder.
bool service_start_accounts(struct service *service, struct error *err);
// Has the store keep when keys were last used, every so often. Does not wait.
void service_keep_accounts(struct service *service);
void service_stop_accounts(struct service *service);
