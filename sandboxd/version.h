// SPDX-License-Identifier: Apache-2.0
// SANDBOXD_VERSION comes from meson.
#pragma once

#ifndef SANDBOXD_VERSION
#error "meson defines SANDBOXD_VERSION"
#endif

// The commit that this was built from, with "-dirty" if files differed from it; "unknown" outside of a
// repository.
extern const char sandboxd_revision[];
