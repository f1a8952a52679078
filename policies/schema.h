// SPDX-License-Identifier: Apache-2.0
// The JSON Schema (2020-12) of a policy document, made from the member table: editors complete and check by
// it. policies/policy.schema.json is this text; a test holds it so.
#pragma once

// The whole schema, indented, with a newline at its end. The caller frees it; NULL when out of memory.
char *policy_schema_text(void);
