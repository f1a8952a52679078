// SPDX-License-Identifier: Apache-2.0
// The store's schema, as the steps that made it. A step that was ever released is never changed: a change is
// a new step. PRAGMA user_version says how many a file has seen.
#pragma once

extern const char *const migration_table[];
extern const unsigned migration_count;
