// SPDX-License-Identifier: Apache-2.0
// The detail of a line of the audit log, before it is kept. Pure.
#pragma once

#include "base/error.h"

// `detail`, a JSON text, with what looks like a secret taken out of its strings. The caller frees it. NULL if
// it is no JSON, or without memory.
char *audit_detail_redacted(const char *detail, struct error *err);
